// cardea/params.hpp: constexpr builders of parameter tables.
//   constexpr cardea_param kJoin[] = {id("room").required(), string("ptype").required().one_of(kTypes), boolean("audio")};
#pragma once

#include <cardea/abi.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace cardea::sdk {

/// One row of a parameter table; every call gives a changed copy.
class Param {
  public:
    constexpr Param(std::uint32_t type, const char* name) noexcept {
        raw_.struct_size = sizeof(cardea_param);
        raw_.type = type;
        raw_.name = name;
    }
    [[nodiscard]] constexpr Param required() const noexcept { return with_flag(CARDEA_PARAM_REQUIRED); }
    /// An integer >= 0.
    [[nodiscard]] constexpr Param positive() const noexcept { return with_flag(CARDEA_PARAM_POSITIVE); }
    [[nodiscard]] constexpr Param nonempty() const noexcept { return with_flag(CARDEA_PARAM_NONEMPTY); }
    [[nodiscard]] constexpr Param secret() const noexcept { return with_flag(CARDEA_PARAM_SECRET); }
    [[nodiscard]] constexpr Param range(std::int64_t minimum, std::int64_t maximum) const noexcept {
        auto copy = *this;
        copy.raw_.minimum = minimum;
        copy.raw_.maximum = maximum;
        return copy;
    }
    /// The default, as JSON text: "\"vp8\"", "0", "[]".
    [[nodiscard]] constexpr Param fallback(const char* json) const noexcept {
        auto copy = *this;
        copy.raw_.fallback = json;
        return copy;
    }
    [[nodiscard]] constexpr Param help(const char* text) const noexcept {
        auto copy = *this;
        copy.raw_.help = text;
        return copy;
    }
    /// A NULL-terminated static array of the strings allowed.
    template <std::size_t N>
    [[nodiscard]] constexpr Param one_of(const char* const (&values)[N]) const noexcept {
        auto copy = *this;
        copy.raw_.values = values;
        return copy;
    }
    /// Members of an object, or of the objects of an array: a static table.
    template <std::size_t N>
    [[nodiscard]] constexpr Param of(const cardea_param (&fields)[N]) const noexcept {
        auto copy = *this;
        copy.raw_.fields = fields;
        copy.raw_.field_count = static_cast<std::uint32_t>(N);
        if (copy.raw_.type == CARDEA_TYPE_ARRAY) copy.raw_.element_type = CARDEA_TYPE_OBJECT;
        return copy;
    }
    [[nodiscard]] constexpr Param elements(std::uint32_t type) const noexcept {
        auto copy = *this;
        copy.raw_.element_type = type;
        return copy;
    }
    constexpr operator cardea_param() const noexcept { return raw_; }

  private:
    [[nodiscard]] constexpr Param with_flag(std::uint32_t flag) const noexcept {
        auto copy = *this;
        copy.raw_.flags |= flag;
        return copy;
    }
    cardea_param raw_{};
};

[[nodiscard]] constexpr Param string(const char* name) noexcept { return {CARDEA_TYPE_STRING, name}; }
[[nodiscard]] constexpr Param integer(const char* name) noexcept { return {CARDEA_TYPE_INTEGER, name}; }
[[nodiscard]] constexpr Param number(const char* name) noexcept { return {CARDEA_TYPE_NUMBER, name}; }
[[nodiscard]] constexpr Param boolean(const char* name) noexcept { return {CARDEA_TYPE_BOOL, name}; }
[[nodiscard]] constexpr Param object(const char* name) noexcept { return {CARDEA_TYPE_OBJECT, name}; }
[[nodiscard]] constexpr Param array(const char* name) noexcept { return {CARDEA_TYPE_ARRAY, name}; }
/// An API id: an integer, or a string where the plugin runs with string_ids.
[[nodiscard]] constexpr Param id(const char* name) noexcept { return {CARDEA_TYPE_ID, name}; }
[[nodiscard]] constexpr Param any(const char* name) noexcept { return {CARDEA_TYPE_ANY, name}; }

/// A static table as the ABI carries it.
template <std::size_t N>
[[nodiscard]] constexpr cardea_params table(const cardea_param (&list)[N]) noexcept {
    return {sizeof(cardea_params), sizeof(cardea_param), static_cast<std::uint32_t>(N), 0, list};
}
[[nodiscard]] constexpr cardea_params no_params() noexcept { return {sizeof(cardea_params), sizeof(cardea_param), 0, 0, nullptr}; }

}  // namespace cardea::sdk
