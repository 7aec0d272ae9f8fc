// Our own pass over a STUN message before libnice's codec sees it: framing only, no cryptography. The codec reads up to 20 bytes past a
// MESSAGE-INTEGRITY that is too short, and takes attributes in any order; what passes here leaves it no room for either.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tl/expected.hpp>

#include "base/bytes.hpp"
#include "proto/stun/stun_server.hpp"

namespace cardea {

struct StunScan {
    std::string_view username;
    bool has_integrity = false;
    bool has_fingerprint = false;
};

// A Binding request; every attribute inside the message, MESSAGE-INTEGRITY and FINGERPRINT of their sizes and at the end.
[[nodiscard]] tl::expected<StunScan, StunDrop> scan_binding_request(Bytes datagram) noexcept;

}  // namespace cardea
