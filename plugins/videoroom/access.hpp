// Keys and tokens that open a room.
#pragma once

#include <cardea/json.hpp>

#include <string_view>

namespace cardea::videoroom {

// Compares in time that depends on the sizes only.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b) noexcept;

enum class KeyCheck { good, missing, wrong };
// An empty key locks nothing.
[[nodiscard]] KeyCheck compare_key(std::string_view key, const Json& given) noexcept;
// A key that a request has to name: 429 without it, 433 when it is another one.
void check_key(std::string_view key, const Json& body, const char* name);

}  // namespace cardea::videoroom
