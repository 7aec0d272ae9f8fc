// A plugin's recordings between its wishes, the media plane (which only notes) and the disk thread (which is real).
#include "modules/recordings.hpp"

#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>

#include "support/fake_media.hpp"
#include "unit/recording/temp_folder.hpp"

namespace cardea {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class NotingMedia final : public FakeMedia {
  public:
    struct Recorded {
        SourceId source;
        std::shared_ptr<RecordedTrack> track;
    };
    void record(WorkerIndex, SourceId source, std::shared_ptr<RecordedTrack> track, RecordingIntake& intake) override {
        recorded.push_back({source, std::move(track)});
        intake_ = &intake;
    }
    // As a worker would: the tap goes, and says so.
    void end_record(WorkerIndex, RecordedTrackId track) override {
        ended.push_back(track);
        intake_->end_track(track);
    }
    std::vector<Recorded> recorded;
    std::vector<RecordedTrackId> ended;

  private:
    RecordingIntake* intake_ = nullptr;
};

struct RecordingsTest : testing::Test {
    test::TempFolder folder;
    NotingMedia media;
    RecordingService service{{.roots = {folder.path().string()}}};
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::function<void()>> tasks;  // of the plugin's thread
    std::vector<std::pair<HandleId, Json>> ends;
    Recordings recordings{&service,
                          media,
                          {.post = [this](std::function<void()> task) {
                               const std::lock_guard lock{mutex};
                               tasks.push_back(std::move(task));
                               changed.notify_all();
                           },
                           .on_end = [this](HandleId of, const Json& event) { ends.emplace_back(of, event); }}};
    const HandleId handle{7};
    const Recordings::Sources both{{SourceId{1}, {MediaKind::audio, {}, 0, "0", 0}}, {SourceId{2}, {MediaKind::video, {}, 0, "1", 1}}};

    Json start(const Json& wish) {
        auto started = recordings.start(handle, wish, both);
        EXPECT_TRUE(started) << started.error().detail;
        return started ? *started : Json{};
    }
    void run_plugin_thread() {
        std::unique_lock lock{mutex};
        ASSERT_TRUE(changed.wait_for(lock, 10s, [&] { return !tasks.empty(); }));
        auto due = std::exchange(tasks, {});
        lock.unlock();
        for (const auto& task : due) task();
    }
};

TEST_F(RecordingsTest, RecordsEverySourceOfAHandle) {
    const auto started = start({{"filename", "call"}});
    EXPECT_EQ(started["files"].at(0).text(), folder / "call.mkv");
    ASSERT_THAT(media.recorded, SizeIs(2));
    EXPECT_EQ(media.recorded[0].source, SourceId{1});
    EXPECT_EQ(media.recorded[1].track->kind, MediaKind::video);
}

TEST_F(RecordingsTest, TellsThePluginWhenTheFilesAreComplete) {
    const auto id = start({{"filename", "call"}})["recording"].unsigned_integer();
    EXPECT_TRUE(recordings.stop(RecordingId{id}, "requested"));
    EXPECT_THAT(media.ended, SizeIs(2));
    run_plugin_thread();
    ASSERT_THAT(ends, SizeIs(1));
    EXPECT_EQ(ends[0].first, handle);
    EXPECT_EQ(ends[0].second["recording"].unsigned_integer(), id);
    EXPECT_EQ(ends[0].second["reason"].text(), "requested");
    EXPECT_EQ(ends[0].second["files"].at(0).text(), folder / "call.mkv");
    EXPECT_FALSE(recordings.stop(RecordingId{id}, "requested"));
}

TEST_F(RecordingsTest, FollowsARenegotiation) {
    start({{"filename", "call"}});
    auto more = both;
    more.erase(more.begin());
    more.emplace_back(SourceId{3}, KnownSource{MediaKind::video, {}, 0, "2", 2});
    recordings.on_media(handle, more);
    ASSERT_THAT(media.recorded, SizeIs(3));
    EXPECT_EQ(media.recorded[2].source, SourceId{3});
    recordings.on_media(HandleId{8}, {});  // somebody else's
    EXPECT_THAT(media.ended, SizeIs(0));
}

TEST_F(RecordingsTest, AHangupEndsIt) {
    start({{"filename", "call"}});
    recordings.on_hangup(handle);
    run_plugin_thread();
    ASSERT_THAT(ends, SizeIs(1));
    EXPECT_EQ(ends[0].second["reason"].text(), "hangup");
}

TEST_F(RecordingsTest, OnlyTheTracksNamed) {
    auto tracks = Json::array();
    tracks.push({{"mid", "1"}, {"description", "the slides"}});
    start({{"filename", "call"}, {"tracks", tracks}});
    ASSERT_THAT(media.recorded, SizeIs(1));
    EXPECT_EQ(media.recorded[0].source, SourceId{2});
    EXPECT_EQ(media.recorded[0].track->description, "the slides");
}

TEST_F(RecordingsTest, SourcesOfSeveralHandlesByTheirIds) {
    auto tracks = Json::array();
    tracks.push({{"source", 2}});
    EXPECT_TRUE(recordings.start(HandleId{}, {{"filename", "call"}, {"tracks", tracks}}, both));
    ASSERT_THAT(media.recorded, SizeIs(1));
    EXPECT_EQ(media.recorded[0].source, SourceId{2});
    EXPECT_FALSE(recordings.start(HandleId{}, {{"filename", "everybody"}}, both));
}

TEST_F(RecordingsTest, DescriptionsDoNotLeaveOthersOut) {
    auto descriptions = Json::array();
    descriptions.push({{"mid", "1"}, {"description", "the slides"}});
    start({{"filename", "call"}, {"descriptions", descriptions}});
    ASSERT_THAT(media.recorded, SizeIs(2));
    EXPECT_EQ(media.recorded[0].track->description, "");
    EXPECT_EQ(media.recorded[1].track->description, "the slides");
}

TEST_F(RecordingsTest, MjrMakesAFileForEachMLine) {
    const auto started = start({{"filename", "call"}, {"format", "mjr"}});
    std::vector<std::string> files;
    started["files"].for_each([&](const Json& file) { files.emplace_back(file.text()); });
    EXPECT_THAT(files, ElementsAre(folder / "call-audio-0.mjr", folder / "call-video-1.mjr"));
}

TEST_F(RecordingsTest, EncryptedEndToEndIsKeptAsPackets) {
    EXPECT_THAT(std::string{start({{"filename", "call"}, {"e2ee", true}})["files"].at(0).text()}, HasSubstr(".mjr"));
}

TEST_F(RecordingsTest, ABadPathStartsNothing) {
    const auto started = recordings.start(handle, {{"filename", "../call"}}, both);
    ASSERT_FALSE(started);
    EXPECT_THAT(media.recorded, SizeIs(0));
    EXPECT_FALSE(recordings.start(handle, {{"filename", "call"}, {"format", "avi"}}, both));
}

TEST_F(RecordingsTest, ACheckMakesNoFile) {
    EXPECT_TRUE(recordings.start(handle, {{"filename", "call"}, {"check", true}}, both));
    EXPECT_FALSE(recordings.start(handle, {{"filename", "/etc/call"}, {"check", true}}, both));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    EXPECT_THAT(media.recorded, SizeIs(0));
}

TEST_F(RecordingsTest, AHostWithoutDiskThreadSaysSo) {
    Recordings none{nullptr, media, {}};
    EXPECT_FALSE(none.start(handle, {{"filename", "call"}}, both));
}

}  // namespace
}  // namespace cardea
