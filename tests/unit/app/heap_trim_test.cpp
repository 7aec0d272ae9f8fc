#include "app/heap_trim.hpp"

#include <gtest/gtest.h>

namespace cardea::app {
namespace {

TEST(HeapTrim, LeavesALittleFreeMemoryAlone) {
    HeapTrim trim{1000};
    EXPECT_FALSE(trim.is_due(0));
    EXPECT_FALSE(trim.is_due(400));
    EXPECT_FALSE(trim.is_due(999));
    EXPECT_FALSE(trim.is_due(999));
}

TEST(HeapTrim, WaitsUntilFreeingHasSettled) {
    HeapTrim trim{1000};
    EXPECT_FALSE(trim.is_due(5000));
    EXPECT_FALSE(trim.is_due(9000));
    EXPECT_TRUE(trim.is_due(9100));
}

TEST(HeapTrim, DoesNotGiveTheSameMemoryBackTwice) {
    HeapTrim trim{1000};
    EXPECT_FALSE(trim.is_due(5000));
    EXPECT_TRUE(trim.is_due(5000));
    EXPECT_FALSE(trim.is_due(5000));
    EXPECT_FALSE(trim.is_due(5400));
    EXPECT_FALSE(trim.is_due(5800));
    EXPECT_TRUE(trim.is_due(6200));
}

TEST(HeapTrim, GivesBackAgainWhatWasUsedInBetween) {
    HeapTrim trim{1000};
    EXPECT_FALSE(trim.is_due(5000));
    EXPECT_TRUE(trim.is_due(5000));
    EXPECT_FALSE(trim.is_due(300));
    EXPECT_FALSE(trim.is_due(5000));
    EXPECT_TRUE(trim.is_due(5000));
}

}  // namespace
}  // namespace cardea::app
