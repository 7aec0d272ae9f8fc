// Packets in, files out: the whole way over the disk thread.
#include "recording/recording_service.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <condition_variable>

#include "unit/recording/temp_folder.hpp"
#include "unit/rtp/hex.hpp"

namespace cardea {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using test::hex;

class Ends final : public RecordingObserver {
  public:
    void on_recording_end(const RecordingEnd& end) override {
        const std::lock_guard lock{mutex_};
        ends_.push_back(end);
        changed_.notify_all();
    }
    RecordingEnd wait() {
        std::unique_lock lock{mutex_};
        EXPECT_TRUE(changed_.wait_for(lock, 10s, [&] { return !ends_.empty(); }));
        if (ends_.empty()) return {};
        auto end = ends_.back();
        ends_.pop_back();
        return end;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<RecordingEnd> ends_;
};

bool contains(const std::vector<std::uint8_t>& all, std::string_view text) {
    const auto part = as_bytes(text);
    return std::search(all.begin(), all.end(), part.begin(), part.end()) != all.end();
}
bool contains_bytes(const std::vector<std::uint8_t>& all, std::string_view text) {
    const auto part = hex(text);
    return std::search(all.begin(), all.end(), part.begin(), part.end()) != all.end();
}

struct RecordingServiceTest : testing::Test {
    test::TempFolder folder;
    Ends ends;
    RecordingService service{{.roots = {folder.path().string()}, .ring_bytes = 1U << 20U}};
    RecordingIntake& intake = service.intake(0);
    std::uint16_t sequence = 100;

