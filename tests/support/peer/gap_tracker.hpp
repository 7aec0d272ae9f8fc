// Which numbers of a rising series arrived: what is missing, twice there, late. Used for RTP sequence numbers and for stamps.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/clock.hpp"

namespace cardea::testpeer {

enum class Arrival { first, in_order, late, duplicate, before_start };

class GapTracker {
  public:
    Arrival arrived(std::int64_t number, Instant now);
    // Missing numbers whose request is due: 10 ms after they were noticed, then each 60 ms, at most 12 times.
    [[nodiscard]] std::vector<std::int64_t> poll_requests(Instant now);
    [[nodiscard]] bool was_requested(std::int64_t number) const;
    // Numbers that were noticed as missing before `before` and never came.
    [[nodiscard]] std::uint64_t lost(Instant before) const;
    // The first of them, counted from the first number that came: 0-based positions for a report.
    [[nodiscard]] std::vector<std::int64_t> lost_positions(Instant before, std::size_t most) const;
    [[nodiscard]] std::uint64_t missing() const noexcept { return missing_.size() + given_up_; }
    [[nodiscard]] std::uint64_t expected() const noexcept;
    // How many numbers after the first one that came.
    [[nodiscard]] std::int64_t position_of(std::int64_t number) const noexcept { return number - first_.value_or(number); }
    [[nodiscard]] std::int64_t highest() const noexcept { return highest_.value_or(0); }

  private:
    struct Missing {
        Instant noticed;
        Instant requested{};
        int requests = 0;
    };
    std::optional<std::int64_t> first_;
    std::optional<std::int64_t> highest_;
    std::map<std::int64_t, Missing> missing_;
    std::uint64_t given_up_ = 0;  // part of a gap too wide to be listed
};

}  // namespace cardea::testpeer
