#include "proto/sctp/sctp_packet.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace cardea {
namespace {

constexpr std::size_t kCommonHeader = 12;
constexpr std::size_t kLengthHeader = 4;  // of chunks, parameters and causes: type, flags or more of the type, length

// Where the parameters of a chunk begin; none: it has none.
std::optional<std::size_t> parameters_at(std::uint8_t chunk) noexcept {
    switch (chunk) {
        case 1:                 // INIT
        case 2: return 20;      // INIT ACK
        case 4:                 // HEARTBEAT
        case 5:                 // HEARTBEAT ACK
        case 6:                 // ABORT: causes
        case 9:                 // ERROR: causes
        case 0x82: return 4;    // RE-CONFIG (RFC 6525)
        case 0x80:              // ASCONF-ACK (RFC 5061)
        case 0xc1: return 8;    // ASCONF
        default: return std::nullopt;
    }
}

constexpr std::size_t padded(std::size_t length) noexcept { return (length + 3) / 4 * 4; }

bool is_sound(Bytes parameters) noexcept {
    while (parameters.size() >= kLengthHeader) {
        ByteReader reader{parameters};
        reader.skip(2);
        const std::size_t length = reader.be<std::uint16_t>();
        if (length < kLengthHeader) return false;
        parameters = parameters.subspan(std::min(padded(length), parameters.size()));
    }
    return true;
}

}  // namespace

bool has_sound_parameters(Bytes packet) noexcept {
    auto rest = packet.subspan(std::min(kCommonHeader, packet.size()));
    while (rest.size() >= kLengthHeader) {
        ByteReader reader{rest};
        const auto type = reader.be<std::uint8_t>();
        reader.skip(1);
        const std::size_t length = reader.be<std::uint16_t>();
        if (length < kLengthHeader) return true;  // usrsctp stops here
        const auto chunk = rest.first(std::min(length, rest.size()));
        if (const auto begin = parameters_at(type); begin && *begin <= chunk.size() && !is_sound(chunk.subspan(*begin))) return false;
        rest = rest.subspan(std::min(padded(length), rest.size()));
    }
    return true;
}

}  // namespace cardea
