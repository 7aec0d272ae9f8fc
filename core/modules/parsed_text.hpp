// The last text that a module said, taken apart: it says the same to everybody in a room, and asks several times about one request.
#pragma once

#include <string>
#include <string_view>

#include "cardea/json.hpp"

namespace cardea {

// One thread's.
class ParsedText {
  public:
    // What stands in the text, absent when it is not JSON. Not to be changed.
    [[nodiscard]] const Json& of(std::string_view text) {
        if (!text.empty() && text == text_) return json_;
        json_ = Json::parse(text);
        text_ = text.size() <= kKept ? text : std::string_view{};
        return json_;
    }

  private:
    static constexpr std::size_t kKept = 16 * 1024;
    std::string text_;
    Json json_;
};

}  // namespace cardea
