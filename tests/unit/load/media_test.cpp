// What the load generator sends: a measurement is only as good as this.
#include "media.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace cardea::load {
namespace {

constexpr Instant kStart = instant_of_ns(1'000'000'000);

std::vector<MediaPacket> video_of(Schedule& schedule, Duration time) {
    std::vector<MediaPacket> packets;
    while (schedule.next() < kStart + time)
        if (const auto packet = schedule.take(); packet.video) packets.push_back(packet);
    return packets;
}
double kbps_of(const std::vector<MediaPacket>& packets, double seconds) {
    double octets = 0;
    for (const auto& packet : packets) octets += static_cast<double>(packet.size);
    return octets * 8 / 1000 / seconds;
}

TEST(LoadSchedule, SendsVideoAtItsBitrateAndFiftyAudioPacketsASecond) {
    Schedule schedule{{.video_kbps = 1000}, kStart, 3};
    std::size_t audio = 0;
    std::vector<MediaPacket> video;
    while (schedule.next() < kStart + 20s) {
        const auto packet = schedule.take();
        packet.video ? video.push_back(packet) : static_cast<void>(++audio);
    }
    EXPECT_NEAR(static_cast<double>(audio), 1000, 2);
    EXPECT_NEAR(kbps_of(video, 20), 1000, 30);
}

TEST(LoadSchedule, EncodingsOfSimulcastHaveTheSameFramesAndAShareOfTheOctets) {
    const Profile profile{.video_kbps = 1000, .audio = false};
    Schedule whole{profile, kStart, 5};
    const auto full = video_of(whole, 20s);
    const auto frames_of = [](const std::vector<MediaPacket>& packets) {
        std::vector<std::uint32_t> timestamps;
        for (const auto& packet : packets)
            if (packet.starts_frame) timestamps.push_back(packet.timestamp);
        return timestamps;
    };
    for (const auto divisor : Schedule::kSimulcastDivisors) {
        Schedule schedule{profile, kStart, 5, divisor};
        const auto packets = video_of(schedule, 20s);
        EXPECT_NEAR(kbps_of(packets, 20), kbps_of(full, 20) / divisor, 15) << divisor;
        const auto timestamps = frames_of(packets);
        const auto wanted = frames_of(full);
        ASSERT_NEAR(static_cast<double>(timestamps.size()), static_cast<double>(wanted.size()), 1) << divisor;
        for (std::size_t i = 0; i < std::min(timestamps.size(), wanted.size()); ++i)
            ASSERT_NEAR(timestamps[i], wanted[i], 100) << divisor << ", frame " << i;
    }
}

TEST(LoadSchedule, EveryFrameStartsOnceAndEndsWithAMarker) {
    for (const auto divisor : Schedule::kSimulcastDivisors) {
        Schedule schedule{{.audio = false}, kStart, 1, divisor};
        bool starts = true;
        for (const auto& packet : video_of(schedule, 30s)) {
            ASSERT_EQ(packet.starts_frame, starts) << divisor;
            ASSERT_LE(packet.size, 1200U);
            ASSERT_GE(packet.size, 12U + 14U + kStampSize);
            starts = packet.marker;
        }
    }
}

TEST(LoadSchedule, AKeyframeThatIsAskedForWithinAFrameIsTheNextOne) {
    Schedule schedule{{.audio = false}, kStart, 1};
    auto packet = schedule.take();
    EXPECT_TRUE(packet.keyframe) << "the first";
    while (!packet.marker) packet = schedule.take();
    packet = schedule.take();
    ASSERT_TRUE(packet.starts_frame);
    EXPECT_FALSE(packet.keyframe);
    schedule.want_keyframe();
    while (!packet.marker) {
        packet = schedule.take();
        EXPECT_FALSE(packet.keyframe);
    }
    do {
        packet = schedule.take();
        EXPECT_TRUE(packet.keyframe);
    } while (!packet.marker);
    EXPECT_FALSE(schedule.take().keyframe);
}

TEST(LoadSchedule, SpreadPacketsOfAFrameAreTwoToFourMillisecondsApart) {
    Schedule schedule{{.audio = false, .spread = true}, kStart, 1};
    std::size_t within_frames = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto at = schedule.next();
        if (schedule.take().marker) continue;
        ++within_frames;
        EXPECT_GE(schedule.next() - at, 2ms);
        EXPECT_LE(schedule.next() - at, 4ms);
    }
    EXPECT_GT(within_frames, 500U);
}

TEST(LoadSchedule, PublishersAreNotInStep) {
    std::map<std::int64_t, int> at;
    for (std::uint32_t seed = 0; seed < 50; ++seed) ++at[ns_of(Schedule{{.audio = false}, kStart, seed}.next())];
    EXPECT_EQ(at.size(), 50U);
}

TEST(LoadPayload, IsReadBackAndAnyDamageIsSeen) {
    for (const bool video : {true, false}) {
        std::vector<std::uint8_t> payload(100);
        fill_payload(payload, {.video = video, .starts_frame = true}, 7, 42, kStart);
        const auto stamp = read_payload(payload, video);
        ASSERT_TRUE(stamp);
        EXPECT_EQ(stamp->counter, 42U);
        EXPECT_EQ(stamp->sent, kStart);
        for (std::size_t i = video ? 14 : 1; i < payload.size() - kStampSize + 8; ++i) {
            auto bent = payload;
            bent[i] ^= 1U;
            EXPECT_FALSE(read_payload(bent, video)) << i;
        }
    }
}

}  // namespace
}  // namespace cardea::load
