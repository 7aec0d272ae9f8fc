// A module's log lines: its own event text and fields, with the module's name in front.
#pragma once

#include <cstdint>
#include <string_view>

namespace cardea {

// fields: text of a JSON object, or empty.
void log_of_module(std::string_view module, std::int32_t level, std::string_view event, std::string_view fields);

}  // namespace cardea