    std::shared_ptr<RecordedTrack> add(RecordingId id, MediaKind kind, std::uint8_t mindex) {
        auto track = service.add_track(id, {.kind = kind, .mid = std::to_string(mindex), .mindex = mindex, .description = "what it shows"});
        EXPECT_TRUE(track);
        return track ? *track : nullptr;
    }
    void send(RecordedTrack& track, Codec codec, const std::string& payload, std::uint32_t timestamp) {
        const auto bytes = hex(payload);
        const bool sent = intake.push(track, {.track = track.id.value,
                                              .arrival = MonotonicClock::now(),
                                              .timestamp = timestamp,
                                              .clock_rate = track.kind == MediaKind::video ? 90000U : 48000U,
                                              .epoch = 1,
                                              .sequence = sequence++,
                                              .payload_type = 96,
                                              .codec = codec,
                                              .marker = true}, bytes);
        EXPECT_TRUE(sent);
    }
};

constexpr auto kKey = "10 500100 9d012a 4001 f000 aa";

TEST_F(RecordingServiceTest, AMatroskaFileHasTracksClustersAndCues) {
    const auto started = service.start({"", "call", RecordingFormat::mkv}, ends);
    ASSERT_TRUE(started);
    EXPECT_THAT(started->files, ElementsAre(folder / "call.mkv"));
    const auto video = add(started->id, MediaKind::video, 1);
    const auto audio = add(started->id, MediaKind::audio, 0);
    send(*video, Codec::vp8, kKey, 9000);
    send(*video, Codec::vp8, "10 510100 bb", 12000);
    sequence = 500;
    send(*audio, Codec::opus, "f8fffe", 960);
    intake.end_track(video->id);
    intake.end_track(audio->id);
    service.stop(started->id, "requested");
    const auto end = ends.wait();
    EXPECT_EQ(end.reason, "requested");
    EXPECT_EQ(end.dropped, 0U);
    const auto file = test::contents(folder / "call.mkv");
    EXPECT_EQ(file.size(), end.bytes);
    for (const auto* text : {"matroska", "V_VP8", "A_OPUS", "OpusHead", "what it shows", "Cardea"}) EXPECT_TRUE(contains(file, text)) << text;
    EXPECT_TRUE(contains_bytes(file, "500100 9d012a 4001 f000 aa"));
    EXPECT_TRUE(contains_bytes(file, "1c53bb6b"));  // cues
    EXPECT_TRUE(contains_bytes(file, "b0 82 0140")) << "width of 320";
}

TEST_F(RecordingServiceTest, PicturesOfATurnedPhoneAreShownUpright) {
    const auto started = service.start({"", "call", RecordingFormat::mkv}, ends);
    ASSERT_TRUE(started);
    const auto video = add(started->id, MediaKind::video, 1);
    const auto bytes = hex(kKey);
    ASSERT_TRUE(intake.push(*video, {.track = video->id.value, .arrival = MonotonicClock::now(), .timestamp = 1, .clock_rate = 90000, .epoch = 1,
                                     .sequence = 1, .codec = Codec::vp8, .marker = true, .orientation = 1}, bytes));
    intake.end_track(video->id);
    service.stop(started->id, "requested");
    EXPECT_EQ(ends.wait().reason, "requested");
    EXPECT_TRUE(contains_bytes(test::contents(folder / "call.mkv"), "7675 88 c056800000000000"));  // a roll of -90 degrees
}

TEST_F(RecordingServiceTest, AFileIsReadableWhileItIsWritten) {
    const auto started = service.start({"", "call", RecordingFormat::mkv}, ends);
    ASSERT_TRUE(started);
    // The front is on disk before the first packet.
    for (int tries = 0; tries < 500 && test::contents(folder / "call.mkv").empty(); ++tries) std::this_thread::sleep_for(std::chrono::milliseconds{10});
    EXPECT_TRUE(contains(test::contents(folder / "call.mkv"), "matroska"));
    service.stop(started->id, "requested");
    EXPECT_EQ(ends.wait().reason, "requested");
}

TEST_F(RecordingServiceTest, AnMjrFileBeginsAsJanusWritesIt) {
    const auto started = service.start({"", "call", RecordingFormat::mjr}, ends);
    ASSERT_TRUE(started);
    const auto video = add(started->id, MediaKind::video, 1);
    send(*video, Codec::vp8, kKey, 9000);
    intake.end_track(video->id);
    service.stop(started->id, "hangup");
    const auto end = ends.wait();
    EXPECT_THAT(end.files, ElementsAre(folder / "call-video-1.mjr"));
    const auto file = test::contents(folder / "call-video-1.mjr");
    ASSERT_GT(file.size(), 20U);
    EXPECT_EQ(as_text(Bytes{file}.first(8)), "MJR00002");
    for (const auto* text : {R"("t":"v")", R"("c":"vp8")", "MEET"}) EXPECT_TRUE(contains(file, text)) << text;
}

TEST_F(RecordingServiceTest, ABadPathIsAnsweredAtOnce) {
    const auto started = service.start({"", "../call", RecordingFormat::mkv}, ends);
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().detail, HasSubstr(".."));
    EXPECT_FALSE(service.start({"/etc", "call", RecordingFormat::mjr}, ends));
}

TEST_F(RecordingServiceTest, AFullDiskEndsTheRecordingAndNothingElse) {
    const auto started = service.start({"", "call", RecordingFormat::mkv}, ends);
    ASSERT_TRUE(started);
    const auto video = add(started->id, MediaKind::video, 1);
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    rlimit small = before;
    small.rlim_cur = 64U << 10U;
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
    const std::string large = std::string{kKey} + std::string(2'000, 'e');
    std::uint32_t timestamp = 0;
    while (!video->is_over.load()) {
        send(*video, Codec::vp8, large, timestamp += 180);
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_EQ(ends.wait().reason, "disk full");
    EXPECT_LE(test::contents(folder / "call.mkv").size(), 64U << 10U);
    intake.end_track(video->id);
    service.stop(started->id, "requested");
    // The next one has room again.
    const auto again = service.start({"", "call", RecordingFormat::mkv}, ends);
    ASSERT_TRUE(again);
    service.stop(again->id, "requested");
    EXPECT_EQ(ends.wait().reason, "requested");
}

TEST_F(RecordingServiceTest, AFullRingIsCountedAtTheEnd) {
    const auto started = service.start({"", "call", RecordingFormat::mkv}, ends);
    ASSERT_TRUE(started);
    const auto audio = add(started->id, MediaKind::audio, 0);
    const std::vector<std::uint8_t> payload(1200, 7);
    std::uint64_t refused = 0;
    for (int i = 0; i < 3000; ++i)
        if (!intake.push(*audio, {.track = audio->id.value, .arrival = MonotonicClock::now(), .clock_rate = 48000, .codec = Codec::opus}, payload)) ++refused;
    EXPECT_GT(refused, 0U);
    intake.end_track(audio->id);
    service.stop(started->id, "requested");
    EXPECT_EQ(ends.wait().dropped, refused);
}

TEST_F(RecordingServiceTest, AVideoWithoutKeyframeAsksForOne) {
    const auto started = service.start({"", "call", RecordingFormat::mkv}, ends);
    ASSERT_TRUE(started);
    const auto video = add(started->id, MediaKind::video, 1);
    for (std::uint32_t i = 0; i < 500 && !video->wants_keyframe.load(); ++i) {
        send(*video, Codec::vp8, "10 510100 bb", i * 3000);
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    EXPECT_TRUE(video->wants_keyframe.load());
    intake.end_track(video->id);
    service.stop(started->id, "requested");
    EXPECT_EQ(ends.wait().reason, "requested");
}

TEST_F(RecordingServiceTest, TheEndOfTheProcessFinishesTheFile) {
    {
        RecordingService brief{{.roots = {folder.path().string()}}};
        ASSERT_TRUE(brief.start({"", "brief", RecordingFormat::mkv}, ends));
        brief.forget(ends);
    }
    const auto file = test::contents(folder / "brief.mkv");
    EXPECT_TRUE(contains_bytes(file, "4489 88")) << "duration";
}

}  // namespace
}  // namespace cardea
