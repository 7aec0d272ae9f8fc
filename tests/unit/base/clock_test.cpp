#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace cardea {
namespace {

// RFC 5905 section 6: 2,208,988,800 seconds from 1900 to 1970, fractions of 2^-32 s.
TEST(NtpTime, CountsFrom1900WithBinaryFractions) {
    EXPECT_EQ(ntp_of(WallTime{0s}), std::uint64_t{2'208'988'800U} << 32U);
    EXPECT_EQ(ntp_of(WallTime{500ms}), (std::uint64_t{2'208'988'800U} << 32U) + (std::uint64_t{1} << 31U));
    EXPECT_LT(ntp_of(WallTime{1s} - 1ns), ntp_of(WallTime{1s}));
}

TEST(Instant, IsTheMonotonicClockInNanoseconds) {
    EXPECT_EQ(ns_of(instant_of_ns(123)), 123);
    const auto first = MonotonicClock::now();
    EXPECT_GE(MonotonicClock::now(), first);
}

}  // namespace
}  // namespace cardea
