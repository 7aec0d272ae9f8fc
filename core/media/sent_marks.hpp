// What a leg's packets had of their own besides numbers, for retransmissions: one under the same sequence number must be the same
// to the bit (RFC 7714 section 8.1). Kept only by legs that leave layers out.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>

#include "proto/rtp/sequence.hpp"

namespace cardea {

class SentMarks {
  public:
    void on_sent(std::uint16_t sequence, bool marker, bool padding) noexcept {
        if (started_ && is_newer_sequence(sequence, highest_))
            for (auto skipped = static_cast<std::uint16_t>(highest_ + 1U); skipped != sequence; ++skipped) set(skipped, false, false);
        if (!started_ || is_newer_sequence(sequence, highest_)) highest_ = sequence;
        started_ = true;
        set(sequence, marker, padding);
    }
    [[nodiscard]] bool has_marker(std::uint16_t sequence) const noexcept { return markers_[sequence % kWindow]; }
    [[nodiscard]] bool is_padding(std::uint16_t sequence) const noexcept { return padding_[sequence % kWindow]; }

  private:
    static constexpr std::size_t kWindow = 2048;  // as far as RtpRewriter::original() reaches
    void set(std::uint16_t sequence, bool marker, bool padding) noexcept {
        markers_[sequence % kWindow] = marker;
        padding_[sequence % kWindow] = padding;
    }
    std::bitset<kWindow> markers_;  // set here, not by the source
    std::bitset<kWindow> padding_;
    std::uint16_t highest_ = 0;
    bool started_ = false;
};

}  // namespace cardea
