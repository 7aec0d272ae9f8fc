// What gives way when a worker cannot keep up: video, so that audio goes on. First legs fall back to base temporal layers, then more and
// more of them rest, until the worker keeps up. A leg that is back begins with a keyframe. One worker's; one thread.
#pragma once

#include <cstdint>

#include "base/clock.hpp"
#include "base/strong_id.hpp"

namespace cardea {

class VideoShedding {
  public:
    // A worker is late when even the newest datagram it finds has waited for so long, all the time of a window: what comes in a burst, or
    // while the machine was elsewhere, is worked off before.
    static constexpr Duration kLate = 10ms;
    static constexpr Duration kWindow = 200ms;
    // Of 256 places, one for each leg.
    static constexpr unsigned kPlaces = 256;

    // A socket has been read: how long the newest of its datagrams had waited.
    void on_read(Instant now, Duration waited) noexcept;

    [[nodiscard]] static std::uint8_t place_of(SinkId sink) noexcept {
        return static_cast<std::uint8_t>(sink.value * 0x9e3779b97f4a7c15U >> 56U);
    }
    [[nodiscard]] bool is_base_only() const noexcept { return base_only_; }
    [[nodiscard]] bool rests(std::uint8_t place) const noexcept { return place < share_; }
    [[nodiscard]] unsigned share() const noexcept { return share_; }  // of kPlaces
    void count_left_out() noexcept { ++left_out_; }
    [[nodiscard]] std::uint64_t left_out() const noexcept { return left_out_; }  // packets that legs at rest were not sent

  private:
    void judge(Instant now, Duration least_wait) noexcept;
    void shed_more(Instant now, Duration least_wait) noexcept;
    void shed_less(Instant now) noexcept;

    Instant window_end_{};
    Duration least_wait_ = Duration::max();
    bool base_only_ = false;
    unsigned share_ = 0;
    Instant changed_at_{};
    bool lowered_ = false;                // since it was last raised
    Duration patience_ = kFirstPatience;  // before legs come back
    std::uint64_t left_out_ = 0;

    static constexpr Duration kFirstPatience = 1s;
    static constexpr Duration kLongestPatience = 32s;
};

}  // namespace cardea
