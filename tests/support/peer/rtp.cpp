#include "rtp.hpp"

namespace cardea::testpeer {
namespace {

// RFC 8285 section 4.2: one-byte headers, 0 pads, 15 ends.
std::string_view find_one_byte_extension(Bytes block, unsigned id) noexcept {
    ByteReader in{block};
    while (in.left() > 0) {
        const auto head = in.be<std::uint8_t>();
        if (head == 0) continue;
        if (head >> 4U == 15) break;
        const auto value = in.take((head & 0x0fU) + 1U);
        if (head >> 4U == id) return as_text(value);
    }
    return {};
}

// Section 4.3: two-byte headers.
std::string_view find_two_byte_extension(Bytes block, unsigned id) noexcept {
    ByteReader in{block};
    while (in.left() > 1) {
        const auto head = in.be<std::uint8_t>();
        if (head == 0) continue;
        const auto value = in.take(in.be<std::uint8_t>());
        if (head == id) return as_text(value);
    }
    return {};
}

}  // namespace

std::optional<RtpPacket> parse_rtp(Bytes data, unsigned mid_id) noexcept {
    ByteReader in{data};
    const auto flags = in.be<std::uint8_t>();
    const auto type = in.be<std::uint8_t>();
    RtpPacket packet;
    packet.type = static_cast<std::uint8_t>(type & 0x7f);
    packet.marker = (type & 0x80) != 0;
    packet.sequence = in.be<std::uint16_t>();
    packet.timestamp = in.be<std::uint32_t>();
    packet.ssrc = in.be<std::uint32_t>();
    in.skip(4U * (flags & 0x0fU));
    if ((flags & 0x10) != 0) {
        const auto profile = in.be<std::uint16_t>();
        const auto block = in.take(std::size_t{4} * in.be<std::uint16_t>());
        if (mid_id != 0 && profile == 0xbede) packet.mid = find_one_byte_extension(block, mid_id);
        if (mid_id != 0 && (profile & 0xfff0U) == 0x1000) packet.mid = find_two_byte_extension(block, mid_id);
    }
    if (!in.ok() || flags >> 6U != 2) return std::nullopt;
    packet.payload = in.rest();
    if ((flags & 0x20) != 0) {
        const std::size_t padding = packet.payload.empty() ? 0 : packet.payload.back();
        if (padding == 0 || padding > packet.payload.size()) return std::nullopt;
        packet.payload = packet.payload.first(packet.payload.size() - padding);
    }
    return packet;
}

std::vector<std::uint8_t> write_rtp(const RtpFields& fields, unsigned mid_id, Bytes payload) {
    const bool extended = mid_id != 0 && !fields.mid.empty() && fields.mid.size() <= 16;
    const std::size_t words = extended ? (1 + fields.mid.size() + 3) / 4 : 0;
    std::vector<std::uint8_t> data(12 + (extended ? 4 + 4 * words : 0) + payload.size());
    ByteWriter out{data};
    out.be(static_cast<std::uint8_t>(extended ? 0x90 : 0x80));
    out.be(static_cast<std::uint8_t>(fields.type | (fields.marker ? 0x80U : 0U)));
    out.be(fields.sequence);
    out.be(fields.timestamp);
    out.be(fields.ssrc);
    if (extended) {
        out.be(std::uint16_t{0xbede});
        out.be(static_cast<std::uint16_t>(words));
        out.be(static_cast<std::uint8_t>(mid_id << 4U | (fields.mid.size() - 1)));
        out.bytes(as_bytes(fields.mid));
        out.zeros(4 * words - 1 - fields.mid.size());
    }
    out.bytes(payload);
    return data;
}

std::int64_t extend_sequence(std::int64_t last, std::uint16_t sequence) noexcept {
    const auto step = static_cast<std::int16_t>(static_cast<std::uint16_t>(sequence - static_cast<std::uint16_t>(last)));
    return last + step;
}

}  // namespace cardea::testpeer
