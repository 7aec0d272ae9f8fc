// cardea/json.hpp: a JSON value that owns its reference to jansson's. Used by the host and, header-only, by modules.
// Not thread-safe to share: a value belongs to one thread at a time (hand it over by moving).
#pragma once

#include <cardea/json_reader.hpp>
#include <cardea/json_writer.hpp>
#include <jansson.h>

#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cardea {

class Json {
  public:
    Json() noexcept = default;  // no value: as if absent
    // A text that is not UTF-8 could not be written, nor anything that holds it: what is not ASCII in it becomes "?".
    Json(std::string_view text) : value_{json_stringn(text.data(), text.size())} {
        if (value_ != nullptr || text.empty()) return;
        std::string ascii{text};
        for (char& c : ascii)
            if (static_cast<unsigned char>(c) >= 0x80) c = '?';
        value_ = json_stringn_nocheck(ascii.data(), ascii.size());
    }
    Json(const std::string& text) : Json{std::string_view{text}} {}
    Json(const char* text) : Json{std::string_view{text}} {}
    Json(bool flag) noexcept : value_{json_boolean(flag)} {}
    Json(int number) : value_{json_integer(number)} {}
    Json(unsigned number) : value_{json_integer(static_cast<json_int_t>(number))} {}
    Json(std::int64_t number) : value_{json_integer(static_cast<json_int_t>(number))} {}
    Json(std::uint64_t number) : value_{json_integer(static_cast<json_int_t>(number))} {}
    Json(double number) : value_{json_real(number)} {}
    Json(std::initializer_list<std::pair<const char*, Json>> members) : value_{json_object()} {
        for (const auto& [key, member] : members) set(key, member);
    }
    ~Json() { json_decref(value_); }
    Json(const Json& other) noexcept : value_{json_incref(other.value_)} {}
    Json(Json&& other) noexcept : value_{std::exchange(other.value_, nullptr)} {}
    Json& operator=(Json other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }

    // Who owns the reference is in the name.
    [[nodiscard]] static Json adopt(json_t* owned) noexcept {
        Json json;
        json.value_ = owned;
        return json;
    }
    [[nodiscard]] static Json share(json_t* borrowed) noexcept { return adopt(json_incref(borrowed)); }
    [[nodiscard]] static Json object() { return adopt(json_object()); }
    [[nodiscard]] static Json array() { return adopt(json_array()); }
    [[nodiscard]] static Json null() { return adopt(json_null()); }
    // Absent when the text is not exactly one JSON document. Duplicate keys: the last one counts, as Janus has it.
    [[nodiscard]] static Json parse(std::string_view text) {
        if (auto plain = detail::JsonReader::only_of(text)) return adopt(plain.release());
        json_error_t error;
        return adopt(json_loadb(text.data(), text.size(), JSON_DECODE_ANY, &error));
    }

    [[nodiscard]] explicit operator bool() const noexcept { return value_ != nullptr; }
    [[nodiscard]] bool is_object() const noexcept { return json_is_object(value_); }
    [[nodiscard]] bool is_array() const noexcept { return json_is_array(value_); }
    [[nodiscard]] bool is_string() const noexcept { return json_is_string(value_); }
    [[nodiscard]] bool is_integer() const noexcept { return json_is_integer(value_); }
    [[nodiscard]] bool is_number() const noexcept { return json_is_number(value_); }
    [[nodiscard]] bool is_bool() const noexcept { return json_is_boolean(value_); }
    [[nodiscard]] bool is_null() const noexcept { return json_is_null(value_); }

    [[nodiscard]] Json operator[](const char* key) const noexcept { return share(json_object_get(value_, key)); }
    [[nodiscard]] Json at(std::size_t index) const noexcept { return share(json_array_get(value_, index)); }
    [[nodiscard]] std::size_t size() const noexcept { return is_array() ? json_array_size(value_) : json_object_size(value_); }
    [[nodiscard]] bool has(const char* key) const noexcept { return json_object_get(value_, key) != nullptr; }

    // The value if it is of that type, else the fallback. The text lives as long as the value.
    [[nodiscard]] std::string_view text(std::string_view fallback = {}) const noexcept {
        return is_string() ? std::string_view{json_string_value(value_), json_string_length(value_)} : fallback;
    }
    [[nodiscard]] std::int64_t integer(std::int64_t fallback = 0) const noexcept {
        return is_integer() ? static_cast<std::int64_t>(json_integer_value(value_)) : fallback;
    }
    [[nodiscard]] std::uint64_t unsigned_integer(std::uint64_t fallback = 0) const noexcept {
        return is_integer() && json_integer_value(value_) >= 0 ? static_cast<std::uint64_t>(json_integer_value(value_)) : fallback;
    }
    [[nodiscard]] double number(double fallback = 0) const noexcept { return is_number() ? json_number_value(value_) : fallback; }
    [[nodiscard]] bool boolean(bool fallback = false) const noexcept { return is_bool() ? json_is_true(value_) : fallback; }

    // An absent value sets nothing. Values are shared, not copied.
    Json& set(const char* key, Json value) & {
        if (value) json_object_set_new_nocheck(value_, key, std::exchange(value.value_, nullptr));
        return *this;
    }
    Json&& set(const char* key, Json value) && {
        set(key, std::move(value));
        return std::move(*this);
    }
    void erase(const char* key) noexcept { json_object_del(value_, key); }
    void push(Json value) {
        if (value) json_array_append_new(value_, std::exchange(value.value_, nullptr));
    }
    [[nodiscard]] Json copy() const { return adopt(json_deep_copy(value_)); }
    [[nodiscard]] std::string dump(std::size_t flags = JSON_COMPACT) const {
        std::string out;
        if (value_ == nullptr) return out;
        if (flags == JSON_COMPACT) {
            if (!detail::JsonWriter::append(value_, out)) out.clear();
            return out;
        }
        const auto append = [](const char* data, std::size_t size, void* to) {
            static_cast<std::string*>(to)->append(data, size);
            return 0;
        };
        json_dump_callback(value_, append, &out, flags | JSON_ENCODE_ANY);
        return out;
    }
    [[nodiscard]] json_t* raw() const noexcept { return value_; }
    friend bool operator==(const Json& a, const Json& b) noexcept { return json_equal(a.value_, b.value_) != 0; }

    // visit(std::string_view key, Json value) and visit(Json value)
    template <class F>
    void for_each_member(F&& visit) const {
        const char* key = nullptr;
        json_t* value = nullptr;
        json_object_foreach(value_, key, value) visit(std::string_view{key}, share(value));
    }
    template <class F>
    void for_each(F&& visit) const {
        for (std::size_t i = 0; i < json_array_size(value_); ++i) visit(share(json_array_get(value_, i)));
    }

  private:
    json_t* value_ = nullptr;
};

}  // namespace cardea
