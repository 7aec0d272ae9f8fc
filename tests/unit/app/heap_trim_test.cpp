#include "app/heap_trim.hpp"

#include <gtest/gtest.h>

namespace cardea::app {
namespace {

// As it is where everything free is still in memory.
HeapState kept(std::int64_t octets) { return {octets, octets}; }

TEST(HeapTrim, LeavesALittleFreeMemoryAlone) {
    HeapTrim trim{1000};
    EXPECT_FALSE(trim.is_due(kept(0)));
    EXPECT_FALSE(trim.is_due(kept(400)));
    EXPECT_FALSE(trim.is_due(kept(999)));
    EXPECT_FALSE(trim.is_due(kept(999)));
}

TEST(HeapTrim, WaitsUntilFreeingHasSettled) {
    HeapTrim trim{1000};
    EXPECT_FALSE(trim.is_due(kept(5000)));
    EXPECT_FALSE(trim.is_due(kept(9000)));
    EXPECT_TRUE(trim.is_due(kept(9100)));
}

TEST(HeapTrim, DoesNotGiveTheSameMemoryBackTwice) {
    HeapTrim trim{1000};
    EXPECT_FALSE(trim.is_due(kept(5000)));
    EXPECT_TRUE(trim.is_due(kept(5000)));
    trim.trimmed({300, 5000});  // it stays free
    EXPECT_FALSE(trim.is_due({300, 5000}));
    EXPECT_FALSE(trim.is_due({700, 5400}));
    EXPECT_FALSE(trim.is_due({1100, 5800}));
    EXPECT_TRUE(trim.is_due({1300, 6000}));
}

TEST(HeapTrim, GivesBackAgainWhatWasUsedInBetween) {
    HeapTrim trim{1000};
    EXPECT_FALSE(trim.is_due(kept(5000)));
    EXPECT_TRUE(trim.is_due(kept(5000)));
    trim.trimmed({0, 5000});
    EXPECT_FALSE(trim.is_due({0, 300}));
    EXPECT_FALSE(trim.is_due({4700, 5000}));
    EXPECT_TRUE(trim.is_due({4700, 5000}));
}

// Used and freed again between two looks: as much is free as before, but it is in memory again.
TEST(HeapTrim, GivesBackWhatWasUsedUnseen) {
    HeapTrim trim{1000};
    EXPECT_FALSE(trim.is_due(kept(5000)));
    EXPECT_TRUE(trim.is_due(kept(5000)));
    trim.trimmed({0, 5000});
    EXPECT_TRUE(trim.is_due({4700, 5000}));
}

// Pages of stacks and variables, or blocks that were allocated before they were touched.
TEST(HeapTrim, WhatIsNotTheAllocatorsIsNoReason) {
    HeapTrim trim{1000};
    EXPECT_FALSE(trim.is_due({9000, 500}));
    EXPECT_FALSE(trim.is_due({9000, 500}));
}

TEST(HeapTrim, WhatTrimmingDoesNotBringIsNotTriedAgain) {
    HeapTrim trim{1000};
    EXPECT_FALSE(trim.is_due(kept(5000)));
    EXPECT_TRUE(trim.is_due(kept(5000)));
    trim.trimmed(kept(5000));
    EXPECT_FALSE(trim.is_due(kept(5000)));
    EXPECT_FALSE(trim.is_due(kept(5900)));
    EXPECT_TRUE(trim.is_due(kept(6000)));
}

}  // namespace
}  // namespace cardea::app
