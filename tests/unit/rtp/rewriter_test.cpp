#include "proto/rtp/rewriter.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "proto/rtp/sequence.hpp"

namespace cardea {
namespace {

using Packet = RtpRewriter::SourcePacket;
constexpr SourceEpoch kFirst{1};
constexpr SourceEpoch kSecond{2};
constexpr Instant kStart{100s};

class RtpRewriterTest : public testing::Test {
  protected:
    std::optional<int> forward(SourceEpoch epoch, int sequence) {
        const auto numbers = rewriter_.forward({epoch, static_cast<std::uint16_t>(sequence), 0}, kStart);
        if (!numbers) return std::nullopt;
        return numbers->sequence;
    }
    void drop(SourceEpoch epoch, int sequence) { rewriter_.drop({epoch, static_cast<std::uint16_t>(sequence), 0}); }
    std::optional<int> original(int outgoing) const {
        const auto found = rewriter_.original(static_cast<std::uint16_t>(outgoing));
        if (!found) return std::nullopt;
        return found->sequence;
    }
    RtpRewriter rewriter_{{.sequence = 1000, .timestamp = 5000, .clock_rate = 90000}};
};

TEST_F(RtpRewriterTest, BeginsAtItsOwnNumbers) {
    const auto numbers = rewriter_.forward({kFirst, 40000, 777}, kStart);
    ASSERT_TRUE(numbers);
    EXPECT_EQ(numbers->sequence, 1000);
    EXPECT_EQ(numbers->timestamp, 5000U);
    EXPECT_TRUE(numbers->is_new);
}

TEST_F(RtpRewriterTest, KeepsTheGapOfALostPacketAndFillsItLate) {
    EXPECT_EQ(forward(kFirst, 10), 1000);
    EXPECT_EQ(forward(kFirst, 12), 1002);
    const auto late = rewriter_.forward({kFirst, 11, 0}, kStart);
    ASSERT_TRUE(late);
    EXPECT_EQ(late->sequence, 1001);
    EXPECT_FALSE(late->is_new);
}

TEST_F(RtpRewriterTest, NeverSendsASequenceTwice) {
    EXPECT_EQ(forward(kFirst, 10), 1000);
    EXPECT_EQ(forward(kFirst, 10), std::nullopt);
    EXPECT_EQ(forward(kFirst, 12), 1002);
    EXPECT_EQ(forward(kFirst, 11), 1001);
    EXPECT_EQ(forward(kFirst, 11), std::nullopt);
    EXPECT_EQ(forward(kFirst, 12), std::nullopt);
}

TEST_F(RtpRewriterTest, ClosesUpWhatIsDroppedOnPurpose) {
    EXPECT_EQ(forward(kFirst, 10), 1000);
    drop(kFirst, 11);
    drop(kFirst, 12);
    EXPECT_EQ(forward(kFirst, 13), 1001);
    EXPECT_EQ(original(1000), 10);
    EXPECT_EQ(original(1001), 13);
    EXPECT_EQ(forward(kFirst, 12), std::nullopt);  // its place is taken
}

TEST_F(RtpRewriterTest, TellsLostFromDroppedWhenBothHappen) {
    EXPECT_EQ(forward(kFirst, 10), 1000);
    drop(kFirst, 12);  // 11 is missing
    EXPECT_EQ(forward(kFirst, 13), 1002);
    EXPECT_EQ(original(1001), 11);
    EXPECT_EQ(forward(kFirst, 11), 1001);
    EXPECT_EQ(original(1002), 13);
}

TEST_F(RtpRewriterTest, ASwitchAfterALateFillBehindADropDoesNotReuseItsSequence) {
    EXPECT_EQ(forward(kFirst, 10), 1000);
    drop(kFirst, 12);
    EXPECT_EQ(forward(kFirst, 11), 1001);
    EXPECT_EQ(forward(kSecond, 500), 1002);
    EXPECT_EQ(original(1001), 11);
}

TEST_F(RtpRewriterTest, ALateDropKeepsItsGap) {
    EXPECT_EQ(forward(kFirst, 10), 1000);
    EXPECT_EQ(forward(kFirst, 12), 1002);
    drop(kFirst, 11);
    EXPECT_EQ(forward(kFirst, 13), 1003);
}

TEST_F(RtpRewriterTest, KeepsSequenceGapFreeAcrossASourceSwitch) {
    EXPECT_EQ(forward(kFirst, 65535), 1000);
    EXPECT_EQ(forward(kFirst, 0), 1001);
    EXPECT_EQ(forward(kSecond, 500), 1002);
    EXPECT_EQ(forward(kSecond, 501), 1003);
}

TEST_F(RtpRewriterTest, DropsWhatIsOlderThanTheSwitch) {
    EXPECT_EQ(forward(kFirst, 10), 1000);
    EXPECT_EQ(forward(kSecond, 500), 1001);
    EXPECT_EQ(forward(kFirst, 11), std::nullopt);
    EXPECT_EQ(forward(kSecond, 499), std::nullopt);
    EXPECT_EQ(forward(kSecond, 501), 1002);
}

TEST_F(RtpRewriterTest, AnswersNacksFromBeforeTheSwitch) {
    EXPECT_EQ(forward(kFirst, 10), 1000);
    EXPECT_EQ(forward(kFirst, 12), 1002);
    EXPECT_EQ(forward(kSecond, 500), 1003);
    const auto missing = rewriter_.original(1001);
    ASSERT_TRUE(missing);
    EXPECT_EQ(missing->epoch, kFirst);
    EXPECT_EQ(missing->sequence, 11);
    EXPECT_EQ(rewriter_.original(1003)->epoch, kSecond);
    EXPECT_EQ(rewriter_.original(1003)->sequence, 500);
}

TEST_F(RtpRewriterTest, HasNoOriginalForWhatItNeverSent) {
    EXPECT_EQ(original(1000), std::nullopt);
    EXPECT_EQ(forward(kFirst, 10), 1000);
    EXPECT_EQ(original(999), std::nullopt);
    EXPECT_EQ(original(1001), std::nullopt);
    EXPECT_EQ(original(40000), std::nullopt);
}

TEST_F(RtpRewriterTest, ContinuesTheTimestampByTheTimeThatPassed) {
    EXPECT_EQ(rewriter_.forward({kFirst, 1, 10}, kStart)->timestamp, 5000U);
    EXPECT_EQ(rewriter_.forward({kFirst, 2, 3010}, kStart + 33ms)->timestamp, 8000U);
    const auto switched = rewriter_.forward({kSecond, 9, 0xffffff00}, kStart + 133ms);
    EXPECT_EQ(switched->timestamp, 17000U);
    EXPECT_EQ(rewriter_.forward({kSecond, 10, 0xffffff00 + 3000}, kStart + 166ms)->timestamp, 20000U);
    EXPECT_EQ(rewriter_.original(1001)->timestamp_offset, 5000U - 10U);
    EXPECT_EQ(rewriter_.timestamp_offset(), 17000U + 0x100U);
}

TEST_F(RtpRewriterTest, TheTimestampAdvancesEvenWhenNoTimePassed) {
    EXPECT_EQ(rewriter_.forward({kFirst, 1, 10}, kStart)->timestamp, 5000U);
    EXPECT_EQ(rewriter_.forward({kSecond, 1, 10}, kStart)->timestamp, 5001U);
}

TEST_F(RtpRewriterTest, ACommonClockOfBothSourcesDecidesTheTimestampAfterASwitch) {
    EXPECT_EQ(rewriter_.forward({kFirst, 1, 10}, kStart)->timestamp, 5000U);
    EXPECT_EQ(rewriter_.forward({kSecond, 9, 70000, 5000U + 2700U - 70000U}, kStart + 33ms)->timestamp, 7700U);
    // The same picture again, in another size: it must not look like a part of the one before.
    EXPECT_EQ(rewriter_.forward({SourceEpoch{3}, 9, 50, 7700U - 50U}, kStart + 34ms)->timestamp, 7701U);
    // A clock that contradicts the one on the wall is not believed.
    EXPECT_EQ(rewriter_.forward({SourceEpoch{4}, 9, 50, 900000U}, kStart + 67ms)->timestamp, 7701U + 2970U);
}

// After a pause the same source is another epoch, whose offset is known.
TEST_F(RtpRewriterTest, APauseLeavesNoSequenceGapAndKeepsTheSourcesTime) {
    EXPECT_EQ(rewriter_.forward({kFirst, 1, 0}, kStart)->sequence, 1000);
    const auto resumed = rewriter_.forward({kSecond, 30000, 900000, rewriter_.timestamp_offset()}, kStart + 10s + 100ms);
    ASSERT_TRUE(resumed);
    EXPECT_EQ(resumed->sequence, 1001);
    EXPECT_EQ(resumed->timestamp, 905000U);
    EXPECT_EQ(original(1001), 30000);
    EXPECT_EQ(original(1000), 1);
}

TEST_F(RtpRewriterTest, FollowsASourceThatRestartedButNotAStray) {
    EXPECT_EQ(forward(kFirst, 10), 1000);
    EXPECT_EQ(forward(kFirst, 20000), std::nullopt);
    EXPECT_EQ(forward(kFirst, 11), 1001);
    EXPECT_EQ(forward(kFirst, 20000), std::nullopt);
    EXPECT_EQ(forward(kFirst, 20001), 1002);
    EXPECT_EQ(forward(kFirst, 20002), 1003);
    EXPECT_EQ(original(1002), 20001);
}

TEST_F(RtpRewriterTest, DropsBeforeTheFirstPacketOrOfAnotherEpochAreNothing) {
    drop(kFirst, 9);
    EXPECT_EQ(forward(kFirst, 10), 1000);
    drop(kSecond, 11);
    EXPECT_EQ(forward(kFirst, 11), 1001);
}

TEST_F(RtpRewriterTest, ForgetsNacksOlderThanItsRing) {
    for (int i = 0; i < 400; i += 2) {
        ASSERT_TRUE(forward(kFirst, i));
        drop(kFirst, i + 1);
    }
    EXPECT_EQ(original(1199), 398);
    EXPECT_EQ(original(1150), 300);
    EXPECT_EQ(original(1010), std::nullopt);
}

// A hostile but seeded world: loss, reordering, deliberate drops, switches, both counters wrapping.
struct Leg {
    explicit Leg(std::uint32_t seed) : random{seed} {}

