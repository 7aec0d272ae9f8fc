#include "proto/rtp/nack_tracker.hpp"

#include <array>

namespace cardea {
namespace {

using Arrival = NackTracker::Arrival;
using testing::ElementsAre;
using testing::IsEmpty;

class NackTrackerTest : public testing::Test {
  protected:
    void receive(std::initializer_list<int> sequences) {
        for (const int s : sequences) static_cast<void>(on(s));
    }
    Arrival on(int sequence) { return tracker_.on_packet(static_cast<std::uint16_t>(sequence), now_); }
    std::vector<int> poll(Duration rtt = 0ms) {
        std::array<std::uint16_t, 2000> room{};
        const auto due = tracker_.poll_nacks(now_, rtt, room);
        return {due.begin(), due.end()};
    }
    NackTracker tracker_;
    Instant now_{1s};
};

TEST_F(NackTrackerTest, AsksForNothingInOrder) {
    receive({65534, 65535, 0, 1});
    now_ += 1s;
    EXPECT_THAT(poll(), IsEmpty());
    EXPECT_FALSE(tracker_.poll_keyframe_needed());
}

TEST_F(NackTrackerTest, WaitsAMomentForAReorderedPacket) {
    receive({1, 3});
    EXPECT_THAT(poll(), IsEmpty());
    now_ += 9ms;
    EXPECT_THAT(poll(), IsEmpty());
    EXPECT_EQ(on(2), Arrival::reordered);
    now_ += 10ms;
    EXPECT_THAT(poll(), IsEmpty());
    EXPECT_EQ(tracker_.counters().reordered, 1U);
}

TEST_F(NackTrackerTest, AsksAfterTheGrace) {
    receive({1, 3});
    now_ += 10ms;
    EXPECT_THAT(poll(), ElementsAre(2));
}

TEST_F(NackTrackerTest, AsksAtOnceWhenThreeNewerPacketsCame) {
    receive({1, 3, 4});
    EXPECT_THAT(poll(), IsEmpty());
    receive({5});
    EXPECT_THAT(poll(), ElementsAre(2));
}

TEST_F(NackTrackerTest, AsksForTheOldestOfAWideGapAtOnce) {
    receive({1, 6});
    EXPECT_THAT(poll(), ElementsAre(2, 3));
    now_ += 10ms;
    EXPECT_THAT(poll(), ElementsAre(4, 5));
}

TEST_F(NackTrackerTest, RepeatsNoFasterThanTheFloor) {
    receive({1, 5});
    EXPECT_THAT(poll(5ms), ElementsAre(2));
    now_ += 10ms;
    EXPECT_THAT(poll(5ms), ElementsAre(3, 4));
    now_ += 29ms;
    EXPECT_THAT(poll(5ms), IsEmpty());
    now_ += 1ms;
    EXPECT_THAT(poll(5ms), ElementsAre(2));
}

TEST_F(NackTrackerTest, RepeatsARoundTripApart) {
    receive({1, 3, 4, 5});
    EXPECT_THAT(poll(200ms), ElementsAre(2));
    now_ += 199ms;
    EXPECT_THAT(poll(200ms), IsEmpty());
    now_ += 1ms;
    EXPECT_THAT(poll(200ms), ElementsAre(2));
}

TEST_F(NackTrackerTest, GivesUpAfterTenTriesAndAsksForAKeyframe) {
    receive({1, 3, 4, 5});
    for (int i = 0; i < 10; ++i) {
        EXPECT_THAT(poll(), ElementsAre(2)) << i;
        EXPECT_FALSE(tracker_.poll_keyframe_needed());
        now_ += 40ms;
    }
    EXPECT_THAT(poll(), IsEmpty());
    EXPECT_TRUE(tracker_.poll_keyframe_needed());
    EXPECT_FALSE(tracker_.poll_keyframe_needed());
    EXPECT_EQ(tracker_.missing(), 0U);
    EXPECT_EQ(tracker_.counters().given_up, 1U);
    EXPECT_EQ(tracker_.counters().requested, 10U);
}

TEST_F(NackTrackerTest, CountsWhatARetransmissionRecovered) {
    receive({1, 3, 4, 5});
    static_cast<void>(poll());
    EXPECT_EQ(on(2), Arrival::recovered);
    EXPECT_EQ(on(2), Arrival::duplicate);
    EXPECT_EQ(tracker_.counters().recovered, 1U);
    now_ += 1s;
    EXPECT_THAT(poll(), IsEmpty());
}

TEST_F(NackTrackerTest, KnowsDuplicates) {
    receive({1, 2});
    EXPECT_EQ(on(2), Arrival::duplicate);
    EXPECT_EQ(on(1), Arrival::duplicate);
}

TEST_F(NackTrackerTest, AsksAcrossTheWrap) {
    receive({65533, 2, 3, 4});
    EXPECT_THAT(poll(), ElementsAre(65534, 65535, 0, 1));
    EXPECT_EQ(on(65535), Arrival::recovered);
    EXPECT_EQ(on(0), Arrival::recovered);
    now_ += 40ms;
    EXPECT_THAT(poll(), ElementsAre(65534, 1));
}

TEST_F(NackTrackerTest, MoreThanTheListHoldsMeansAKeyframe) {
    receive({0, 1001});
    EXPECT_EQ(tracker_.missing(), 1000U);
    EXPECT_FALSE(tracker_.poll_keyframe_needed());
    receive({1003});
    EXPECT_EQ(tracker_.missing(), 0U);
    EXPECT_TRUE(tracker_.poll_keyframe_needed());
    EXPECT_EQ(tracker_.counters().given_up, 1001U);
}

TEST_F(NackTrackerTest, LeavesForTheNextPollWhatDoesNotFit) {
    receive({0, 100});
    now_ += 10ms;
    std::array<std::uint16_t, 60> room{};
    EXPECT_EQ(tracker_.poll_nacks(now_, 0ms, room).size(), 60U);
    EXPECT_THAT(poll(), testing::SizeIs(39));
}

TEST_F(NackTrackerTest, TwoPacketsFarAwayAreANewStartOneIsAStray) {
    receive({1, 2});
    EXPECT_EQ(on(30000), Arrival::duplicate);
    EXPECT_EQ(on(3), Arrival::newest);
    EXPECT_EQ(on(30000), Arrival::duplicate);
    EXPECT_EQ(on(30001), Arrival::newest);
    EXPECT_EQ(on(30002), Arrival::newest);
    EXPECT_EQ(tracker_.counters().resets, 1U);
    EXPECT_TRUE(tracker_.poll_keyframe_needed());
    now_ += 1s;
    EXPECT_THAT(poll(), IsEmpty());
}

TEST_F(NackTrackerTest, ForgetsWhatAKeyframeMadeUseless) {
    receive({1, 3, 5, 8});
    tracker_.forget_before(5);
    now_ += 10ms;
    EXPECT_THAT(poll(), ElementsAre(6, 7));
}

TEST_F(NackTrackerTest, NothingToPollBeforeTheFirstPacket) {
    EXPECT_THAT(poll(), IsEmpty());
    tracker_.forget_before(7);
    EXPECT_EQ(on(7), Arrival::newest);
}

}  // namespace
}  // namespace cardea
