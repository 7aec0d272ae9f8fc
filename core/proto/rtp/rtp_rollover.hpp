// RFC 3711 section 3.3.1: the sender knows its rollover counter, it only has to count.
#pragma once

#include <cstdint>

namespace cardea {

class RtpRollover {
  public:
    // Of a packet that is sent, or sent again, under this number.
    [[nodiscard]] std::uint32_t of(std::uint16_t sequence) noexcept {
        const auto ahead = static_cast<std::uint16_t>(sequence - highest_);
        if (ahead < 0x8000) {
            if (sequence < highest_) ++roc_;
            highest_ = sequence;
            return roc_;
        }
        return sequence > highest_ ? roc_ - 1 : roc_;
    }

  private:
    std::uint32_t roc_ = 0;
    std::uint16_t highest_ = 0;
};

}  // namespace cardea
