// Test bytes as people read them: hex("80 6f 00 01").
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace cardea::test {

inline std::vector<std::uint8_t> hex(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::vector<std::uint8_t> bytes;
    bool half = false;
    for (const char c : text) {
        const auto digit = kDigits.find(c);
        if (digit == std::string_view::npos) continue;
        if (!half)
            bytes.push_back(static_cast<std::uint8_t>(digit << 4U));
        else
            bytes.back() = static_cast<std::uint8_t>(bytes.back() | digit);
        half = !half;
    }
    return bytes;
}

inline std::vector<std::uint8_t> copy_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace cardea::test
