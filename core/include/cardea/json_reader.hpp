// cardea/json_reader.hpp: jansson values of the plain JSON that nearly every message is. jansson's own reader takes its text octet by octet
// through four functions: four times the time, in every message of the API and for every SDP. Part of cardea/json.hpp.
#pragma once

#include <jansson.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace cardea::detail {

/// Reads an object or an array at the beginning of a text. What it is not sure of is not its business, be it right or wrong: numbers with a
/// fraction or of more than 18 digits, \u, keys that are not ASCII, more than kDepth levels, every error. jansson judges those.
/// What it does read, it reads as jansson does; json_fuzz and unit_base hold the two against each other.
class JsonReader {
  public:
    struct Release {
        void operator()(json_t* value) const noexcept { json_decref(value); }
    };
    using Value = std::unique_ptr<json_t, Release>;
    struct Document {
        Value value;           ///< null: ask jansson
        std::size_t size = 0;  ///< of the text, white space before it included
    };
    [[nodiscard]] static Document first_of(std::string_view text) {
        JsonReader reader{text};
        reader.skip_space();
        Value value;
        if (const char c = reader.peek(); c == '{' || c == '[') value = reader.read(kDepth);
        return {std::move(value), reader.at_};
    }
    /// The value if the text is that one document; null: ask jansson.
    [[nodiscard]] static Value only_of(std::string_view text) {
        auto document = first_of(text);
        const bool is_all = text.find_first_not_of(kSpace, document.size) == std::string_view::npos;
        return is_all ? std::move(document.value) : nullptr;
    }

    static constexpr std::string_view kSpace = " \t\r\n";

  private:
    static constexpr int kDepth = 64;
    static constexpr int kDigits = 18;  // any number of so many fits

    explicit JsonReader(std::string_view text) noexcept : text_{text} {}

    // '\0' at the end: it is no part of plain JSON.
    [[nodiscard]] char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char c) noexcept {
        if (peek() != c) return false;
        ++at_;
        return true;
    }
    bool take_word(std::string_view word) noexcept {
        if (text_.substr(at_, word.size()) != word) return false;
        at_ += word.size();
        return true;
    }
    void skip_space() noexcept {
        while (at_ < text_.size() && kSpace.find(text_[at_]) != std::string_view::npos) ++at_;
    }

    [[nodiscard]] Value read(int depth) {
        switch (peek()) {
            case '{':
                return depth > 0 ? read_object(depth - 1) : nullptr;
            case '[':
                return depth > 0 ? read_array(depth - 1) : nullptr;
            case '"':
                return read_string();
            case 't':
                return Value{take_word("true") ? json_true() : nullptr};
            case 'f':
                return Value{take_word("false") ? json_false() : nullptr};
            case 'n':
                return Value{take_word("null") ? json_null() : nullptr};
            default:
                return read_integer();
        }
    }
    [[nodiscard]] Value read_object(int depth) {
        return read_members(Value{json_object()}, '}', [&](json_t* object) {
            std::string unescaped;
            std::string_view key;
            if (!take_string(key, unescaped) || !is_ascii(key)) return false;
            skip_space();
            if (!take(':')) return false;
            skip_space();
            auto value = read(depth);
            return value && json_object_setn_new_nocheck(object, key.data(), key.size(), value.release()) == 0;
        });
    }
    [[nodiscard]] Value read_array(int depth) {
        return read_members(Value{json_array()}, ']', [&](json_t* array) {
            auto value = read(depth);
            return value && json_array_append_new(array, value.release()) == 0;
        });
    }
    template <class ReadOne>
    [[nodiscard]] Value read_members(Value container, char end, ReadOne read_one) {
        ++at_;
        skip_space();
        if (take(end)) return container;
        do {
            skip_space();
            if (!read_one(container.get())) return nullptr;
            skip_space();
        } while (take(','));
        return take(end) ? std::move(container) : nullptr;
    }
    [[nodiscard]] Value read_string() {
        std::string unescaped;
        std::string_view text;
        if (!take_string(text, unescaped)) return nullptr;
        // json_stringn() gives nothing for what is no UTF-8.
        return Value{is_ascii(text) ? json_stringn_nocheck(text.data(), text.size()) : json_stringn(text.data(), text.size())};
    }
    [[nodiscard]] Value read_integer() {
        const bool negative = take('-');
        json_int_t number = 0;
        int digits = 0;
        const bool leads_with_zero = peek() == '0';
        for (; peek() >= '0' && peek() <= '9'; ++at_, ++digits) {
            if (digits == kDigits) return nullptr;
            number = number * 10 + (peek() - '0');
        }
        if (digits == 0 || (leads_with_zero && digits > 1)) return nullptr;
        if (peek() == '.' || peek() == 'e' || peek() == 'E') return nullptr;
        return Value{json_integer(negative ? -number : number)};
    }

    // text: what stands between the quotes, in the text itself or, when something in it is escaped, in `unescaped`.
    [[nodiscard]] bool take_string(std::string_view& text, std::string& unescaped) {
        if (!take('"')) return false;
        auto begin = at_;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '"') {
                const auto rest = text_.substr(begin, at_ - begin);
                ++at_;
                if (unescaped.empty()) {
                    text = rest;
                } else {
                    unescaped += rest;
                    text = unescaped;
                }
                return true;
            }
            if (static_cast<unsigned char>(c) < 0x20) return false;
            if (c != '\\') continue;
            unescaped += text_.substr(begin, at_ - begin);
            ++at_;
            const char meant = escaped(peek());
            if (meant == '\0') return false;
            unescaped += meant;
            begin = at_ + 1;
        }
        return false;
    }
    [[nodiscard]] static char escaped(char c) noexcept {
        switch (c) {
            case '"':
            case '\\':
            case '/':
                return c;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            default:
                return '\0';
        }
    }
    [[nodiscard]] static bool is_ascii(std::string_view text) noexcept {
        unsigned char all = 0;
        for (const char c : text) all |= static_cast<unsigned char>(c);
        return all < 0x80;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace cardea::detail
