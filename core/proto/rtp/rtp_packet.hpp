// Reading RTP (RFC 3550 section 5): the fixed header, CSRCs, the extension block and padding of a decrypted packet.
// What comes before is SRTP; what comes after is the source (statistics, header extensions, store).
#pragma once

#include <cstddef>
#include <cstdint>
#include <tl/expected.hpp>

#include "base/bytes.hpp"
#include "base/strong_id.hpp"
#include "proto/rtp/header_extensions.hpp"
#include "proto/rtp/media_types.hpp"
#include "proto/rtp/packet_kind.hpp"
#include "proto/rtp/rtp_header.hpp"

namespace cardea {

enum class RtpErrc : std::uint8_t {
    truncated,      // ends inside the fixed header or the CSRC list
    bad_version,    // not 2
    bad_padding,    // a padding count of 0, or one that reaches into the header
    bad_extension,  // the extension block is longer than the packet
};

// Padding is encrypted by SRTP, so the packet must be decrypted before it is read here.
[[nodiscard]] tl::expected<RtpHeader, RtpErrc> parse_rtp_header(Bytes packet) noexcept;

[[nodiscard]] inline Bytes payload_of(Bytes packet, const RtpHeader& header) noexcept {
    return packet.subspan(header.header_size, packet.size() - header.header_size - header.padding_size);
}

}  // namespace cardea
