// A configuration value that remembers where it was written, so that every problem can name file and line.
// Comes from libconfig_reader or from --set (override.hpp), goes into validate.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/json.hpp"

namespace cardea::config {

struct Problem {
    std::string where;  // "cardea.cfg:12" or "--set media.workers=x"
    std::string key;    // "media.workers"; empty: the file as a whole
    std::string text;
    [[nodiscard]] std::string to_text() const { return where + ": " + (key.empty() ? "" : key + ": ") + text; }
};
using Problems = std::vector<Problem>;

// One line per problem.
[[nodiscard]] std::string to_text(const Problems& problems);

struct Node {
    enum class Kind : std::uint8_t { group, list, scalar };
    Kind kind = Kind::group;
    Json scalar;
    std::string literal;  // of --set: the text as typed, in case a string is wanted ("api.secret=1234")
    std::string name;     // of a member of a group
    std::vector<Node> members;
    std::vector<Node> elements;
    std::string where;

    [[nodiscard]] const Node* member(std::string_view wanted) const noexcept;
    [[nodiscard]] Node* member(std::string_view wanted) noexcept;
    // "media.workers", or the node itself for an empty path.
    [[nodiscard]] const Node* find(std::string_view path) const noexcept;
};

}  // namespace cardea::config
