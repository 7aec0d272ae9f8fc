// A map from one growing number sequence to another without the gaps that were made on purpose: packets or pictures left out
// close up, lost ones do not. It is a ring of runs with a constant offset, so it can be asked in both directions. Numbers are
// unwrapped; the caller wraps them to 16, 15 or 8 bits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "proto/rtp/source_epoch.hpp"

namespace cardea {

class GapFreeMap {
  public:
    explicit GapFreeMap(std::int64_t next_out) noexcept : highest_out_{next_out - 1} {}

    // `in` is the first number of a new source, or the first after a pause: it follows the highest number given out so far.
    // Earlier numbers of this source have no image from now on.
    void start(SourceEpoch epoch, std::int64_t in) noexcept;
    // The image of `in`. None: not started, before the start, or left out.
    [[nodiscard]] std::optional<std::int64_t> map(SourceEpoch epoch, std::int64_t in) noexcept;
    // Leaves `in` out. Only numbers not yet passed can be closed up; a late one keeps its gap.
    void drop(std::int64_t in) noexcept;

    struct Original {
        SourceEpoch epoch;
        std::int64_t in = 0;
    };
    // The number that was given `out`, as far back as the ring reaches.
    [[nodiscard]] std::optional<Original> original(std::int64_t out) const noexcept;

    [[nodiscard]] bool is_started() const noexcept { return count_ > 0; }
    [[nodiscard]] SourceEpoch epoch() const noexcept { return is_started() ? run(0).epoch : SourceEpoch{}; }
    [[nodiscard]] std::int64_t highest_in() const noexcept { return highest_in_; }
    [[nodiscard]] std::int64_t highest_out() const noexcept { return highest_out_; }

  private:
    // Half the pictures dropped (two temporal layers at 30 fps) opens 15 runs a second; a receiver asks back one or two.
    static constexpr std::size_t kRuns = 64;
    struct Run {
        std::int64_t first_out = 0;
        std::int64_t offset = 0;  // in - out
        SourceEpoch epoch{};
        bool is_start = false;  // nothing of this source before it
    };
    [[nodiscard]] const Run& run(std::size_t age) const noexcept { return runs_[(newest_ + kRuns - age) % kRuns]; }
    void push(const Run& run) noexcept;
    void move_on(std::int64_t in, std::int64_t out) noexcept;

    std::array<Run, kRuns> runs_{};
    std::size_t newest_ = kRuns - 1;
    std::size_t count_ = 0;
    std::int64_t highest_in_ = 0;
    std::int64_t highest_out_ = 0;
};

}  // namespace cardea
