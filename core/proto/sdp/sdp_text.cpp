#include "proto/sdp/sdp_text.hpp"

#include <algorithm>

namespace cardea::sdp {
namespace {
constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr bool is_token_char(char c) noexcept {
    constexpr std::string_view kExcluded = "\"(),/:;<=>?@[\\]";
    return c > ' ' && c < '\x7f' && kExcluded.find(c) == std::string_view::npos;
}
}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string lower_case(std::string_view text) {
    std::string result{text};
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

bool is_token(std::string_view text) noexcept { return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char); }

}  // namespace cardea::sdp
