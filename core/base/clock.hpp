// Time is an argument. Instant is CLOCK_MONOTONIC in nanoseconds, everywhere, the module ABI included.
// Wall clock has a type of its own and appears only in sender reports, events and logs.
#pragma once

#include <chrono>
#include <cstdint>
#include <ratio>

namespace cardea {

using namespace std::chrono_literals;
using Duration = std::chrono::nanoseconds;

struct MonotonicClock {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = Duration;
    using time_point = std::chrono::time_point<MonotonicClock, Duration>;
    static constexpr bool is_steady = true;
    static time_point now() noexcept;
};
using Instant = MonotonicClock::time_point;

using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;
[[nodiscard]] WallTime wall_now() noexcept;

[[nodiscard]] constexpr Instant instant_of_ns(std::int64_t ns) noexcept { return Instant{Duration{ns}}; }
[[nodiscard]] constexpr std::int64_t ns_of(Instant t) noexcept { return t.time_since_epoch().count(); }

// 64-bit NTP timestamp (RFC 5905 section 6): seconds since 1900 in the upper half.
[[nodiscard]] std::uint64_t ntp_of(WallTime t) noexcept;

}  // namespace cardea
