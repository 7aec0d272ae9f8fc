#include "link_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace cardea::link {
namespace {

constexpr Instant kStart = instant_of_ns(1'000'000'000);
constexpr std::array<std::uint8_t, 100> kMedia{0x80};

std::vector<bool> fates(LinkSettings settings, std::uint64_t seed, int count) {
    LinkModel model{settings, seed};
    std::vector<bool> arrived;
    for (int i = 0; i < count; ++i) arrived.push_back(model.admit(kMedia, kStart + i * 1ms).has_value());
    return arrived;
}

TEST(LinkModel, DeliversEverythingAtOnceByDefault) {
    LinkModel model{{}, 1};
    const auto fate = model.admit(kMedia, kStart);
    ASSERT_TRUE(fate);
    EXPECT_EQ(fate->at, kStart);
    EXPECT_FALSE(fate->again);
}

TEST(LinkModel, LosesTheShareAskedFor) {
    const auto arrived = fates({.loss = 0.1}, 7, 20000);
    EXPECT_NEAR(static_cast<double>(std::count(arrived.begin(), arrived.end(), false)), 2000, 150);
}

TEST(LinkModel, RepeatsItselfForTheSameSeedOnly) {
    EXPECT_EQ(fates({.loss = 0.3}, 5, 500), fates({.loss = 0.3}, 5, 500));
    EXPECT_NE(fates({.loss = 0.3}, 5, 500), fates({.loss = 0.3}, 6, 500));
}

TEST(LinkModel, KeepsTheOrderUnderJitter) {
    LinkModel model{{.delay = 20ms, .jitter = 30ms}, 3};
    Instant last{};
    for (int i = 0; i < 1000; ++i) {
        const auto sent = kStart + i * 1ms;
        const auto fate = model.admit(kMedia, sent);
        ASSERT_TRUE(fate);
        EXPECT_GE(fate->at, last);
        EXPECT_GE(fate->at - sent, Duration{20ms});
        EXPECT_LE(fate->at - sent, Duration{50ms});
        last = fate->at;
    }
}

TEST(LinkModel, LetsLaterDatagramsOvertakeAHeldBackOne) {
    LinkModel model{{.reorder = 1}, 3};
    const auto held = model.admit(kMedia, kStart);
    model.settings().reorder = 0;
    const auto next = model.admit(kMedia, kStart + 1ms);
    ASSERT_TRUE(held && next);
    EXPECT_GT(held->at, next->at);
}

TEST(LinkModel, SpacesDatagramsByTheRateAndDropsBeyondTheQueue) {
    LinkModel model{{.kbps = 80, .queue = 25ms}, 1};  // 100 bytes take 10 ms
    std::vector<Duration> waits;
    for (int i = 0; i < 5; ++i)
        if (const auto fate = model.admit(kMedia, kStart)) waits.push_back(fate->at - kStart);
    EXPECT_THAT(waits, testing::ElementsAre(10ms, 20ms, 30ms));
    EXPECT_EQ(model.counters().queue_full, 2U);
}

TEST(LinkModel, DropsConnectivityChecksAloneWhenTold) {
    LinkModel model{{.drops_stun = true}, 1};
    const std::array<std::uint8_t, 20> check{0x00, 0x01, 0, 0, 0x21, 0x12, 0xa4, 0x42};
    EXPECT_FALSE(model.admit(check, kStart));
    EXPECT_TRUE(model.admit(kMedia, kStart));
}

TEST(LinkModel, RefusesSettingsOutOfRange) {
    LinkSettings settings;
    EXPECT_TRUE(change(settings, "loss", 0.02));
    EXPECT_FALSE(change(settings, "loss", 1.5));
    EXPECT_FALSE(change(settings, "delay", -1));
    EXPECT_FALSE(change(settings, "colour", 1));
    EXPECT_EQ(settings.loss, 0.02);
}

}  // namespace
}  // namespace cardea::link
