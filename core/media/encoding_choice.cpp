#include "media/encoding_choice.hpp"

namespace cardea {
namespace {
// Worth a note; how long is too long is each leg's own.
constexpr Duration kNoteworthy = 100ms;
}  // namespace

void note_silence(const std::vector<std::unique_ptr<Encoding>>& encodings, Instant now) noexcept {
    for (const auto& encoding : encodings)
        if (encoding->silence_noted <= encoding->last_packet && now - encoding->last_packet >= kNoteworthy) encoding->silence_noted = now;
}

bool is_silent(const Encoding& encoding, Duration fallback, Instant now) noexcept {
    if (!encoding.has_packets) return true;
    if (now - encoding.last_packet < fallback) return false;
    return encoding.silence_noted > encoding.last_packet && now - encoding.silence_noted >= kReviewInterval;
}

Encoding* best_encoding(const std::vector<std::unique_ptr<Encoding>>& encodings, const EncodingWish& wish, Instant now) noexcept {
    Encoding* best = nullptr;
    for (const auto& encoding : encodings) {
        if (is_silent(*encoding, wish.fallback, now)) continue;
        if (encoding->rank > wish.highest && best != nullptr) break;
        best = encoding.get();
        if (encoding->rank > wish.highest) break;
    }
    return best;
}

}  // namespace cardea
