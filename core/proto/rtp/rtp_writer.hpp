// Writing one leg's RTP: header and extension block are the receiver's own (ids, SSRC, payload type, numbers), the payload is the
// source's and shared. Written straight into the send batch, encrypted in place afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/strong_id.hpp"
#include "proto/rtp/header_extensions.hpp"
#include "proto/rtp/media_types.hpp"

namespace cardea {

struct OutgoingRtp {
    Ssrc ssrc{};
    std::uint8_t payload_type = 0;
    bool marker = false;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    HeaderExtensions extensions{};  // values; those that the receiver did not negotiate are left out
    ExtensionIds ids{};             // of the receiver
    std::optional<std::uint16_t> frame_number;  // the receiver's own, in the dependency descriptor
    std::uint8_t padding = 0;       // octets of it after the payload, the last one telling how many (RFC 3550 section 5.1)
};

// All return the octets written, or 0 when `out` is too small (nothing usable is in it then).
[[nodiscard]] std::size_t write_rtp_header(MutableBytes out, const OutgoingRtp& packet) noexcept;
[[nodiscard]] std::size_t write_rtp(MutableBytes out, const OutgoingRtp& packet, Bytes payload) noexcept;
// RFC 4588 section 4: `packet` has the SSRC, payload type and sequence of the retransmission stream and the original's timestamp;
// the payload is prefixed by the original sequence number, as this receiver knows it.
[[nodiscard]] std::size_t write_rtx(MutableBytes out, const OutgoingRtp& packet, std::uint16_t original_sequence, Bytes payload) noexcept;

// The other direction: what a retransmission that a peer sent us contains.
struct RtxContent {
    std::uint16_t original_sequence = 0;
    Bytes payload;
};
[[nodiscard]] std::optional<RtxContent> read_rtx(Bytes payload) noexcept;

}  // namespace cardea
