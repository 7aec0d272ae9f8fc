// One port carries everything: the first octets say what a datagram is (RFC 7983 section 7, RFC 5761 section 4).
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace cardea {

enum class PacketKind : std::uint8_t { stun, dtls, rtp, rtcp, unknown };

[[nodiscard]] constexpr PacketKind classify(Bytes datagram) noexcept {
    ByteReader reader{datagram};
    const auto first = reader.be<std::uint8_t>();
    const auto second = reader.be<std::uint8_t>();
    if (!reader.ok()) return PacketKind::unknown;
    if (first <= 3) return PacketKind::stun;
    if (first >= 20 && first <= 63) return PacketKind::dtls;
    if (first < 128 || first > 191) return PacketKind::unknown;  // TURN channels (64..79) are not for us, the rest is unassigned
    // RFC 5761 section 4: RTCP packet types 192..223 are what RTP would show as marker + payload types 64..95.
    return second >= 192 && second <= 223 ? PacketKind::rtcp : PacketKind::rtp;
}

}  // namespace cardea
