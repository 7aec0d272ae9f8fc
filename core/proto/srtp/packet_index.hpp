// Packet indices: the rollover guess (RFC 3711 section 3.3.1) and the replay window (section 3.3.2).
#pragma once

#include <cstdint>

namespace cardea {

// ROC and sequence number, 48 bits.
[[nodiscard]] constexpr std::uint64_t rtp_index(std::uint32_t roc, std::uint16_t sequence) noexcept {
    return std::uint64_t{roc} << 16U | sequence;
}

// The index nearest to the highest one seen so far. Where the RFC's guess would lie before the first rollover counter (a jump up of more
// than half the range in the first round), the counter stays 0, as libsrtp2 does.
[[nodiscard]] constexpr std::uint64_t estimate_index(std::uint64_t highest, std::uint16_t sequence) noexcept {
    const auto roc = static_cast<std::uint32_t>(highest >> 16U);
    const int last = static_cast<int>(highest & 0xffffU);
    const int distance = static_cast<int>(sequence) - last;
    if (last < 0x8000 && distance > 0x8000 && roc > 0) return rtp_index(roc - 1, sequence);
    if (last >= 0x8000 && distance < -0x8000) return rtp_index(roc + 1, sequence);
    return rtp_index(roc, sequence);
}

enum class Freshness : std::uint8_t { fresh, replay, old };

// Which of the last 128 indices have been accepted. Only accept() moves it: call that after authentication.
class ReplayWindow {
  public:
    static constexpr std::uint64_t kSize = 128;

    [[nodiscard]] constexpr bool is_started() const noexcept { return started_; }
    [[nodiscard]] constexpr std::uint64_t highest() const noexcept { return highest_; }

    [[nodiscard]] constexpr Freshness check(std::uint64_t index) const noexcept {
        if (!started_ || index > highest_) return Freshness::fresh;
        const auto behind = highest_ - index;
        if (behind >= kSize) return Freshness::old;
        return (seen_[behind / 64] >> (behind % 64) & 1U) != 0 ? Freshness::replay : Freshness::fresh;
    }
    constexpr void accept(std::uint64_t index) noexcept {
        if (!started_) {
            started_ = true;
            highest_ = index;
        } else if (index > highest_) {
            shift(index - highest_);
            highest_ = index;
        }
        const auto behind = highest_ - index;
        if (behind < kSize) seen_[behind / 64] |= std::uint64_t{1} << (behind % 64);
    }

  private:
    constexpr void shift(std::uint64_t by) noexcept {
        if (by >= kSize) {
            seen_[0] = seen_[1] = 0;
        } else if (by >= 64) {
            seen_[1] = seen_[0] << (by - 64);
            seen_[0] = 0;
        } else {
            seen_[1] = seen_[1] << by | seen_[0] >> (64 - by);
            seen_[0] <<= by;
        }
    }
    std::uint64_t seen_[2]{};  // bit b of word w: highest - (64 w + b)
    std::uint64_t highest_ = 0;
    bool started_ = false;
};

}  // namespace cardea
