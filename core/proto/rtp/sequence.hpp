// Arithmetic on numbers that wrap (RFC 3550 appendix A.1): 16-bit sequence numbers and their 64-bit unwrapped form.
#pragma once

#include <cstdint>

namespace cardea {

// How far `a` is ahead of `b` on the shorter way round; negative when behind.
[[nodiscard]] constexpr std::int16_t sequence_distance(std::uint16_t a, std::uint16_t b) noexcept {
    return static_cast<std::int16_t>(static_cast<std::uint16_t>(a - b));
}
[[nodiscard]] constexpr bool is_newer_sequence(std::uint16_t a, std::uint16_t b) noexcept { return sequence_distance(a, b) > 0; }

// The unwrapped number nearest to `reference` whose low bits are `sequence`.
[[nodiscard]] constexpr std::int64_t unwrap_sequence(std::uint16_t sequence, std::int64_t reference) noexcept {
    return reference + sequence_distance(sequence, static_cast<std::uint16_t>(reference));
}
[[nodiscard]] constexpr std::uint16_t wrap_sequence(std::int64_t unwrapped) noexcept { return static_cast<std::uint16_t>(unwrapped); }

}  // namespace cardea
