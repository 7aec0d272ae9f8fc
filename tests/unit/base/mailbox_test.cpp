#include "base/mailbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <memory>
#include <thread>
#include <utility>

namespace cardea {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

bool is_readable(int fd, int wait_ms = 0) {
    pollfd one{fd, POLLIN, 0};
    return poll(&one, 1, wait_ms) == 1;
}

TEST(Mailbox, KeepsTheOrderAndEmptiesItself) {
    Mailbox<int> box;
    box.push(1);
    box.push(2);
    std::vector<int> got{99};
    box.take_all(got);
    EXPECT_THAT(got, ElementsAre(1, 2));
    box.take_all(got);
    EXPECT_THAT(got, IsEmpty());
}

TEST(Mailbox, TheDescriptorIsReadableWhileSomethingWaits) {
    Mailbox<int> box;
    EXPECT_FALSE(is_readable(box.fd()));
    box.push(1);
    box.push(2);
    EXPECT_TRUE(is_readable(box.fd()));
    std::vector<int> got;
    box.take_all(got);
    EXPECT_FALSE(is_readable(box.fd()));
    box.push(3);
    EXPECT_TRUE(is_readable(box.fd()));
}

TEST(Mailbox, ClosesOnlyWhenEmptyAndThenRefuses) {
    Mailbox<int> box;
    box.push(1);
    EXPECT_FALSE(box.close_if_empty());
    EXPECT_TRUE(box.push(2));
    std::vector<int> got;
    box.take_all(got);
    EXPECT_TRUE(box.close_if_empty());
    EXPECT_FALSE(box.push(3));
    box.take_all(got);
    EXPECT_THAT(got, IsEmpty());
}

TEST(WakeLater, ReadersAreWokenAtItsEnd) {
    Mailbox<int> first, second;
    {
        WakeLater later;
        first.push(1);
        second.push(2);
        EXPECT_FALSE(is_readable(first.fd()));
        later.wake_now();
        EXPECT_TRUE(is_readable(first.fd()) && is_readable(second.fd()));
        std::vector<int> got;
        first.take_all(got);
        first.push(3);
        EXPECT_FALSE(is_readable(first.fd()));
    }
    EXPECT_TRUE(is_readable(first.fd()));
    first.push(4);
    std::vector<int> got;
    first.take_all(got);
    EXPECT_THAT(got, ElementsAre(3, 4));
    first.push(5);
    EXPECT_TRUE(is_readable(first.fd())) << "at once, when there is none";
}

TEST(WakeLater, OtherThreadsWakeAtOnce) {
    Mailbox<int> box;
    WakeLater later;
    std::thread{[&] { box.push(1); }}.join();
    EXPECT_TRUE(is_readable(box.fd()));
}

// The descriptor of one that is gone may be another's by then.
TEST(WakeLater, AMailboxMayEndBeforeItsReaderIsWoken) {
    WakeLater later;
    auto box = std::make_unique<Mailbox<int>>();
    const int fd = box->fd();
    box->push(1);
    box.reset();
    EXPECT_FALSE(is_readable(fd)) << "still that eventfd";
    later.wake_now();
    pollfd closed{fd, POLLIN, 0};
    EXPECT_EQ(poll(&closed, 1, 0), 1);
    EXPECT_NE(closed.revents & POLLNVAL, 0);
}

// A lost wake-up shows as a reader that waits although something is there. Order per writer is kept.
TEST(Mailbox, ManyWritersLoseNothingAndAlwaysWakeTheReader) {
    constexpr int kWriters = 4;
    constexpr int kItems = 20'000;
    Mailbox<std::pair<int, int>> box;
    std::vector<std::thread> writers;
    for (int w = 0; w < kWriters; ++w)
        writers.emplace_back([&box, w] {
            for (int i = 0; i < kItems; ++i) box.push({w, i});
        });
    std::array<int, kWriters> next{};
    int missing = kWriters * kItems;
    bool in_order = true;
    std::vector<std::pair<int, int>> got;
    while (missing > 0 && is_readable(box.fd(), 10'000)) {
        box.take_all(got);
        missing -= static_cast<int>(got.size());
        for (const auto& [writer, item] : got) in_order &= item == next[static_cast<std::size_t>(writer)]++;
    }
    EXPECT_EQ(missing, 0);
    EXPECT_TRUE(in_order);
    for (auto& writer : writers) writer.join();
}

}  // namespace
}  // namespace cardea
