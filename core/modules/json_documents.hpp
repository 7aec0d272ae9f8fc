// The text of one frame as JSON documents: several may stand in a row, none may be nested too deeply.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cardea/json.hpp"

namespace cardea {

struct JsonDocuments {
    std::vector<Json> list;
    std::string problem;  // not empty: what follows the list cannot be parsed
};
[[nodiscard]] JsonDocuments parse_documents(std::string_view text, std::size_t max_depth);

// Whether brackets outside of strings are nested deeper than that.
[[nodiscard]] bool is_nested_deeper(std::string_view text, std::size_t max_depth) noexcept;

}  // namespace cardea
