// The measuring instruments themselves: a test peer that overlooks a loss would make every end-to-end test pass.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gap_tracker.hpp"
#include "payload.hpp"
#include "rtcp.hpp"
#include "rtp.hpp"
#include "sdp.hpp"
#include "stream_receiver.hpp"

namespace cardea::testpeer {
namespace {

using testing::ElementsAre;
constexpr Instant kStart = instant_of_ns(5'000'000'000);

TEST(GapTracker, CountsWhatNeverCame) {
    GapTracker tracker;
    for (const int number : {10, 11, 14, 12}) tracker.arrived(number, kStart);
    EXPECT_EQ(tracker.expected(), 5U);
    EXPECT_EQ(tracker.missing(), 1U);
    EXPECT_EQ(tracker.lost(kStart), 0U);  // may still be under way
    EXPECT_EQ(tracker.lost(kStart + 1ms), 1U);
}

TEST(GapTracker, TellsLateOnesFromDuplicates) {
    GapTracker tracker;
    EXPECT_EQ(tracker.arrived(1, kStart), Arrival::first);
    EXPECT_EQ(tracker.arrived(3, kStart), Arrival::in_order);
    EXPECT_EQ(tracker.arrived(2, kStart), Arrival::late);
    EXPECT_EQ(tracker.arrived(2, kStart), Arrival::duplicate);
    EXPECT_EQ(tracker.arrived(0, kStart), Arrival::before_start);
}

TEST(GapTracker, AsksAgainAfterAWhileAndGivesUp) {
    GapTracker tracker;
    tracker.arrived(1, kStart);
    tracker.arrived(3, kStart);
    EXPECT_TRUE(tracker.poll_requests(kStart + 5ms).empty());
    EXPECT_THAT(tracker.poll_requests(kStart + 10ms), ElementsAre(2));
    EXPECT_TRUE(tracker.poll_requests(kStart + 20ms).empty());
    int requests = 1;
    for (int i = 1; i < 50; ++i) requests += static_cast<int>(tracker.poll_requests(kStart + 10ms + i * 60ms).size());
    EXPECT_EQ(requests, 12);
}

TEST(Payload, EveryPacketOfAFrameCarriesTheNextStamp) {
    Vp8Source source{0};
    const auto packets = source.frame(4000, true, kStart);
    ASSERT_EQ(packets.size(), 4U);
    for (std::size_t i = 0; i < packets.size(); ++i) {
        const auto vp8 = parse_vp8(packets[i]);
        ASSERT_TRUE(vp8);
        EXPECT_EQ(vp8->keyframe, i == 0);
        const auto reading = read_stamp(vp8->media);
        EXPECT_EQ(reading.check, StampCheck::intact);
        EXPECT_EQ(reading.stamp.counter, i);
        EXPECT_EQ(reading.stamp.sent, kStart);
    }
}

TEST(Payload, OneChangedByteIsNoticed) {
    OpusSource source;
    auto packet = source.packet(kStart);
    EXPECT_EQ(read_stamp(packet).check, StampCheck::intact);
    packet[10] ^= 1;
    EXPECT_EQ(read_stamp(packet).check, StampCheck::damaged);
}

TEST(Rtp, ReadsWhatItWrites) {
    const std::array<std::uint8_t, 3> payload{7, 8, 9};
    const auto data = write_rtp({96, true, 65535, 90000, 0x12345678, "video0"}, 4, payload);
    const auto packet = parse_rtp(data, 4);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->sequence, 65535);
    EXPECT_EQ(packet->mid, "video0");
    EXPECT_TRUE(packet->marker);
    EXPECT_THAT(packet->payload, ElementsAre(7, 8, 9));
    EXPECT_FALSE(parse_rtp(Bytes{data}.first(14), 4));
}

TEST(Rtp, SequenceNumbersGoOnPastTheirWrap) {
    EXPECT_EQ(extend_sequence(65535, 0), 65536);
    EXPECT_EQ(extend_sequence(65536, 65535), 65535);
    EXPECT_EQ(extend_sequence(200000, static_cast<std::uint16_t>(200003)), 200003);
}

TEST(Rtcp, NacksRoundTripWithTheirMasks) {
    RtcpWriter writer;
    writer.receiver_report(1, {});
    const std::array<std::uint16_t, 5> wanted{65534, 65535, 0, 14, 16};
    writer.nack(1, 2, wanted);
    writer.pli(1, 3);
    const auto content = parse_rtcp(writer.data());
    EXPECT_TRUE(content.well_formed);
    ASSERT_EQ(content.nacks.size(), 1U);
    EXPECT_EQ(content.nacks[0].ssrc, 2U);
    EXPECT_THAT(content.nacks[0].sequences, ElementsAre(65534, 65535, 0, 14, 16));
    EXPECT_THAT(content.keyframe_requests, ElementsAre(3));
}

TEST(Rtcp, TruncatedPacketsAreNotWellFormed) {
    RtcpWriter writer;
    writer.sender_report({1, 2, 3, 4, 5});
    EXPECT_TRUE(parse_rtcp(writer.data()).well_formed);
    EXPECT_FALSE(parse_rtcp(Bytes{writer.data()}.first(20)).well_formed);
}

TEST(Sdp, ReadsItsOwnOfferAndAnswersIt) {
    const SdpLocal local{{"uf", "password"}, {"a=candidate:1 1 UDP 1 127.0.0.1 9 typ host"}, "AA:BB", "actpass"};
    const auto offer = parse_sdp(write_offer(local, {{"audio", 1, 0}, {"video", 2, 3}}));
    ASSERT_EQ(offer.media.size(), 2U);
    EXPECT_EQ(offer.ice.password, "password");
    EXPECT_EQ(offer.fingerprint, "AA:BB");
    EXPECT_THAT(offer.candidates, ElementsAre("a=candidate:1 1 UDP 1 127.0.0.1 9 typ host"));
    EXPECT_EQ(offer.media[1].repair_of.at(3), 2U);
    const auto answer = parse_sdp(write_answer(local, offer));
    EXPECT_EQ(answer.media[1].direction, "recvonly");
    EXPECT_EQ(answer.media[1].repair_codec(kVp8Type)->type, kRtxType);
}

TEST(Sdp, DataChannelsAreAcceptedByWhoWantsThem) {
    SdpLocal local{{"uf", "password"}, {}, "AA:BB", "actpass"};
    const auto offer = parse_sdp(write_offer(local, {{"audio", 1, 0}, {"application", 0, 0}}));
    ASSERT_EQ(offer.media.size(), 2U);
    EXPECT_EQ(offer.media[1].kind, "application");
    EXPECT_EQ(offer.media[1].mid, "1");
    EXPECT_EQ(offer.media[1].sctp_port, kSctpPort);
    EXPECT_EQ(parse_sdp(write_answer(local, offer)).media[1].port, 0U);
    local.data = true;
    const auto answer = parse_sdp(write_answer(local, offer));
    EXPECT_NE(answer.media[1].port, 0U);
    EXPECT_EQ(answer.media[1].sctp_port, kSctpPort);
}

// What a stream receiver sees of a sender, packet by packet.
class StreamReceiverTest : public testing::Test {
  protected:
    void send(std::uint16_t sequence, bool deliver = true) {
        const auto payload = source_.packet(kStart);
        if (deliver) receive(payload, sequence);
    }
    void receive(Bytes payload, std::uint16_t sequence) {
        RtpPacket packet;
        packet.sequence = sequence;
        packet.ssrc = 7;
        packet.payload = payload;
        receiver_.receive(packet, kStart);
    }
    std::int64_t value(const char* key) { return receiver_.report(kStart + 2s)[key].integer(-1); }

    OpusSource source_;
    StreamReceiver receiver_{{"audio", "0", "1"}, kStart};
};

TEST_F(StreamReceiverTest, ACompleteStreamHasNothingLost) {
    for (std::uint16_t i = 65530; i != 10; ++i) send(i);
    EXPECT_EQ(value("unique"), 16);
    EXPECT_EQ(value("lost"), 0);
    EXPECT_EQ(value("stamps_lost"), 0);
    EXPECT_EQ(value("damaged"), 0);
}

TEST_F(StreamReceiverTest, ALossThatTheGatewayHidesByRenumberingShowsInTheStamps) {
    send(1);
    send(2, false);
    send(2);
    EXPECT_EQ(value("lost"), 0);
    EXPECT_EQ(value("stamps_lost"), 1);
}

TEST_F(StreamReceiverTest, APayloadThatLostItsStampIsDamage) {
    send(1);
    receive(std::array<std::uint8_t, 40>{}, 2);
    EXPECT_EQ(value("damaged"), 1);
}

}  // namespace
}  // namespace cardea::testpeer
