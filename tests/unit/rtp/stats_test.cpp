#include "proto/rtp/reception_stats.hpp"
#include "proto/rtp/remote_clock.hpp"
#include "proto/rtp/sender_stats.hpp"

namespace cardea {
namespace {

constexpr Ssrc kSsrc{0x22222222};
constexpr std::uint64_t ntp_seconds(std::uint64_t seconds) { return seconds << 32U; }

class ReceptionStatsTest : public testing::Test {
  protected:
    void receive(int sequence, std::uint32_t timestamp = 0) {
        stats_.on_packet({.sequence = static_cast<std::uint16_t>(sequence), .timestamp = timestamp, .size = 100}, now_);
    }
    ReceptionStats stats_{8000};
    Instant now_{10s};
};

TEST_F(ReceptionStatsTest, NoLossInOrder) {
    for (int i = 0; i < 100; ++i) receive(i);
    const auto block = stats_.next_report(kSsrc, now_);
    EXPECT_EQ(block.ssrc, kSsrc);
    EXPECT_EQ(block.cumulative_lost, 0);
    EXPECT_EQ(block.fraction_lost, 0);
    EXPECT_EQ(block.highest_sequence, 99U);
    EXPECT_EQ(stats_.packets(), 100U);
    EXPECT_EQ(stats_.octets(), 10000U);
}

TEST_F(ReceptionStatsTest, FractionIsOfTheIntervalCumulativeOfAll) {
    for (const int s : {0, 1, 3}) receive(s);
    auto block = stats_.next_report(kSsrc, now_);
    EXPECT_EQ(block.fraction_lost, 64);  // one of four
    EXPECT_EQ(block.cumulative_lost, 1);
    for (const int s : {4, 5, 6, 7}) receive(s);
    block = stats_.next_report(kSsrc, now_);
    EXPECT_EQ(block.fraction_lost, 0);
    EXPECT_EQ(block.cumulative_lost, 1);
}

TEST_F(ReceptionStatsTest, LatePacketsFillTheirHoleAndDuplicatesMakeTheLossNegative) {
    for (const int s : {0, 2, 1, 1}) receive(s);
    const auto block = stats_.next_report(kSsrc, now_);
    EXPECT_EQ(block.cumulative_lost, -1);
    EXPECT_EQ(block.fraction_lost, 0);
}

TEST_F(ReceptionStatsTest, RetransmissionsDoNotHideTheLoss) {
    for (const int s : {0, 2}) receive(s);
    stats_.on_packet({.sequence = 1, .timestamp = 0, .size = 50, .retransmitted = true}, now_);
    EXPECT_EQ(stats_.next_report(kSsrc, now_).cumulative_lost, 1);
    EXPECT_EQ(stats_.octets(), 250U);
}

TEST_F(ReceptionStatsTest, CountsCyclesOverTheWrap) {
    for (const int s : {65534, 65535, 0, 1}) receive(s);
    EXPECT_EQ(stats_.next_report(kSsrc, now_).highest_sequence, 0x10001U);
    EXPECT_EQ(stats_.lost(), 0);
    receive(65535);  // late, of the cycle before
    EXPECT_EQ(stats_.extended_highest_sequence(), 0x10001U);
}

TEST_F(ReceptionStatsTest, BeginsAnewAfterTwoPacketsFarAway) {
    for (const int s : {1, 2, 3}) receive(s);
    receive(40000);
    EXPECT_EQ(stats_.extended_highest_sequence(), 3U);
    receive(40001);
    receive(40002);
    EXPECT_EQ(stats_.extended_highest_sequence(), 40002U);
    EXPECT_EQ(stats_.lost(), 0);
}

// RFC 3550 appendix A.8: J += (|D| - J) / 16.
TEST_F(ReceptionStatsTest, JitterIsTheSmoothedChangeOfTransitTime) {
    receive(0, 0);
    now_ += 20ms;
    receive(1, 160);
    EXPECT_EQ(stats_.jitter(), 0U);
    now_ += 40ms;  // 20 ms late: 160 units
    receive(2, 320);
    EXPECT_EQ(stats_.jitter(), 10U);
    now_ += 20ms;
    receive(3, 480);
    EXPECT_EQ(stats_.jitter(), 9U);
}

TEST_F(ReceptionStatsTest, AJumpOfTheTimestampIsNoJitter) {
    receive(0, 0);
    receive(1, 1'000'000);
    EXPECT_EQ(stats_.jitter(), 0U);
}

TEST_F(ReceptionStatsTest, ReportsTheLastSenderReport) {
    receive(0);
    EXPECT_EQ(stats_.next_report(kSsrc, now_).last_sr, 0U);
    EXPECT_EQ(stats_.next_report(kSsrc, now_).delay_since_last_sr, 0U);
    stats_.on_sender_report(0x1122334455667788, now_);
    const auto block = stats_.next_report(kSsrc, now_ + 1500ms);
    EXPECT_EQ(block.last_sr, 0x33445566U);
    EXPECT_EQ(block.delay_since_last_sr, 65536U + 32768U);
}

TEST_F(ReceptionStatsTest, AReportWithoutPacketsIsEmpty) {
    EXPECT_FALSE(stats_.has_packets());
    EXPECT_EQ(stats_.next_report(kSsrc, now_), ReportBlock{.ssrc = kSsrc});
}

// RFC 3550 section 6.4.1, figure 2: the example of a round trip of 6.125 s.
TEST(RoundTrip, IsTheRfcsExample) {
    const ReportBlock block{.last_sr = 0xb7052000, .delay_since_last_sr = 0x00054000};
    EXPECT_EQ(round_trip_of(block, std::uint64_t{0xb7108000} << 16U), 6125ms);
}

TEST(RoundTrip, IsUnknownWithoutASenderReportAndNeverNegative) {
    EXPECT_EQ(round_trip_of({}, ntp_seconds(1)), std::nullopt);
    EXPECT_EQ(round_trip_of({.last_sr = 0x10000, .delay_since_last_sr = 1}, ntp_seconds(1)), 0ns);
}

TEST(SenderStats, CountsPayloadAndReports) {
    SenderStats stats{90000};
    EXPECT_FALSE(stats.has_sent());
    stats.on_packet({.timestamp = 1000, .payload_size = 10}, Instant{1s});
    stats.on_packet({.timestamp = 1000, .payload_size = 20}, Instant{1s + 5ms});
    EXPECT_EQ(stats.report(kSsrc, 77, 88), (SenderInfo{kSsrc, 77, 88, 2, 30}));
}

TEST(SenderStats, DerivesTheTimestampFromTheNewestFramesFirstPacket) {
    SenderStats stats{90000};
    stats.on_packet({.timestamp = 0xffffff00, .payload_size = 1}, Instant{1s});
    EXPECT_EQ(stats.timestamp_at(Instant{1s + 10ms}), 900U - 0x100U);
    stats.on_packet({.timestamp = 0x100, .payload_size = 1}, Instant{2s});
    stats.on_packet({.timestamp = 0x100, .payload_size = 1}, Instant{3s});
    stats.on_packet({.timestamp = 0xffffff00, .payload_size = 1}, Instant{3s});  // a late one
    EXPECT_EQ(stats.timestamp_at(Instant{2s}), 0x100U);
}

TEST(SenderStats, TicksAreExactOverYears) {
    EXPECT_EQ(ticks_in(std::chrono::hours{24 * 365 * 10}, 90000), std::int64_t{24} * 365 * 10 * 3600 * 90000);
    EXPECT_EQ(ticks_in(-10ms, 48000), -480);
}

TEST(SourceClock, KnowsNothingBeforeAReport) {
    RemoteClock remote;
    SourceClock source{90000};
    EXPECT_FALSE(remote.local_time_of(0));
    EXPECT_FALSE(source.timestamp_at(Instant{1s}, remote));
    source.on_sender_report(ntp_seconds(100), 0);
    EXPECT_FALSE(source.timestamp_at(Instant{1s}, remote));
}

TEST(SourceClock, TellsTheTimestampOfNow) {
    RemoteClock remote;
    SourceClock source{90000};
    remote.on_sender_report(ntp_seconds(100), Instant{5s});
    source.on_sender_report(ntp_seconds(100), 0xfffffff0);
    EXPECT_EQ(source.timestamp_at(Instant{6s}, remote), 90000U - 16U);
}

TEST(SourceClock, AudioAndVideoAgreeThoughTheirReportsWereDelayedDifferently) {
    RemoteClock remote;
    SourceClock audio{48000};
    SourceClock video{90000};
    // Both streams' timestamp 0 was captured at NTP second 100; the video's report queued for 80 ms.
    remote.on_sender_report(ntp_seconds(101), Instant{1s});
    audio.on_sender_report(ntp_seconds(101), 48000);
    remote.on_sender_report(ntp_seconds(102), Instant{2s + 80ms});
    video.on_sender_report(ntp_seconds(102), 180000);
    EXPECT_EQ(*audio.timestamp_at(Instant{10s}, remote) / 48000.0, *video.timestamp_at(Instant{10s}, remote) / 90000.0);
    EXPECT_EQ(audio.timestamp_at(Instant{10s}, remote), 10U * 48000U);
}

TEST(RemoteClock, ForgetsOldReportsSoThatDriftDoesNotAddUp) {
    RemoteClock remote;
    for (std::uint64_t i = 0; i < 100; ++i) {
        // The peer's clock loses 1 ms a second against ours.
        remote.on_sender_report(ntp_seconds(1000 + i), Instant{std::chrono::seconds{i}} + i * 1ms);
    }
    const auto error = Instant{99s + 99ms} - *remote.local_time_of(ntp_seconds(1099));
    EXPECT_LE(error, 16ms);
    EXPECT_GE(error, 0ms);
}

TEST(RemoteClock, BelievesAClockThatWasSet) {
    RemoteClock remote;
    remote.on_sender_report(ntp_seconds(1000), Instant{1s});
    remote.on_sender_report(ntp_seconds(500), Instant{2s});
    EXPECT_EQ(remote.local_time_of(ntp_seconds(500)), Instant{2s});
}

}  // namespace
}  // namespace cardea
