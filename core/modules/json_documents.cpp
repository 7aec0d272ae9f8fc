#include "modules/json_documents.hpp"

namespace cardea {
namespace {

// A document, and the white space behind it.
void drop(std::string_view& text, std::size_t size) {
    text.remove_prefix(std::min(text.size(), size));
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(detail::JsonReader::kSpace)));
}

}  // namespace

bool is_nested_deeper(std::string_view text, std::size_t max_depth) noexcept {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > max_depth) return true;
        } else if ((c == '}' || c == ']') && depth != 0) {
            --depth;
        }
    }
    return false;
}

JsonDocuments parse_documents(std::string_view text, std::size_t max_depth, std::size_t max_count) {
    JsonDocuments documents;
    if (is_nested_deeper(text, max_depth)) {
        documents.problem = "nested deeper than " + std::to_string(max_depth) + " levels";
        return documents;
    }
    do {
        if (documents.list.size() >= max_count) {
            documents.problem = "more than " + std::to_string(max_count) + " documents in one message";
            return documents;
        }
        if (auto plain = detail::JsonReader::first_of(text); plain.value) {
            documents.list.push_back(Json::adopt(plain.value.release()));
            drop(text, plain.size);
            continue;
        }
        json_error_t error;
        // With JSON_DISABLE_EOF_CHECK error.position tells how much of the text this document took.
        auto json = Json::adopt(json_loadb(text.data(), text.size(), JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, &error));
        if (!json) {
            documents.problem = std::string{"on line "} + std::to_string(error.line) + ": " + error.text;
            return documents;
        }
        documents.list.push_back(std::move(json));
        drop(text, static_cast<std::size_t>(error.position));
    } while (!text.empty());
    return documents;
}

}  // namespace cardea
