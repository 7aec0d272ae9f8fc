#include "base/log_interval.hpp"

#include <gtest/gtest.h>

namespace cardea {
namespace {

TEST(LogInterval, TellsTheFirstAtOnceAndThenHowManyThereWere) {
    log::Interval interval{10s};
    const Instant start{5s};
    EXPECT_EQ(interval.count(start), 1U);
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(interval.count(start + Duration{i * 1ms}), 0U);
    EXPECT_EQ(interval.count(start + 10s), 1001U);
    EXPECT_EQ(interval.count(start + 19s), 0U);
    EXPECT_EQ(interval.count(start + 100s), 2U);
}

}  // namespace
}  // namespace cardea
