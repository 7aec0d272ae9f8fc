// RTP (RFC 3550 section 5.1) as the test peer reads and writes it, with the mid extension (RFC 8843 section 15).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace cardea::testpeer {

struct RtpFields {
    std::uint8_t type = 0;
    bool marker = false;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t ssrc = 0;
    std::string_view mid;
};
struct RtpPacket : RtpFields {
    Bytes payload;
};

// `mid_id` is the extension id agreed for the mid, 0 when none was.
[[nodiscard]] std::optional<RtpPacket> parse_rtp(Bytes data, unsigned mid_id) noexcept;
[[nodiscard]] std::vector<std::uint8_t> write_rtp(const RtpFields& fields, unsigned mid_id, Bytes payload);

// Sequence numbers and timestamps made longer: the value nearest to the last one that has these low 16 bits.
[[nodiscard]] std::int64_t extend_sequence(std::int64_t last, std::uint16_t sequence) noexcept;

}  // namespace cardea::testpeer
