#include "runtime/loop/event_loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <thread>
#include <vector>

namespace cardea {
namespace {

using testing::ElementsAre;

TEST(EventLoop, RunsTasksOfOtherThreadsInTheirOrderAndStops) {
    EventLoop loop;
    std::vector<int> ran;
    std::thread other{[&] {
        for (int i = 0; i < 3; ++i) loop.post([&ran, i] { ran.push_back(i); });
        loop.stop();
    }};
    loop.run();
    other.join();
    EXPECT_THAT(ran, ElementsAre(0, 1, 2));
}

TEST(EventLoop, WhatWasPostedBeforeTheStopRunsEvenIfTheLoopBeginsLater) {
    EventLoop loop;
    bool ran = false;
    loop.post([&] { ran = true; });
    loop.stop();
    loop.run();
    EXPECT_TRUE(ran);
}

TEST(EventLoop, CallsTheHandlerOfAReadableDescriptorUntilItIsUnwatched) {
    EventLoop loop;
    std::array<int, 2> pipe_ends{};
    ASSERT_EQ(pipe(pipe_ends.data()), 0);
    int calls = 0;
    ASSERT_TRUE(loop.watch(pipe_ends[0], EPOLLIN, [&](std::uint32_t) {
        if (++calls == 2) loop.unwatch(pipe_ends[0]);
    }));
    ASSERT_EQ(write(pipe_ends[1], "x", 1), 1);
    for (int i = 0; i < 4; ++i) loop.run_once(0s);
    EXPECT_EQ(calls, 2);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
}

TEST(EventLoop, RunsATimerAndNotACancelledOne) {
    EventLoop loop;
    bool cancelled_ran = false;
    const auto cancelled = loop.start_timer(0s, [&] { cancelled_ran = true; });
    loop.start_timer(1ms, [&] { loop.stop(); });
    EXPECT_TRUE(loop.cancel_timer(cancelled));
    loop.run();
    EXPECT_FALSE(cancelled_ran);
}

// A reader of what tasks post is woken at the end of the turn, and before that when the turn is a long one.
TEST(EventLoop, WakesReadersAfterATurnOrSixteenTasksOfIt) {
    EventLoop loop;
    Mailbox<int> reader;
    const auto is_woken = [&] {
        pollfd one{reader.fd(), POLLIN, 0};
        return poll(&one, 1, 0) == 1;
    };
    std::vector<bool> woken;
    const auto post_tasks = [&](int count) {
        for (int i = 0; i < count; ++i)
            loop.post([&] {
                woken.push_back(is_woken());
                reader.push(1);
            });
    };
    post_tasks(3);
    loop.run_once(0s);
    EXPECT_THAT(woken, ElementsAre(false, false, false));
    EXPECT_TRUE(is_woken());

    std::vector<int> got;
    reader.take_all(got);
    woken.clear();
    post_tasks(17);
    loop.run_once(0s);
    ASSERT_EQ(woken.size(), 17U);
    EXPECT_FALSE(woken[15]);
    EXPECT_TRUE(woken[16]);
}

TEST(EventLoop, DrainingRunsWhatIsThereAndWhatThatPostsThenRefuses) {
    EventLoop loop;
    int ran = 0;
    loop.post([&] {
        ++ran;
        loop.post([&] { ++ran; });
    });
    loop.drain_and_close();
    EXPECT_EQ(ran, 2);
    EXPECT_FALSE(loop.post([] {}));
}

}  // namespace
}  // namespace cardea
