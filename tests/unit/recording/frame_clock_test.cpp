// Audio and video of one sender in step, whatever its timestamps do.
#include "recording/frame_clock.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace cardea {
namespace {

// A sender of 50 frames a second whose frames take a while to arrive.
struct FrameClockTest : testing::Test {
    FrameClock clock;
    Instant start = instant_of_ns(5'000'000'000);
    std::vector<Instant> times;

    struct Frame {
        Duration captured;
        Duration delay = 30ms;
        bool reported = false;
        std::uint32_t epoch = 1;
        std::uint32_t offset = 4'294'000'000;  // wraps soon
    };
    Instant push(const Frame& frame) {
        const auto ticks = static_cast<std::uint32_t>(frame.captured.count() * 48 / 1'000'000);
        FrameClock::Sample sample{.timestamp = frame.offset + ticks,
                                  .clock_rate = 48000,
                                  .epoch = frame.epoch,
                                  .arrival = start + frame.captured + frame.delay,
                                  .capture = {}};
        if (frame.reported) sample.capture = start + frame.captured;
        const auto time = clock.on_frame(sample);
        if (!times.empty()) {
            EXPECT_GT(time, times.back());
        }
        times.push_back(time);
        return time;
    }
};

TEST_F(FrameClockTest, WithoutReportsTheFirstArrivalIsTheAnchor) {
    EXPECT_EQ(push({.captured = 0ms}), start + 30ms);
    EXPECT_EQ(push({.captured = 20ms, .delay = 90ms}), start + 50ms);  // jitter of the way does not show
    EXPECT_EQ(push({.captured = 40ms, .delay = 10ms}), start + 70ms);
}

TEST_F(FrameClockTest, ReportsCorrectWithoutAStepAndNeverBackwards) {
    for (int i = 0; i < 10; ++i) push({.captured = i * 20ms, .delay = 80ms});
    EXPECT_EQ(times.back(), start + 180ms + 80ms);
    for (int i = 10; i < 100; ++i) push({.captured = i * 20ms, .delay = 80ms, .reported = true});
    EXPECT_EQ(times.back(), start + 99 * 20ms);
    for (std::size_t i = 1; i < times.size(); ++i) {
        EXPECT_GE(times[i] - times[i - 1], 18ms);
        EXPECT_LE(times[i] - times[i - 1], 22ms);
    }
}

TEST_F(FrameClockTest, APauseOfTheSenderIsAPauseInTheFile) {
    push({.captured = 0ms, .reported = true});
    EXPECT_EQ(push({.captured = 7s, .reported = true}), start + 7s);
    EXPECT_EQ(push({.captured = 7020ms, .reported = true}), start + 7020ms);
}

TEST_F(FrameClockTest, TimestampsThatStoodStillInAPauseDoNotShiftTheRest) {
    push({.captured = 0ms});
    push({.captured = 20ms});
    // Five seconds later the sender goes on with the next timestamp.
    const auto stalled = push({.captured = 40ms, .delay = 5030ms});
    EXPECT_EQ(stalled, start + 5070ms);
    EXPECT_EQ(push({.captured = 60ms, .delay = 5030ms}), start + 5090ms);
}

TEST_F(FrameClockTest, AReportFarFromTheArrivalIsNotBelieved) {
    push({.captured = 0ms});
    FrameClock::Sample lie{.timestamp = 4'294'000'000U + 960, .clock_rate = 48000, .epoch = 1, .arrival = start + 50ms, .capture = start - 1h};
    EXPECT_EQ(clock.on_frame(lie), start + 50ms);
}

TEST_F(FrameClockTest, TimestampsThatRunTooFastDoNotRunAway) {
    for (int i = 0; i < 200; ++i) {
        const auto arrival = start + i * 20ms;
        const auto time = clock.on_frame({.timestamp = static_cast<std::uint32_t>(i) * 48'000, .clock_rate = 48000, .epoch = 1, .arrival = arrival, .capture = {}});
        EXPECT_LE(time, arrival + 200ms);
    }
}

TEST_F(FrameClockTest, AnotherEncodingContinuesTheSameTime) {
    push({.captured = 0ms, .reported = true});
    push({.captured = 20ms, .reported = true});
    EXPECT_EQ(push({.captured = 40ms, .reported = true, .epoch = 2, .offset = 77}), start + 40ms);
    // Without a report yet: the usual way is taken off its arrival.
    EXPECT_EQ(push({.captured = 60ms, .epoch = 3, .offset = 123'456'789}), start + 60ms);
}

TEST_F(FrameClockTest, AudioAndVideoMeetOnceReported) {
    FrameClock video;
    Instant audio_time{};
    Instant video_time{};
    for (int i = 0; i < 150; ++i) {
        const auto captured = i * 20ms;
        audio_time = push({.captured = captured, .delay = 20ms, .reported = i > 60});
        video_time = video.on_frame({.timestamp = static_cast<std::uint32_t>(i) * 1800,
                                     .clock_rate = 90000,
                                     .epoch = 1,
                                     .arrival = start + captured + 120ms,
                                     .capture = i > 30 ? std::optional{start + captured} : std::nullopt});
        EXPECT_LE(video_time - audio_time, 100ms);
        EXPECT_GE(video_time - audio_time, -100ms);
    }
    EXPECT_EQ(audio_time, video_time);
}

}  // namespace
}  // namespace cardea
