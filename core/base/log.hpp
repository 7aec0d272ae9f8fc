// Structured logs: a constant event text and fields. log::info("subscriber joined", kv("room", 1234)).
// A packet never logs. Addresses and SDP appear at debug only. Any thread.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/strong_id.hpp"

namespace cardea::log {

enum class Level : std::uint8_t { debug, info, warn, error, off };

struct Field {
    std::string_view key;
    std::string value;
};

[[nodiscard]] inline Field kv(std::string_view key, std::string_view value) { return {key, std::string{value}}; }
[[nodiscard]] inline Field kv(std::string_view key, const char* value) { return {key, value}; }
[[nodiscard]] inline Field kv(std::string_view key, bool value) { return {key, value ? "true" : "false"}; }
template <class T>
    requires(std::integral<T> && !std::same_as<T, bool>)
[[nodiscard]] Field kv(std::string_view key, T value) {
    return {key, std::to_string(value)};
}
[[nodiscard]] inline Field kv(std::string_view key, double value) { return {key, std::to_string(value)}; }
template <class Tag, class T>
[[nodiscard]] Field kv(std::string_view key, StrongId<Tag, T> id) {
    return {key, std::to_string(id.value)};
}

struct Options {
    Level level = Level::info;
    std::string file;   // empty: standard error
    bool json = false;  // one JSON object a line instead of text
};

// Before the first thread starts; again to change the level.
void configure(const Options& options);
void set_level(Level level) noexcept;
[[nodiscard]] Level level() noexcept;
[[nodiscard]] bool enabled(Level level) noexcept;
void write(Level level, std::string_view event, std::span<const Field> fields);
void flush();

template <class... Fields>
void at(Level level, std::string_view event, Fields&&... fields) {
    if (!enabled(level)) return;
    const std::array<Field, sizeof...(Fields)> list{std::forward<Fields>(fields)...};
    write(level, event, list);
}
template <class... F> void debug(std::string_view event, F&&... f) { at(Level::debug, event, std::forward<F>(f)...); }
template <class... F> void info(std::string_view event, F&&... f) { at(Level::info, event, std::forward<F>(f)...); }
template <class... F> void warn(std::string_view event, F&&... f) { at(Level::warn, event, std::forward<F>(f)...); }
template <class... F> void error(std::string_view event, F&&... f) { at(Level::error, event, std::forward<F>(f)...); }

}  // namespace cardea::log
