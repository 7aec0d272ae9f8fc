// The bitrate a peer may send, told to it by REMB once a second. The first seconds ramp up, so that a fresh sender's estimator
// does not overshoot a thin line.
#pragma once

#include <algorithm>
#include <cstdint>

namespace cardea {

class BitrateCap {
  public:
    void set(std::uint64_t bits_per_second) noexcept { cap_ = bits_per_second; }
    [[nodiscard]] bool is_set() const noexcept { return cap_ > 0; }
    [[nodiscard]] std::uint64_t current() const noexcept { return cap_ * step_ / kSteps; }  // as sent last
    // The value to send now; counts as one second of the ramp.
    [[nodiscard]] std::uint64_t next() noexcept {
        step_ = std::min(step_ + 1, kSteps);
        return cap_ * step_ / kSteps;
    }

  private:
    static constexpr std::uint64_t kSteps = 4;
    std::uint64_t cap_ = 0;
    std::uint64_t step_ = 0;
};

}  // namespace cardea
