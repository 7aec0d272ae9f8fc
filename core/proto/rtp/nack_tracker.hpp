// Which packets of a stream that we receive are missing, and when to ask for them again (RFC 4585 section 6.2.1).
// After the source's parser, before the RTCP writer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"

namespace cardea {

class NackTracker {
  public:
    struct Limits {
        std::size_t missing = 1000;  // more than this: give up on them and ask for a keyframe
        std::uint8_t tries = 10;
        Duration reorder_grace = 10ms;  // before the first NACK, unless newer packets make reordering unlikely
        Duration retry_floor = 40ms;    // retries are a round trip apart, but no closer than this
    };
    NackTracker() noexcept = default;
    explicit NackTracker(const Limits& limits) noexcept : limits_{limits} {}

    enum class Arrival : std::uint8_t {
        newest,     // moved the stream on
        recovered,  // was missing, had been asked for
        reordered,  // was missing, had not been asked for yet
        duplicate,  // known, or too old to know
    };
    Arrival on_packet(std::uint16_t sequence, Instant now) noexcept;

    // Sequence numbers to put into a NACK now, oldest first; at most out.size(), the rest stays due.
    [[nodiscard]] std::span<const std::uint16_t> poll_nacks(Instant now, Duration rtt, std::span<std::uint16_t> out) noexcept;
    // True once after packets were given up: the decoder needs a keyframe.
    [[nodiscard]] bool poll_keyframe_needed() noexcept;
    // A keyframe begins at `sequence`: what is missing before it is of no use to anyone.
    void forget_before(std::uint16_t sequence) noexcept;

    struct Counters {
        std::uint64_t requested = 0;  // sequence numbers in NACKs, repeats counted
        std::uint64_t recovered = 0;
        std::uint64_t reordered = 0;
        std::uint64_t given_up = 0;
        std::uint64_t resets = 0;  // jumps taken for a new start of the stream
    };
    [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
    [[nodiscard]] std::size_t missing() const noexcept { return missing_.size(); }

  private:
    struct Missing {
        std::int64_t sequence;  // unwrapped
        Instant due;
        std::uint8_t tries;
    };
    Arrival on_older(std::int64_t sequence) noexcept;
    Arrival on_jump(std::uint16_t sequence) noexcept;
    void add_gap(std::int64_t first, std::int64_t end, Instant now) noexcept;
    void give_up_all() noexcept;
    void restart_at(std::uint16_t sequence) noexcept;

    Limits limits_{};
    std::vector<Missing> missing_;  // ascending; allocated once, at the first loss
    std::optional<std::int64_t> highest_;
    std::optional<std::uint16_t> expected_after_jump_;
    bool keyframe_needed_ = false;
    Counters counters_{};
};

}  // namespace cardea
