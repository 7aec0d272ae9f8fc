// --set path.to.key=value
#pragma once

#include <optional>
#include <string_view>

#include "config/node.hpp"

namespace cardea::config {

// The section that an argument is about: "media" of "media.workers=2".
[[nodiscard]] std::string_view override_section(std::string_view argument) noexcept;

// Sections on the way are made. The value is read as JSON (numbers, true, "text", [..], {..}); what is not JSON is text.
[[nodiscard]] std::optional<Problem> apply_override(Node& root, std::string_view argument);

}  // namespace cardea::config
