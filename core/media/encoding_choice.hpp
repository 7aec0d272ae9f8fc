// Which simulcast encoding a leg should get: the best that arrives within its wish. When it may be switched to is the leg's affair.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "media/encoding.hpp"

namespace cardea {

struct EncodingWish {
    static constexpr std::uint8_t kHighest = std::numeric_limits<std::uint8_t>::max();
    std::uint8_t highest = kHighest;   // rank
    Duration fallback = 250ms;         // without a packet for so long a lower one stands in
};

// Reviewed at least this often apart; see note_silence().
inline constexpr Duration kReviewInterval = 50ms;

// Called with each review, when a packet of any encoding has arrived: remembers which ones have been silent meanwhile.
void note_silence(const std::vector<std::unique_ptr<Encoding>>& encodings, Instant now) noexcept;

// No packet for `fallback`, while others came. At one picture a second all are silent for long between two pictures, and then come
// within milliseconds of each other: that is no silence.
[[nodiscard]] bool is_silent(const Encoding& encoding, Duration fallback, Instant now) noexcept;

// The highest that is not silent, up to the wish; if there is none, the lowest above it. Null: nothing arrives at all.
[[nodiscard]] Encoding* best_encoding(const std::vector<std::unique_ptr<Encoding>>& encodings, const EncodingWish& wish, Instant now) noexcept;

}  // namespace cardea
