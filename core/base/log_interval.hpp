// What somebody outside can cause as often as they like must not fill the log: the first time is logged at once, what follows is
// counted and told by one line an interval. Whoever owns it locks.
#pragma once

#include <cstdint>
#include <utility>

#include "base/clock.hpp"

namespace cardea::log {

class Interval {
  public:
    explicit Interval(Duration interval) noexcept : interval_{interval} {}

    // It has happened. How often since the last line, or 0: no line now.
    [[nodiscard]] std::uint64_t count(Instant now) noexcept {
        ++since_last_;
        if (has_last_ && now - last_ < interval_) return 0;
        has_last_ = true;
        last_ = now;
        return std::exchange(since_last_, 0);
    }

  private:
    Duration interval_;
    Instant last_{};
    std::uint64_t since_last_ = 0;
    bool has_last_ = false;
};

}  // namespace cardea::log
