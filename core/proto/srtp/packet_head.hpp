// As much of an RTP or RTCP packet as SRTP has to know.
#pragma once

#include <cstddef>
#include <cstdint>
#include <tl/expected.hpp>

#include "base/bytes.hpp"
#include "proto/srtp/srtp.hpp"

namespace cardea {

struct RtpHead {
    std::size_t size;  // with CSRCs and extension: what stays readable
    std::uint32_t ssrc;
    std::uint16_t sequence;
};

inline constexpr std::size_t kRtcpHeadSize = 8;  // the first packet's header and sender stay readable
inline constexpr std::size_t kMaxSrtpPacket = 65535;

[[nodiscard]] inline tl::expected<RtpHead, SrtpErrc> parse_rtp_head(Bytes packet) noexcept {
    ByteReader reader{packet};
    const auto flags = reader.be<std::uint8_t>();
    reader.skip(1);
    const auto sequence = reader.be<std::uint16_t>();
    reader.skip(4);
    const auto ssrc = reader.be<std::uint32_t>();
    reader.skip(4U * (flags & 0x0fU));
    if ((flags & 0x10U) != 0) {
        reader.skip(2);
        reader.skip(std::size_t{4} * reader.be<std::uint16_t>());
    }
    if (!reader.ok()) return tl::unexpected{SrtpErrc::truncated};
    if (flags >> 6U != 2 || packet.size() > kMaxSrtpPacket) return tl::unexpected{SrtpErrc::malformed};
    return RtpHead{packet.size() - reader.left(), ssrc, sequence};
}

[[nodiscard]] inline tl::expected<std::uint32_t, SrtpErrc> parse_rtcp_ssrc(Bytes packet) noexcept {
    ByteReader reader{packet};
    const auto flags = reader.be<std::uint8_t>();
    reader.skip(3);
    const auto ssrc = reader.be<std::uint32_t>();
    if (!reader.ok()) return tl::unexpected{SrtpErrc::truncated};
    if (flags >> 6U != 2 || packet.size() > kMaxSrtpPacket) return tl::unexpected{SrtpErrc::malformed};
    return ssrc;
}

}  // namespace cardea
