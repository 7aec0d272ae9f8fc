#include "media/talking_watch.hpp"

#include <gtest/gtest.h>

namespace cardea {
namespace {

TEST(TalkingWatch, TellsChangesOfTheAverageOnly) {
    TalkingWatch watch;
    watch.set_rule({.packets = 4, .level = 50});
    std::vector<TalkingWatch::Change> changes;
    for (const auto level : {20, 127, 20, 20, 10, 10, 10, 10, 127, 127, 127, 127, 127, 127, 127, 127})
        if (const auto change = watch.on_level(static_cast<std::uint8_t>(level))) changes.push_back(*change);
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_TRUE(changes[0].talking);
    EXPECT_DOUBLE_EQ(changes[0].level, 46.75);
    EXPECT_FALSE(changes[1].talking);
    EXPECT_DOUBLE_EQ(changes[1].level, 127);
}

TEST(TalkingWatch, NobodyAskedNothingSaid) {
    TalkingWatch watch;
    for (int i = 0; i < 1000; ++i) EXPECT_FALSE(watch.on_level(0));
}

TEST(TalkingWatch, ANewRuleBeginsANewRun) {
    TalkingWatch watch;
    watch.set_rule({.packets = 2, .level = 50});
    EXPECT_FALSE(watch.on_level(0));
    watch.set_rule({.packets = 2, .level = 50});
    EXPECT_FALSE(watch.on_level(0));
    EXPECT_TRUE(watch.on_level(0));
}

}  // namespace
}  // namespace cardea
