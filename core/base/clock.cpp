#include "base/clock.hpp"

#include <ctime>

namespace cardea {

MonotonicClock::time_point MonotonicClock::now() noexcept {
    timespec ts{};
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return time_point{std::chrono::seconds{ts.tv_sec} + std::chrono::nanoseconds{ts.tv_nsec}};
}

WallTime wall_now() noexcept { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

std::uint64_t ntp_of(WallTime t) noexcept {
    constexpr std::uint64_t kUnixToNtp = 2'208'988'800U;
    const auto ns = static_cast<std::uint64_t>(t.time_since_epoch().count());
    const std::uint64_t seconds = ns / 1'000'000'000U + kUnixToNtp;
    const std::uint64_t fraction = ((ns % 1'000'000'000U) << 32U) / 1'000'000'000U;
    return seconds << 32U | fraction;
}

}  // namespace cardea
