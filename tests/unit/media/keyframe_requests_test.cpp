#include <gtest/gtest.h>

#include "media/source.hpp"

namespace cardea {
namespace {

constexpr auto kStart = instant_of_ns(1'000'000'000'000);

TEST(KeyframeRequests, SendsTheFirstAtOnceAndJoinsTheRest) {
    KeyframeRequests requests;
    EXPECT_TRUE(requests.want(kStart));
    EXPECT_FALSE(requests.want(kStart + 10ms));
    EXPECT_FALSE(requests.want(kStart + 200ms));
}

TEST(KeyframeRequests, AsksAgainUntilOneComes) {
    KeyframeRequests requests;
    ASSERT_TRUE(requests.want(kStart));
    EXPECT_FALSE(requests.poll(kStart + 900ms));
    EXPECT_TRUE(requests.poll(kStart + 1s));
    EXPECT_EQ(requests.next(), kStart + 2s);
    requests.on_keyframe();
    EXPECT_FALSE(requests.poll(kStart + 5s));
    EXPECT_EQ(requests.next(), Instant::max());
}

TEST(KeyframeRequests, LeavesASenderAloneThatNeverMakesOne) {
    KeyframeRequests requests;
    ASSERT_TRUE(requests.want(kStart));
    int sent = 0;
    for (int second = 1; second < 100; ++second) sent += requests.poll(kStart + std::chrono::seconds{second}) ? 1 : 0;
    EXPECT_EQ(sent, 10);
    EXPECT_TRUE(requests.want(kStart + 200s)) << "asked anew";
}

TEST(KeyframeRequests, AKeyframeJustBeforeDoesNotOpenTheFloodgate) {
    KeyframeRequests requests;
    ASSERT_TRUE(requests.want(kStart));
    requests.on_keyframe();
    EXPECT_FALSE(requests.want(kStart + 100ms)) << "sent by poll, not at once";
    EXPECT_EQ(requests.next(), kStart + 300ms);
    EXPECT_FALSE(requests.poll(kStart + 299ms));
    EXPECT_TRUE(requests.poll(kStart + 300ms)) << "and no later than the floor";
}

}  // namespace
}  // namespace cardea
