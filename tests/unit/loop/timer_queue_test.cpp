#include "runtime/loop/timer_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace cardea {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Instant kStart{1000s};

struct TimerQueueTest : testing::Test {
    TimerQueue queue;
    std::vector<int> ran;
    auto note(int number) {
        return [this, number] { ran.push_back(number); };
    }
};

TEST_F(TimerQueueTest, RunsWhatIsDueInOrderOfTime) {
    queue.add(kStart + 3s, note(3));
    queue.add(kStart + 1s, note(1));
    queue.add(kStart + 2s, note(2));
    queue.run_due(kStart + 2s);
    EXPECT_THAT(ran, ElementsAre(1, 2));
    EXPECT_EQ(queue.next(), kStart + 3s);
}

TEST_F(TimerQueueTest, KeepsTheOrderOfTimersOfOneInstant) {
    for (int i = 0; i < 4; ++i) queue.add(kStart, note(i));
    queue.run_due(kStart);
    EXPECT_THAT(ran, ElementsAre(0, 1, 2, 3));
}

TEST_F(TimerQueueTest, NeverRunsACancelledTimer) {
    const auto id = queue.add(kStart, note(1));
    EXPECT_TRUE(queue.cancel(id));
    EXPECT_FALSE(queue.cancel(id));
    queue.run_due(kStart);
    EXPECT_THAT(ran, IsEmpty());
    EXPECT_FALSE(queue.next());
}

TEST_F(TimerQueueTest, ATaskMayCancelAnotherThatIsDueToo) {
    TimerQueue::Id second = 0;
    queue.add(kStart, [&] { queue.cancel(second); });
    second = queue.add(kStart, note(2));
    queue.add(kStart, note(3));
    queue.run_due(kStart);
    EXPECT_THAT(ran, ElementsAre(3));
}

TEST_F(TimerQueueTest, ATimerThatArmsItselfForNowWaitsForTheNextTurn) {
    queue.add(kStart, [&] {
        ran.push_back(1);
        queue.add(kStart - 1s, note(2));
    });
    queue.add(kStart, note(3));
    queue.run_due(kStart);
    EXPECT_THAT(ran, ElementsAre(1, 3));
    queue.run_due(kStart);
    EXPECT_THAT(ran, ElementsAre(1, 3, 2));
}

}  // namespace
}  // namespace cardea
