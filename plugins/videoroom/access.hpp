// Keys and tokens that open a room.
#pragma once

#include <cardea/json.hpp>

#include <initializer_list>
#include <string_view>

namespace cardea::videoroom {

// Compares in time that depends on the sizes only.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b) noexcept;

enum class KeyCheck { good, missing, no_text, wrong };
// An empty key locks nothing.
[[nodiscard]] KeyCheck compare_key(std::string_view key, const Json& given) noexcept;
// A key that a request has to name: 429 without it, 430 when it is no text, 433 when it is another one.
void check_key(std::string_view key, const Json& body, const char* name);

// A body without some of its members.
[[nodiscard]] Json without(const Json& body, std::initializer_list<std::string_view> names);

}  // namespace cardea::videoroom
