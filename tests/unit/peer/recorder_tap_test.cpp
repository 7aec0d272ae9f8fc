// What a recorder takes of a source: the best encoding that arrives, whole, with the times its disk thread needs.
#include "peer/recorder_tap.hpp"

#include <gmock/gmock.h>

#include "media/source.hpp"
#include "unit/peer/world.hpp"

namespace cardea {
namespace {

using testing::ElementsAre;

SourceConfig camera() {
    PayloadType vp8{.number = 96, .codec = Codec::vp8};
    SourceConfig config{SourceId{9}, {.mid = "1", .mindex = 1, .kind = MediaKind::video, .payload_types = {vp8}, .extensions = {}, .encodings = {}}};
    config.track.encodings = {{.rid = "", .ssrc = Ssrc{1}, .rtx_ssrc = {}}, {.rid = "", .ssrc = Ssrc{2}, .rtx_ssrc = {}}};
    return config;
}

struct RecorderTapTest : testing::Test {
    test::World world;
    RemoteClock remote;
    PacketPool pool{4096};
    Source source{camera(), remote};
    std::vector<RecordedTrackId> ended;
    RecordingIntake intake{64U << 10U, [this](RecordedTrackId id) { ended.push_back(id); }};
    std::shared_ptr<RecordedTrack> track = std::make_shared<RecordedTrack>();
    std::unique_ptr<RecorderTap> tap;
    Instant now = instant_of_ns(10'000'000'000);
    std::uint16_t sequence = 1;

    RecorderTapTest() {
        track->id = RecordedTrackId{5};
        tap = std::make_unique<RecorderTap>(world.hub, source, track, intake);
    }
    enum class Picture : std::uint8_t { key, delta };
    void send(std::uint32_t ssrc, Picture picture, std::size_t size = 20) {
        auto packet = pool.take();
        std::vector<std::uint8_t> payload{0x10, picture == Picture::key ? std::uint8_t{0x50} : std::uint8_t{0x51}, 1, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xf0, 0};
        payload.resize(std::max(size, payload.size()));
        const auto written = write_rtp(packet->buffer, {.ssrc = Ssrc{ssrc}, .payload_type = 96, .marker = true, .sequence = sequence++, .timestamp = 90'000}, payload);
        packet->size = static_cast<std::uint16_t>(written);
        packet->header = *parse_rtp_header(packet->bytes());
        packet->arrival = now;
        source.on_packet(now, *source.encoding_of(Ssrc{ssrc}), packet, world.hub.batch());
    }
    struct Taken {
        std::uint16_t sequence;
        std::uint32_t epoch;
        friend bool operator==(const Taken&, const Taken&) = default;
    };
    std::vector<Taken> taken() {
        std::vector<Taken> out;
        intake.ring().drain([&](const RecordedPacket& packet, Bytes) { out.push_back({packet.sequence, packet.epoch}); });
        return out;
    }
};

TEST_F(RecorderTapTest, ABetterEncodingTakesOverAtItsKeyframe) {
    send(1, Picture::key);
    send(2, Picture::delta);
    send(2, Picture::key);
    send(1, Picture::delta);
    send(2, Picture::delta);
    EXPECT_THAT(taken(), ElementsAre(Taken{1, 1}, Taken{3, 2}, Taken{5, 2}));
}

TEST_F(RecorderTapTest, AWorseOneTakesOverWhenTheBetterHasStalled) {
    send(2, Picture::key);
    send(1, Picture::key);
    now += 2s;
    send(1, Picture::delta);
    EXPECT_THAT(taken(), ElementsAre(Taken{1, 1}, Taken{3, 2}));
}

TEST_F(RecorderTapTest, AKeyframeIsAskedOfABetterEncoding) {
    send(1, Picture::key);
    EXPECT_FALSE(source.has_due_request());
    send(2, Picture::delta);
    ASSERT_TRUE(source.has_due_request());
    EXPECT_EQ(source.take_due_request(now)->ssrc, Ssrc{2});
}

TEST_F(RecorderTapTest, TheDiskThreadsWishForAKeyframeIsPassedOn) {
    send(1, Picture::key);
    track->wants_keyframe = true;
    send(1, Picture::delta);
    ASSERT_TRUE(source.has_due_request());
    EXPECT_FALSE(track->wants_keyframe);
}

TEST_F(RecorderTapTest, PacketsThatFindTheRingFullAreCountedAndTheCallGoesOn) {
    for (int i = 0; i < 100; ++i) send(1, Picture::key, 1000);
    EXPECT_GT(track->dropped, 0U);
    EXPECT_EQ(world.hub.statistics().drops.of(Drop::recording_full), track->dropped);
    static_cast<void>(taken());
    send(1, Picture::key);
    EXPECT_EQ(taken().size(), 1U);
}

TEST_F(RecorderTapTest, NothingIsTakenOnceTheRecordingIsOver) {
    track->is_over = true;
    send(1, Picture::key);
    EXPECT_THAT(taken(), testing::IsEmpty());
}

TEST_F(RecorderTapTest, AMutedSourceIsNotRecorded) {
    send(1, Picture::key);
    source.set_active(false);
    send(1, Picture::key);
    EXPECT_EQ(taken().size(), 1U);
}

TEST_F(RecorderTapTest, ItsEndIsToldOnce) {
    tap.reset();
    EXPECT_THAT(ended, ElementsAre(RecordedTrackId{5}));
    send(1, Picture::key);
    EXPECT_THAT(taken(), testing::IsEmpty());
}

TEST_F(RecorderTapTest, TheCaptureTimeIsKnownOnceTheSenderHasReported) {
    const auto capture_of_next = [&] {
        std::int64_t capture = 0;
        send(1, Picture::key);
        intake.ring().drain([&](const RecordedPacket& packet, Bytes) { capture = packet.capture_ns; });
        return capture;
    };
    EXPECT_EQ(capture_of_next(), RecordedPacket::kNoTime);
    constexpr std::uint64_t kNtp = std::uint64_t{3'900'000'000} << 32U;
    remote.on_sender_report(kNtp, now);
    source.encoding_of(Ssrc{1})->clock.on_sender_report(kNtp, 90'000 + 9'000);  // the packet is 100 ms older
    EXPECT_EQ(capture_of_next(), ns_of(now) - 100'000'000);
}

}  // namespace
}  // namespace cardea