    bool chance(int percent) { return std::uniform_int_distribution<int>{0, 99}(random) < percent; }

    void deliver(const Packet& packet, bool wanted) {
        if (!wanted) {
            rewriter.drop(packet);
            return;
        }
        now += 3ms;
        const auto numbers = rewriter.forward(packet, now);
        if (!numbers) return;
        const auto out = unwrap_sequence(numbers->sequence, newest);
        if (numbers->is_new) {
            EXPECT_GT(out, newest);
            newest = out;
        }
        EXPECT_TRUE(sent.emplace(out, packet).second) << "sequence " << out << " sent twice";
    }

    std::mt19937 random;
    RtpRewriter rewriter{{.sequence = 30000, .timestamp = 0, .clock_rate = 90000}};
    Instant now{1s};
    std::int64_t newest = 29999;
    std::map<std::int64_t, Packet> sent;
};

class RtpRewriterProperty : public testing::TestWithParam<std::uint32_t> {};

TEST_P(RtpRewriterProperty, WithoutLossEveryForwardedPacketIsTheNextOne) {
    Leg leg{GetParam()};
    std::uint16_t sequence = 65000;
    SourceEpoch epoch{1};
    for (int i = 0; i < 100'000; ++i) {
        if (leg.chance(1) && leg.chance(10)) {
            epoch.value += 1;
            sequence = static_cast<std::uint16_t>(leg.random());
        }
        const auto before = leg.newest;
        const bool wanted = leg.rewriter.has_sent() ? !leg.chance(20) : true;
        leg.deliver({epoch, sequence, 0}, wanted);
        ASSERT_EQ(leg.newest, before + (wanted ? 1 : 0));
        ++sequence;
    }
    EXPECT_EQ(leg.sent.rbegin()->first - leg.sent.begin()->first + 1, static_cast<std::int64_t>(leg.sent.size()));
}

TEST_P(RtpRewriterProperty, TheNackMapIsTheInverseUnderLossReorderAndSwitches) {
    Leg leg{GetParam()};
    std::uint16_t sequence = 65000;
    SourceEpoch epoch{1};
    std::vector<std::pair<Packet, bool>> in_flight;
    for (int i = 0; i < 50'000; ++i) {
        if (leg.chance(1) && leg.chance(10)) {
            epoch.value += 1;
            sequence = static_cast<std::uint16_t>(leg.random());
        }
        if (!leg.chance(3)) in_flight.emplace_back(Packet{epoch, sequence, 0}, !leg.chance(20));
        ++sequence;
        while (in_flight.size() > 4 || (!in_flight.empty() && leg.chance(60))) {
            const auto at = in_flight.begin() + (leg.chance(80) ? 0 : static_cast<std::ptrdiff_t>(leg.random() % in_flight.size()));
            leg.deliver(at->first, at->second);
            in_flight.erase(at);
        }
        if (leg.sent.empty()) continue;
        // What was sent lately maps back to what it was made of.
        const auto recent =
            std::prev(leg.sent.end(), 1 + static_cast<std::ptrdiff_t>(leg.random() % std::min<std::size_t>(leg.sent.size(), 30)));
        const auto original = leg.rewriter.original(static_cast<std::uint16_t>(recent->first));
        ASSERT_TRUE(original);
        ASSERT_EQ(original->epoch, recent->second.epoch);
        ASSERT_EQ(original->sequence, recent->second.sequence);
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RtpRewriterProperty, testing::Values(1U, 2U, 3U, 42U, 4711U));

TEST(GapFreeMap, AStartThatLedToNothingIsReplaced) {
    GapFreeMap map{100};
    map.start(kFirst, 5);
    map.start(kSecond, 50);
    EXPECT_EQ(map.map(kSecond, 50), 100);
    EXPECT_EQ(map.map(kFirst, 5), std::nullopt);
    EXPECT_EQ(map.original(100)->in, 50);
}

TEST(GapFreeMap, NothingMapsBeforeAStart) {
    GapFreeMap map{0};
    EXPECT_FALSE(map.is_started());
    map.drop(1);
    EXPECT_EQ(map.map(kFirst, 1), std::nullopt);
    EXPECT_EQ(map.original(0), std::nullopt);
}

}  // namespace
}  // namespace cardea
