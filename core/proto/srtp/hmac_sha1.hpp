// HMAC-SHA1 (RFC 2104) with the padded key hashed once. EVP_MAC and EVP_MD of OpenSSL 3.0 allocate twice a packet when they start anew
// (measured); copying the two prepared states of the plain SHA-1 interface does not, and is a third faster.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.hpp"

namespace cardea {

class HmacSha1 {
  public:
    using Digest = std::array<std::uint8_t, 20>;

    explicit HmacSha1(Bytes key);
    HmacSha1(HmacSha1&&) noexcept;
    HmacSha1& operator=(HmacSha1&&) noexcept;
    ~HmacSha1();
    [[nodiscard]] Digest sign(Bytes data, Bytes trailer) const noexcept;  // over both, one after the other

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace cardea
