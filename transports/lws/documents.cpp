// A scan for the closing brace of the first object: no parsing, no allocation, every byte looked at once.
#include "lws/documents.hpp"

namespace cardea::net {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

}  // namespace

std::string_view first_document(std::string_view text) noexcept {
    const auto start = text.find_first_not_of(kSpace);
    if (start == std::string_view::npos || text[start] != '{') return text;
    std::size_t depth = 0;
    bool quoted = false;
    for (auto i = start; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') ++i;
            if (c == '"') quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{') {
            ++depth;
        } else if (c == '}' && --depth == 0) {
            const auto rest = text.find_first_not_of(kSpace, i + 1);
            return rest == std::string_view::npos ? text : text.substr(0, i + 1);
        }
    }
    return text;
}

}  // namespace cardea::net
