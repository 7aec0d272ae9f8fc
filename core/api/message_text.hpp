// A message to a client, written as text from the start: those that every request brings need no values of jansson.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/strong_id.hpp"
#include "cardea/json.hpp"

namespace cardea::api {

// {"janus":<kind>, then the members in the order in which they are added. Keys are literals that need no escapes; texts are UTF-8.
class MessageText {
  public:
    explicit MessageText(std::string_view kind) {
        text_.reserve(kUsual);
        text_ += R"({"janus":)";
        detail::JsonWriter::append_string(kind, text_);
    }
    template <class Tag>
    MessageText& id(std::string_view key, StrongId<Tag, std::uint64_t> value) {
        begin(key);
        detail::JsonWriter::append_integer(static_cast<json_int_t>(value.value), text_);
        return *this;
    }
    MessageText& text(std::string_view key, std::string_view value) {
        begin(key);
        detail::JsonWriter::append_string(value, text_);
        return *this;
    }
    // What is JSON already.
    MessageText& json(std::string_view key, std::string_view value) {
        begin(key);
        text_ += value;
        return *this;
    }
    MessageText& begin_object(std::string_view key) {
        begin(key);
        text_ += '{';
        return *this;
    }
    MessageText& end_object() {
        text_ += '}';
        return *this;
    }
    [[nodiscard]] std::string finish() {
        text_ += '}';
        return std::move(text_);
    }

  private:
    static constexpr std::size_t kUsual = 192;

    void begin(std::string_view key) {
        if (text_.back() != '{') text_ += ',';
        text_ += '"';
        text_ += key;
        text_ += "\":";
    }
    std::string text_;
};

}  // namespace cardea::api
