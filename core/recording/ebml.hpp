// Writing EBML (RFC 8794): elements into a growing buffer. Matroska's ids include their length marker.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace cardea::ebml {

using Buffer = std::vector<std::uint8_t>;

constexpr std::size_t kLongSize = 8;  // octets of a size that is patched later
constexpr std::uint64_t kUnknownSize = 0x01ff'ffff'ffff'ffff;

inline void put_octets(Buffer& out, std::uint64_t value, unsigned count) {
    for (; count > 0; --count) out.push_back(static_cast<std::uint8_t>(value >> (8U * (count - 1))));
}
[[nodiscard]] constexpr unsigned octets_of(std::uint64_t value) noexcept {
    return value == 0 ? 1U : (static_cast<unsigned>(std::bit_width(value)) + 7U) / 8U;
}
inline void put_id(Buffer& out, std::uint32_t id) { put_octets(out, id, octets_of(id)); }
// Section 4: as many octets as needed; all ones is reserved for "unknown".
inline void put_size(Buffer& out, std::uint64_t size) {
    unsigned count = 1;
    while (size >= (std::uint64_t{1} << (7U * count)) - 1) ++count;
    put_octets(out, size | std::uint64_t{1} << (7U * count), count);
}
inline void put_long_size(Buffer& out, std::uint64_t size) { put_octets(out, size | std::uint64_t{1} << 56U, kLongSize); }

inline void put_binary(Buffer& out, std::uint32_t id, Bytes data) {
    put_id(out, id);
    put_size(out, data.size());
    out.insert(out.end(), data.begin(), data.end());
}
inline void put_text(Buffer& out, std::uint32_t id, std::string_view text) { put_binary(out, id, as_bytes(text)); }
inline void put_unsigned(Buffer& out, std::uint32_t id, std::uint64_t value) {
    const auto count = octets_of(value);
    put_id(out, id);
    put_size(out, count);
    put_octets(out, value, count);
}
inline void put_unsigned_of(Buffer& out, std::uint32_t id, std::uint64_t value, unsigned octets) {
    put_id(out, id);
    put_size(out, octets);
    put_octets(out, value, octets);
}
inline void put_float(Buffer& out, std::uint32_t id, double value) {
    put_id(out, id);
    put_size(out, 8);
    put_octets(out, std::bit_cast<std::uint64_t>(value), 8);
}
// A hole of exactly `size` octets, at least two.
inline void put_void(Buffer& out, std::size_t size) {
    constexpr std::uint32_t kVoid = 0xec;
    put_id(out, kVoid);
    std::size_t content = size - 2;
    if (content < 0x7f) {
        put_size(out, content);
    } else {
        content = size - 1 - kLongSize;
        put_long_size(out, content);
    }
    out.resize(out.size() + content);
}

}  // namespace cardea::ebml
