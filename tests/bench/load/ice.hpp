// ICE of a load generator: one candidate pair, both roles, no timers of its own. Sans-IO: checks go out through what it returns.
// STUN is libnice's codec. RFC 8445.
#pragma once

#include <stun/stunagent.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "sdp.hpp"

namespace cardea::load {

class Ice {
  public:
    Ice();

    [[nodiscard]] const testpeer::IceCredentials& local() const noexcept { return local_; }
    void set_remote(const testpeer::IceCredentials& remote, bool controlling);
    [[nodiscard]] bool has_remote() const noexcept { return !remote_.ufrag.empty(); }
    [[nodiscard]] bool connected() const noexcept { return connected_; }

    // A check when one is due: every 50 ms until one succeeds, then every 4 s (consent, RFC 7675). Empty: none is.
    [[nodiscard]] Bytes poll_check(Instant now);
    // A STUN datagram; what it wants to be answered with, empty for nothing.
    [[nodiscard]] Bytes on_datagram(Bytes datagram, const SocketAddress& from);

  private:
    [[nodiscard]] Bytes answer(StunMessage& request, const SocketAddress& from);

    StunAgent agent_{};
    testpeer::IceCredentials local_, remote_;
    std::uint64_t tie_breaker_;
    bool controlling_ = true;
    bool connected_ = false;
    Instant next_check_{};
    std::array<std::uint8_t, 512> out_{};
    std::array<std::uint8_t, 512> in_{};  // the codec reads a little past a datagram's end
};

}  // namespace cardea::load
