#include "media/encoding_choice.hpp"

#include <gtest/gtest.h>

namespace cardea {
namespace {

class EncodingChoice : public testing::Test {
  protected:
    EncodingChoice() {
        for (std::uint8_t rank = 0; rank < 3; ++rank) encodings.push_back(std::make_unique<Encoding>(8, 90000, rank, true));
    }
    // A packet of each of these, and the review that follows.
    void arrive(std::initializer_list<int> ranks) {
        for (const auto rank : ranks) {
            auto& encoding = *encodings[static_cast<std::size_t>(rank)];
            encoding.has_packets = true;
            encoding.last_packet = now;
            note_silence(encodings, now);
        }
    }
    int best(EncodingWish wish = {}) {
        const auto* found = best_encoding(encodings, wish, now);
        return found == nullptr ? -1 : found->rank;
    }
    std::vector<std::unique_ptr<Encoding>> encodings;
    Instant now = instant_of_ns(1'000'000'000'000);
};

TEST_F(EncodingChoice, IsTheHighestThatArrives) {
    EXPECT_EQ(best(), -1);
    arrive({0});
    EXPECT_EQ(best(), 0);
    arrive({0, 1, 2});
    EXPECT_EQ(best(), 2);
    EXPECT_EQ(best({.highest = 1}), 1);
    EXPECT_EQ(best({.highest = 0}), 0);
}

TEST_F(EncodingChoice, ALowerOneThatIsNotSentIsReplacedByTheNextAbove) {
    arrive({1, 2});
    EXPECT_EQ(best({.highest = 0}), 1);
}

TEST_F(EncodingChoice, FallsBackAfterTheTimeAndReturns) {
    arrive({0, 1, 2});
    for (int i = 1; i <= 12; ++i) {
        now += 33ms;
        arrive({0, 1});
        EXPECT_EQ(best(), i * 33 < 250 ? 2 : 1) << i;
    }
    EXPECT_EQ(best({.fallback = 1s}), 2) << "each leg has its own patience";
    arrive({2});
    EXPECT_EQ(best(), 2);
}

TEST_F(EncodingChoice, OnePictureASecondIsNoSilence) {
    for (int i = 0; i < 5; ++i) {
        arrive({0});
        EXPECT_EQ(best(), i == 0 ? 0 : 2);
        now += 3ms;
        arrive({1});
        EXPECT_EQ(best(), i == 0 ? 1 : 2);
        now += 8ms;
        arrive({2});
        EXPECT_EQ(best(), 2);
        now += 1s;
    }
}

TEST_F(EncodingChoice, WhenAllAreSilentNothingChanges) {
    arrive({0, 1, 2});
    now += 10s;
    EXPECT_EQ(best(), 2);
}

}  // namespace
}  // namespace cardea
