// Random bytes from OpenSSL's generator, and what the gateway draws from them. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"

namespace cardea {

void random_bytes(MutableBytes out) noexcept;
[[nodiscard]] std::uint32_t random_u32() noexcept;
[[nodiscard]] std::uint64_t random_u64() noexcept;
// 1 .. 2^53-1: an id that survives a JavaScript number.
[[nodiscard]] std::uint64_t random_id53() noexcept;
// `size` characters of the 64 ICE characters (RFC 8839 section 5.4), 6 random bits each.
[[nodiscard]] std::string random_ice_text(std::size_t size);
// Compares in time that depends on the sizes only.
[[nodiscard]] bool equal_constant_time(Bytes a, Bytes b) noexcept;

}  // namespace cardea
