#include "proto/sctp/dcep.hpp"

namespace cardea {
namespace {

// RFC 8832 sections 5.1, 5.2 and 8.2.1.
constexpr std::uint8_t kAck = 0x02;
constexpr std::uint8_t kOpen = 0x03;
// RFC 8832 section 5.1, channel type: the top bit means unordered, the rest which limit the reliability parameter is.
constexpr std::uint8_t kUnordered = 0x80;
enum class Limit : std::uint8_t { none = 0x00, retransmits = 0x01, lifetime = 0x02 };
constexpr std::size_t kOpenHeader = 12;

std::optional<Reliability> reliability_of(std::uint8_t type, std::uint32_t parameter) {
    Reliability reliability;
    reliability.ordered = (type & kUnordered) == 0;
    switch (static_cast<Limit>(type & ~kUnordered)) {
        case Limit::none: return reliability;
        case Limit::retransmits: reliability.max_retransmits = parameter; return reliability;
        case Limit::lifetime: reliability.max_lifetime = parameter; return reliability;
    }
    return std::nullopt;
}

tl::expected<DcepMessage, DcepErrc> parse_open(ByteReader& reader) {
    const auto type = reader.be<std::uint8_t>();
    const auto priority = reader.be<std::uint16_t>();
    const auto parameter = reader.be<std::uint32_t>();
    const std::size_t label_size = reader.be<std::uint16_t>();
    const std::size_t protocol_size = reader.be<std::uint16_t>();
    const auto label = as_text(reader.take(label_size));
    const auto protocol = as_text(reader.take(protocol_size));
    if (!reader.ok()) return tl::unexpected{DcepErrc::truncated};
    const auto reliability = reliability_of(type, parameter);
    if (!reliability) return tl::unexpected{DcepErrc::unknown_channel_type};
    if (label.size() > kMaxChannelName || protocol.size() > kMaxChannelName) return tl::unexpected{DcepErrc::name_too_long};
    if (!is_utf8(label) || !is_utf8(protocol)) return tl::unexpected{DcepErrc::bad_text};
    return ChannelOptions{std::string{label}, std::string{protocol}, *reliability, priority};
}

// How many octets follow this first one; nullopt: none may stand there. RFC 3629 section 4.
struct Sequence {
    std::size_t following;
    std::uint8_t least, most;  // of the first octet that follows: no overlong forms, no surrogates, nothing above U+10FFFF
};
std::optional<Sequence> sequence_of(std::uint8_t first) noexcept {
    if (first < 0x80) return Sequence{0, 0, 0};
    if (first >= 0xc2 && first <= 0xdf) return Sequence{1, 0x80, 0xbf};
    if (first >= 0xe0 && first <= 0xef)
        return Sequence{2, static_cast<std::uint8_t>(first == 0xe0 ? 0xa0 : 0x80), static_cast<std::uint8_t>(first == 0xed ? 0x9f : 0xbf)};
    if (first >= 0xf0 && first <= 0xf4)
        return Sequence{3, static_cast<std::uint8_t>(first == 0xf0 ? 0x90 : 0x80), static_cast<std::uint8_t>(first == 0xf4 ? 0x8f : 0xbf)};
    return std::nullopt;
}

}  // namespace

tl::expected<DcepMessage, DcepErrc> parse_dcep(Bytes message) {
    ByteReader reader{message};
    const auto type = reader.be<std::uint8_t>();
    if (!reader.ok()) return tl::unexpected{DcepErrc::truncated};
    if (type == kOpen) return parse_open(reader);
    if (type == kAck) return DcepAck{};
    return tl::unexpected{DcepErrc::unknown_message};
}

std::vector<std::uint8_t> write_dcep_open(const ChannelOptions& options) {
    const auto label = cut_utf8(options.label, kMaxChannelName);
    const auto protocol = cut_utf8(options.protocol, kMaxChannelName);
    const auto& reliability = options.reliability;
    auto type = static_cast<std::uint8_t>(reliability.max_retransmits ? Limit::retransmits : reliability.max_lifetime ? Limit::lifetime : Limit::none);
    if (!reliability.ordered) type |= kUnordered;
    std::vector<std::uint8_t> message(kOpenHeader + label.size() + protocol.size());
    ByteWriter writer{message};
    writer.be(kOpen);
    writer.be(type);
    writer.be(options.priority);
    writer.be(reliability.max_retransmits.value_or(reliability.max_lifetime.value_or(0)));
    writer.be(static_cast<std::uint16_t>(label.size()));
    writer.be(static_cast<std::uint16_t>(protocol.size()));
    writer.bytes(as_bytes(label));
    writer.bytes(as_bytes(protocol));
    return message;
}

std::vector<std::uint8_t> write_dcep_ack() { return {kAck}; }

bool is_utf8(std::string_view text) noexcept {
    const auto bytes = as_bytes(text);
    for (std::size_t i = 0; i < bytes.size();) {
        const auto sequence = sequence_of(bytes[i++]);
        if (!sequence || sequence->following > bytes.size() - i) return false;
        for (std::size_t k = 0; k < sequence->following; ++k, ++i) {
            const auto least = k == 0 ? sequence->least : std::uint8_t{0x80};
            const auto most = k == 0 ? sequence->most : std::uint8_t{0xbf};
            if (bytes[i] < least || bytes[i] > most) return false;
        }
    }
    return true;
}

std::string_view cut_utf8(std::string_view text, std::size_t size) noexcept {
    if (text.size() <= size) return text;
    while (size > 0 && (as_bytes(text)[size] & 0xc0U) == 0x80U) --size;
    return text.substr(0, size);
}

}  // namespace cardea
