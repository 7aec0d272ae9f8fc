// Milliseconds from a publisher's send to a subscriber's receive: counted in buckets, so that a long run costs no memory.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "base/clock.hpp"

namespace cardea::load {

class Latencies {
  public:
    void add(Duration latency) noexcept {
        const auto microseconds = std::max<std::int64_t>(latency.count() / 1000, 1);
        const auto bucket = static_cast<std::size_t>(std::log2(static_cast<double>(microseconds)) * kPerOctave);
        ++buckets_[std::min(bucket, buckets_.size() - 1)];
        ++count_;
    }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    // The upper edge of the bucket: exact to 3 per cent.
    [[nodiscard]] double milliseconds_at(double share) const noexcept {
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            below += buckets_[i];
            if (below > 0 && static_cast<double>(below) >= share * static_cast<double>(count_))
                return std::exp2(static_cast<double>(i + 1) / kPerOctave) / 1000;
        }
        return 0;
    }
    void clear() noexcept {
        buckets_.fill(0);
        count_ = 0;
    }

  private:
    static constexpr double kPerOctave = 24;
    std::array<std::uint64_t, 24 * 26> buckets_{};  // up to 67 s
    std::uint64_t count_ = 0;
};

}  // namespace cardea::load
