// Ids of rooms and feeds as clients choose them: numbers, or strings where the plugin runs with string_ids.
#pragma once

#include <cardea/json.hpp>

#include <cstdint>
#include <string>
#include <variant>

namespace cardea::videoroom {

using ApiId = std::variant<std::uint64_t, std::string>;

[[nodiscard]] inline Json to_json(const ApiId& id) {
    if (const auto* number = std::get_if<std::uint64_t>(&id)) return Json{*number};
    return Json{std::get<std::string>(id)};
}
[[nodiscard]] inline ApiId id_from(const Json& json) {
    if (json.is_string()) return std::string{json.text()};
    return json.unsigned_integer();
}
[[nodiscard]] inline std::string to_text(const ApiId& id) {
    if (const auto* number = std::get_if<std::uint64_t>(&id)) return std::to_string(*number);
    return std::get<std::string>(id);
}

}  // namespace cardea::videoroom
