// cardea/json_writer.hpp: compact JSON text of a jansson value. jansson's own dump calls back for every token, prints numbers by printf and
// keeps a table of the containers it is in against rings: four times the time, in every message of the API. Part of cardea/json.hpp.
#pragma once

#include <jansson.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

namespace cardea::detail {

/// Writes as json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) does, to the octet; json_fuzz and unit_base hold the two against each other.
class JsonWriter {
  public:
    /// False when the value nests deeper than kDepth (a ring does): what stands in `out` is no JSON then.
    [[nodiscard]] static bool append(const json_t* value, std::string& out) { return JsonWriter{out}.write(value, kDepth); }

    static void append_integer(json_int_t number, std::string& out) {
        std::array<char, 24> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        out.append(digits.data(), end);
    }
    /// With its quotes. text: UTF-8.
    static void append_string(std::string_view text, std::string& out) {
        out += '"';
        std::size_t written = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const char c = text[i];
            if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
            out.append(text, written, i - written);
            append_escaped(c, out);
            written = i + 1;
        }
        out.append(text, written);
        out += '"';
    }

  private:
    static constexpr int kDepth = 2048;  // JSON_PARSER_MAX_DEPTH: what jansson reads can be written

    explicit JsonWriter(std::string& out) noexcept : out_{out} {}

    bool write(const json_t* value, int depth) {
        switch (json_typeof(value)) {
            case JSON_OBJECT:
                return depth > 0 && write_object(value, depth - 1);
            case JSON_ARRAY:
                return depth > 0 && write_array(value, depth - 1);
            case JSON_STRING:
                append_string({json_string_value(value), json_string_length(value)}, out_);
                return true;
            case JSON_INTEGER:
                append_integer(json_integer_value(value), out_);
                return true;
            case JSON_REAL:
                return write_real(value);
            case JSON_TRUE:
                return write_word("true");
            case JSON_FALSE:
                return write_word("false");
            default:
                return write_word("null");
        }
    }
    bool write_object(const json_t* object, int depth) {
        out_ += '{';
        bool first = true;
        // json_object_iter() takes what it does not change as if it would.
        auto* const all = const_cast<json_t*>(object);
        for (auto* at = json_object_iter(all); at != nullptr; at = json_object_iter_next(all, at)) {
            if (!first) out_ += ',';
            first = false;
            append_string({json_object_iter_key(at), json_object_iter_key_len(at)}, out_);
            out_ += ':';
            if (!write(json_object_iter_value(at), depth)) return false;
        }
        out_ += '}';
        return true;
    }
    bool write_array(const json_t* array, int depth) {
        out_ += '[';
        for (std::size_t i = 0; i < json_array_size(array); ++i) {
            if (i != 0) out_ += ',';
            if (!write(json_array_get(array, i), depth)) return false;
        }
        out_ += ']';
        return true;
    }
    bool write_word(std::string_view word) {
        out_ += word;
        return true;
    }
    // How many digits a number gets is jansson's choice.
    bool write_real(const json_t* real) {
        std::array<char, 64> digits;
        const auto size = json_dumpb(real, digits.data(), digits.size(), JSON_COMPACT | JSON_ENCODE_ANY);
        if (size == 0 || size > digits.size()) return false;
        out_.append(digits.data(), size);
        return true;
    }
    static void append_escaped(char c, std::string& out) {
        switch (c) {
            case '"':
                out += "\\\"";
                return;
            case '\\':
                out += "\\\\";
                return;
            case '\b':
                out += "\\b";
                return;
            case '\f':
                out += "\\f";
                return;
            case '\n':
                out += "\\n";
                return;
            case '\r':
                out += "\\r";
                return;
            case '\t':
                out += "\\t";
                return;
            default:
                break;
        }
        constexpr std::string_view kHex = "0123456789ABCDEF";
        const auto code = static_cast<unsigned char>(c);
        out += "\\u00";
        out += kHex[code >> 4U];
        out += kHex[code & 15U];
    }

    std::string& out_;
};

}  // namespace cardea::detail
