// The one place that knows libconfig. Its exceptions stop here.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "config/node.hpp"

namespace cardea::config {

// `@include` is relative to the folder of the file.
[[nodiscard]] tl::expected<Node, Problem> read_file(const std::string& path);
// `name` stands for the file in problems.
[[nodiscard]] tl::expected<Node, Problem> read_text(std::string_view text, const std::string& name);

}  // namespace cardea::config
