// Small readers over one line of SDP. Nothing here copies or looks past the view it was given.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cardea::sdp {

// Splits the front off `rest` up to the separator, which is dropped. Without one it takes everything.
[[nodiscard]] constexpr std::string_view take_until(std::string_view& rest, char separator) noexcept {
    const auto end = rest.find(separator);
    const auto front = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    return front;
}

// The next word; several blanks count as one, which some clients write.
[[nodiscard]] constexpr std::string_view take_word(std::string_view& rest) noexcept {
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    return take_until(rest, ' ');
}

[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

// The whole text must be decimal digits that fit.
template <std::unsigned_integral T>
[[nodiscard]] std::optional<T> number_of(std::string_view text) noexcept {
    T value{};
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;
[[nodiscard]] std::string lower_case(std::string_view text);
// RFC 8866 section 9: token. What may stand in a mid or an msid.
[[nodiscard]] bool is_token(std::string_view text) noexcept;

}  // namespace cardea::sdp
