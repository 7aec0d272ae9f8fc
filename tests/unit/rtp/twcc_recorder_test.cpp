#include "proto/rtp/twcc_recorder.hpp"

#include <array>
#include <map>
#include <random>

#include "proto/rtp/rtcp/rtcp_reader.hpp"
#include "proto/rtp/rtcp/twcc_feedback.hpp"
#include "unit/rtp/hex.hpp"

namespace cardea {
namespace {

using test::copy_of;
using test::hex;

constexpr TwccRecorder::Target kTarget{Ssrc{0x11111111}, Ssrc{0x22222222}};
constexpr Duration kTick = 250us;

struct Told {
    int count = 0;
    std::map<int, std::int64_t> arrivals;  // by sequence, in ticks
    std::vector<int> lost;
};

class TwccRecorderTest : public testing::Test {
  protected:
    void receive(int sequence, Duration at) { recorder_.on_packet(static_cast<std::uint16_t>(sequence), Instant{at}); }
    std::vector<std::uint8_t> feedback(Duration at, std::size_t room = 1200) {
        std::vector<std::uint8_t> out(room);
        out.resize(recorder_.build_feedback(Instant{at}, kTarget, out));
        return out;
    }
    static Told told_by(const std::vector<std::uint8_t>& packet) {
        Told told;
        const auto read = for_each_rtcp(packet, [&](const auto& item) {
            if constexpr (std::is_same_v<std::decay_t<decltype(item)>, TransportFeedback>) {
                told.count = item.feedback_count;
                for_each_status(item, [&](std::uint16_t sequence, bool received, std::int64_t arrival) {
                    if (received)
                        told.arrivals[sequence] = arrival;
                    else
                        told.lost.push_back(sequence);
                });
            }
        });
        EXPECT_TRUE(read);
        return told;
    }
    TwccRecorder recorder_;
    int recorder_next_ = 2;
};

TEST_F(TwccRecorderTest, WritesTheseBytes) {
    // Reference 64 ms * 2; deltas of 0, 1 ms and, after a lost packet, 64 ms (large).
    receive(5, 128ms);
    receive(6, 129ms);
    receive(8, 193ms);
    // Vector of two-bit symbols: small, small, none, large.
    EXPECT_EQ(feedback(300ms), hex("8f cd 0006 11111111 22222222 0005 0004 000002 00 d480 00 04 0100 0000"));
}

TEST_F(TwccRecorderTest, WritesRunsForSteadyStreams) {
    for (int i = 0; i < 20; ++i) receive(i, 64ms + i * 1ms);
    const auto packet = feedback(500ms);
    EXPECT_EQ(copy_of(Bytes{packet}.subspan(20, 2)), hex("2014"));  // 20 times "small"
    EXPECT_EQ(told_by(packet).arrivals.size(), 20U);
}

TEST_F(TwccRecorderTest, WritesOneBitVectorsForMixedStreams) {
    for (const int i : {0, 2, 4, 6, 8, 10, 12, 13}) receive(i, 64ms);
    const auto packet = feedback(500ms);
    EXPECT_EQ(copy_of(Bytes{packet}.subspan(20, 2)), hex("aaab"));
}

TEST_F(TwccRecorderTest, NothingIsDueBeforeTheIntervalOrWithoutPackets) {
    EXPECT_TRUE(feedback(10s).empty());
    EXPECT_FALSE(recorder_.next_feedback());
    receive(1, 1s);
    EXPECT_TRUE(feedback(1s).empty());
    EXPECT_EQ(recorder_.next_feedback(), Instant{1s + 50ms});  // after silence: soon
    EXPECT_FALSE(feedback(1s + 50ms).empty());
    receive(2, 1s + 51ms);
    EXPECT_EQ(recorder_.next_feedback(), Instant{1s + 150ms});  // after feedback: an interval
    EXPECT_TRUE(feedback(1s + 149ms).empty());
    EXPECT_FALSE(feedback(1s + 150ms).empty());
}

TEST_F(TwccRecorderTest, TheIntervalFollowsTheRateWithinItsBounds) {
    receive(1, 1s);
    static_cast<void>(feedback(2s));
    const auto interval_at = [&](std::uint64_t rate) {
        recorder_.set_receive_rate(rate);
        receive(recorder_next_++, 2s);
        return *recorder_.next_feedback() - Instant{2s};
    };
    EXPECT_EQ(interval_at(0), 250ms);
    EXPECT_EQ(interval_at(30'000), 250ms);
    EXPECT_EQ(interval_at(100'000), 112ms);
    EXPECT_EQ(interval_at(100'000'000), 50ms);
}

TEST_F(TwccRecorderTest, CountsItsMessages) {
    for (int i = 0; i < 300; ++i) {
        receive(i, i * 200ms);
        const auto told = told_by(feedback(i * 200ms + 150ms));
        ASSERT_EQ(told.count, i % 256);
        ASSERT_EQ(told.arrivals.size(), 1U);
    }
}

TEST_F(TwccRecorderTest, TellsLossBetweenMessages) {
    receive(1, 1s);
    static_cast<void>(feedback(2s));
    receive(5, 2s);
    const auto told = told_by(feedback(3s));
    EXPECT_THAT(told.lost, testing::ElementsAre(2, 3, 4));
    EXPECT_EQ(told.arrivals.size(), 1U);
}

TEST_F(TwccRecorderTest, TellsReorderedArrivalsWithNegativeDeltas) {
    receive(1, 1s);
    receive(3, 1s + 10ms);
    receive(2, 1s + 20ms);
    const auto told = told_by(feedback(2s));
    EXPECT_EQ(told.arrivals.at(2) - told.arrivals.at(1), 20ms / kTick);
    EXPECT_EQ(told.arrivals.at(3) - told.arrivals.at(1), 10ms / kTick);
}

TEST_F(TwccRecorderTest, TellsALatePacketThatItHadCalledLost) {
    receive(1, 1s);
    receive(3, 1s);
    EXPECT_THAT(told_by(feedback(2s)).lost, testing::ElementsAre(2));
    receive(2, 2s);
    receive(4, 2s);
    const auto told = told_by(feedback(3s));
    EXPECT_TRUE(told.lost.empty());
    EXPECT_TRUE(told.arrivals.contains(2));
    EXPECT_TRUE(told.arrivals.contains(4));
}

TEST_F(TwccRecorderTest, KeepsTheFirstArrivalOfADuplicate) {
    receive(1, 1s);
    receive(2, 1s);
    receive(1, 1s + 40ms);
    const auto told = told_by(feedback(2s));
    EXPECT_EQ(told.arrivals.at(1), told.arrivals.at(2));
}

TEST_F(TwccRecorderTest, GoesOnOverTheWrap) {
    for (int i = 65530; i < 65545; ++i) receive(i, 1s + (i - 65530) * 1ms);
    const auto told = told_by(feedback(2s));
    EXPECT_EQ(told.arrivals.size(), 15U);
    EXPECT_EQ(told.arrivals.at(3) - told.arrivals.at(65535), 4ms / kTick);
}

TEST_F(TwccRecorderTest, SplitsWhereADeltaWouldNotFit) {
    receive(1, 1s);
    receive(2, 20s);
    const auto first = told_by(feedback(30s));
    const auto second = told_by(feedback(30s));
    EXPECT_THAT(first.arrivals, testing::ElementsAre(std::pair{1, 1s / kTick}));
    EXPECT_THAT(second.arrivals, testing::ElementsAre(std::pair{2, 20s / kTick}));
    EXPECT_TRUE(feedback(30s).empty());
}

TEST_F(TwccRecorderTest, SplitsWhereTheRoomEnds) {
    for (int i = 0; i < 500; ++i) receive(i, 1s + i * 1ms);
    std::size_t told = 0;
    int messages = 0;
    for (auto packet = feedback(2s, 200); !packet.empty(); packet = feedback(2s, 200), ++messages) {
        ASSERT_LE(packet.size(), 200U);
        told += told_by(packet).arrivals.size();
    }
    EXPECT_EQ(told, 500U);
    EXPECT_GT(messages, 2);
}

TEST_F(TwccRecorderTest, WritesNothingIntoNoRoom) {
    receive(1, 1s);
    for (std::size_t room = 0; room < 24; ++room) EXPECT_TRUE(feedback(2s, room).empty()) << room;
    EXPECT_FALSE(feedback(2s, 32).empty());
}

TEST_F(TwccRecorderTest, AGapWiderThanItsMemoryBeginsAnew) {
    receive(1, 1s);
    receive(10001, 1s + 1ms);
    const auto told = told_by(feedback(2s));
    EXPECT_THAT(told.arrivals, testing::ElementsAre(std::pair{10001, (1s + 1ms) / kTick}));
    EXPECT_TRUE(told.lost.empty());
}

TEST_F(TwccRecorderTest, AGapThatFitsIsToldAsLost) {
    receive(0, 1s);
    receive(2000, 1s + 1ms);
    const auto told = told_by(feedback(2s, 1200));
    EXPECT_EQ(told.lost.size(), 1999U);
    EXPECT_EQ(told.arrivals.size(), 2U);
}

TEST_F(TwccRecorderTest, FollowsASenderThatBeganAnewButNotAStray) {
    receive(20000, 1s);
    static_cast<void>(feedback(2s));
    receive(3, 2s);
    EXPECT_TRUE(feedback(3s).empty());
    receive(4, 3s);
    EXPECT_THAT(told_by(feedback(4s)).arrivals, testing::ElementsAre(std::pair{4, 3s / kTick}));
}

TEST_F(TwccRecorderTest, ReferenceTimeSurvivesItsTwentyFourBits) {
    const Duration late = std::chrono::hours{24 * 14};  // 2^24 * 64 ms are 12.4 days
    receive(1, late);
    receive(2, late + 5ms);
    const auto told = told_by(feedback(late + 1s));
    EXPECT_EQ(told.arrivals.at(2) - told.arrivals.at(1), 5ms / kTick);
}

TEST_F(TwccRecorderTest, ReadsBackWhatARandomNetworkDelivered) {
    std::mt19937 random{7};
    std::map<int, std::int64_t> delivered;
    std::map<int, std::int64_t> told;
    Duration now = 1s;
    for (int i = 0; i < 20'000; ++i) {
        now += Duration{kTick} * (random() % 40);
        if (random() % 100 >= 10) {
            const Duration at = now + Duration{kTick} * (random() % 50);
            receive(i, at);
            delivered[i % 0x10000] = at / kTick;
        }
        for (auto packet = feedback(now); !packet.empty(); packet = feedback(now)) told.merge(told_by(packet).arrivals);
    }
    for (auto packet = feedback(now + 1s); !packet.empty(); packet = feedback(now + 1s)) told.merge(told_by(packet).arrivals);
    EXPECT_EQ(told, delivered);
}

}  // namespace
}  // namespace cardea
