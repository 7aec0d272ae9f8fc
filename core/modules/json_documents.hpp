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
// At most max_count documents are taken: "1 1 1 1" of a megabyte would be half a million, each with an answer of its own.
[[nodiscard]] JsonDocuments parse_documents(std::string_view text, std::size_t max_depth, std::size_t max_count);

// Whether brackets outside of strings are nested deeper than that.
[[nodiscard]] bool is_nested_deeper(std::string_view text, std::size_t max_depth) noexcept;

}  // namespace cardea
