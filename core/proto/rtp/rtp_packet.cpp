#include "proto/rtp/rtp_packet.hpp"

namespace cardea {

namespace {

[[nodiscard]] bool read_extension_block(ByteReader& reader, Bytes packet, RtpHeader& header) noexcept {
    header.extension_profile = reader.be<std::uint16_t>();
    header.extension_size = 4U * reader.be<std::uint16_t>();
    header.extension_offset = packet.size() - reader.left();
    reader.skip(header.extension_size);
    return reader.ok();
}

}  // namespace

tl::expected<RtpHeader, RtpErrc> parse_rtp_header(Bytes packet) noexcept {
    ByteReader reader{packet};
    const auto flags = reader.be<std::uint8_t>();
    const auto type = reader.be<std::uint8_t>();
    RtpHeader header;
    header.sequence = reader.be<std::uint16_t>();
    header.timestamp = reader.be<std::uint32_t>();
    header.ssrc = Ssrc{reader.be<std::uint32_t>()};
    header.payload_type = type & 0x7fU;
    header.marker = (type & 0x80U) != 0;
    if (!packet.empty() && flags >> 6U != 2) return tl::unexpected{RtpErrc::bad_version};
    reader.skip(4U * (flags & 0x0fU));  // CSRCs
    if (!reader.ok()) return tl::unexpected{RtpErrc::truncated};
    if ((flags & 0x10U) != 0 && !read_extension_block(reader, packet, header)) return tl::unexpected{RtpErrc::bad_extension};
    header.header_size = packet.size() - reader.left();
    if ((flags & 0x20U) != 0) {
        // The count includes itself (RFC 3550 section 5.1), so it is never 0.
        header.padding_size = packet.back();
        if (header.padding_size == 0 || header.padding_size > reader.left()) return tl::unexpected{RtpErrc::bad_padding};
    }
    return header;
}

}  // namespace cardea
