// Splits text into its JSON documents: Janus clients may put several into one WebSocket message.
#pragma once

#include <string_view>

namespace cardea::net {

// The first document of text with the space before it. Only objects can be followed by another document; anything else,
// broken JSON too, is one document with all that follows: whoever parses it finds out.
[[nodiscard]] std::string_view first_document(std::string_view text) noexcept;

}  // namespace cardea::net
