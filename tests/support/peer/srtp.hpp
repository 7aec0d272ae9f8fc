// SRTP of the test peer: libsrtp2, one context for each direction.
#pragma once

#include <srtp2/srtp.h>

#include <type_traits>
#include <vector>

#include "base/bytes.hpp"
#include "base/cptr.hpp"
#include "dtls.hpp"

namespace cardea::testpeer {

class SrtpSession {
  public:
    explicit SrtpSession(const SrtpKeys& keys);
    // In place; false when libsrtp2 refuses (authentication, replay).
    [[nodiscard]] bool protect_rtp(std::vector<std::uint8_t>& packet);
    [[nodiscard]] bool protect_rtcp(std::vector<std::uint8_t>& packet);
    [[nodiscard]] bool unprotect_rtp(std::vector<std::uint8_t>& packet);
    [[nodiscard]] bool unprotect_rtcp(std::vector<std::uint8_t>& packet);

  private:
    using Context = CPtr<std::remove_pointer_t<srtp_t>, srtp_dealloc>;
    Context out_;
    Context in_;
};

}  // namespace cardea::testpeer
