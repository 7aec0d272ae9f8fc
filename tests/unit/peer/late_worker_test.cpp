// A worker that cannot keep up: audio goes on, video rests on some legs or on all, and comes back with a keyframe.
#include <gmock/gmock.h>

#include "peers.hpp"
#include "unit/media/layer_streams.hpp"

namespace cardea::test {
namespace {

constexpr SourceId kVoice{11}, kCamera{12};
constexpr Ssrc kVoiceSsrc{0x1000}, kCameraSsrc{0x1001};
constexpr Ssrc kVoiceLeg{0x2000}, kCameraLeg{0x2001};
constexpr std::uint16_t kWatchers = 20;

class LateWorker : public testing::Test {
  protected:
    LateWorker() {
        const PayloadType opus{.number = 111, .codec = Codec::opus, .clock_rate = 48000, .channels = 2, .fmtp = {}, .rtx = {}};
        auto config = peer_config(1, world);
        config.sources.push_back({kVoice,
                                  {.mid = "0",
                                   .mindex = 0,
                                   .kind = MediaKind::audio,
                                   .payload_types = {opus},
                                   .extensions = {.mid = 1},
                                   .encodings = {{.rid = {}, .ssrc = kVoiceSsrc, .rtx_ssrc = {}}}}});
        config.sources.push_back({kCamera,
                                  {.mid = "1",
                                   .mindex = 1,
                                   .kind = MediaKind::video,
                                   .payload_types = {vp8_type()},
                                   .extensions = {.mid = 1},
                                   .encodings = {{.rid = {}, .ssrc = kCameraSsrc, .rtx_ssrc = {}}}}});
        publisher = &world.add_client(5000, config);
        publisher->handshake();
        for (std::uint16_t i = 0; i < kWatchers; ++i) watch(i, opus);
        picture(true);
        forget();
    }
    void watch(std::uint16_t number, const PayloadType& opus) {
        auto config = peer_config(100U + number, world);
        const SinkId voice{1000U + 2U * number}, camera{1001U + 2U * number};
        config.sinks.push_back({voice,
                                {.mid = "0",
                                 .mindex = 0,
                                 .kind = MediaKind::audio,
                                 .payload_type = opus,
                                 .extensions = {},
                                 .ssrc = kVoiceLeg,
                                 .rtx_ssrc = {},
                                 .cname = "c"},
                                true});
        config.sinks.push_back({camera,
                                {.mid = "1",
                                 .mindex = 1,
                                 .kind = MediaKind::video,
                                 .payload_type = vp8_type(),
                                 .extensions = {},
                                 .ssrc = kCameraLeg,
                                 .rtx_ssrc = Ssrc{0x2002},
                                 .cname = "c"},
                                true});
        auto& client = world.add_client(static_cast<std::uint16_t>(6000 + number), config);
        client.handshake();
        world.hub.route(world.now, voice, kVoice);
        world.hub.route(world.now, camera, kCamera);
        watchers.push_back(&client);
    }
    void send(Ssrc ssrc, const char* mid, std::uint8_t type, Bytes payload, std::uint16_t& sequence) {
        OutgoingRtp out{.ssrc = ssrc,
                        .payload_type = type,
                        .marker = true,
                        .sequence = ++sequence,
                        .timestamp = static_cast<std::uint32_t>(ns_of(world.now) / 11'111)};
        out.ids = {.mid = 1};
        out.extensions.mid = mid;
        publisher->send_rtp(out, payload);
    }
    void picture(bool key = false) {
        const auto packet = stream.next(key);
        send(kCameraSsrc, "1", 96, packet.payload, video_sequence);
        send(kVoiceSsrc, "0", 111, Datagram(80, 0x42), audio_sequence);
        world.run_for(20ms);
    }
    // Pictures and voice while the worker finds datagrams so old.
    void run(Duration time, Duration waited) {
        for (const auto end = world.now + time; world.now < end;) {
            if (world.now - last_check > 5s) check_all();  // consent
            world.hub.on_read(world.now, waited);
            picture();
        }
    }
    void check_all() {
        last_check = world.now;
        publisher->check();
        for (auto* each : watchers) each->check();
    }
    void forget() {
        for (auto* each : watchers) each->rtp.clear();
        publisher->rtcp.clear();
    }
    [[nodiscard]] static std::size_t count(const Client& client, Ssrc ssrc) {
        return static_cast<std::size_t>(
            std::count_if(client.rtp.begin(), client.rtp.end(), [&](const auto& each) { return each.header.ssrc == ssrc; }));
    }
    [[nodiscard]] std::size_t watchers_with_video() const {
        return static_cast<std::size_t>(
            std::count_if(watchers.begin(), watchers.end(), [](const auto* each) { return count(*each, kCameraLeg) > 0; }));
    }
    using Datagram = std::vector<std::uint8_t>;
    World world;
    Vp8Stream stream;
    Client* publisher = nullptr;
    std::vector<Client*> watchers;
    std::uint16_t video_sequence = 100, audio_sequence = 7;
    Instant last_check = world.now;
};

TEST_F(LateWorker, FirstCutsToTheBaseLayerAndVoiceIsWhole) {
    run(600ms, 12ms);
    ASSERT_TRUE(world.hub.shedding().is_base_only());
    forget();
    for (int i = 0; i < 8; ++i) picture();
    for (const auto* each : watchers) {
        EXPECT_EQ(count(*each, kVoiceLeg), 8U);
        EXPECT_LE(count(*each, kCameraLeg), 2U) << "one picture in four is of the base layer";
    }
    EXPECT_GT(watchers_with_video(), 0U);
}

TEST_F(LateWorker, LegsRestUntilItKeepsUpAndNoVoiceIsMissing) {
    run(4s, 500ms);
    ASSERT_EQ(world.hub.shedding().share(), VideoShedding::kPlaces);
    forget();
    run(1s, 500ms);
    EXPECT_EQ(watchers_with_video(), 0U);
    for (const auto* each : watchers) EXPECT_EQ(count(*each, kVoiceLeg), 50U);
    EXPECT_GT(world.hub.shedding().left_out(), 0U);
}

TEST_F(LateWorker, SomeRestAndTheOthersGoOn) {
    while (world.hub.shedding().share() < VideoShedding::kPlaces / 3) run(200ms, 30ms);
    forget();
    for (int i = 0; i < 8; ++i) picture();
    EXPECT_GT(watchers_with_video(), 0U);
    EXPECT_LT(watchers_with_video(), watchers.size());
}

TEST_F(LateWorker, ALegComesBackWithAKeyframeThatItAsksForAndWithoutAGap) {
    run(4s, 500ms);
    forget();
    while (world.hub.shedding().share() > 0) run(200ms, 0ms);
    for (const auto* each : watchers) EXPECT_EQ(count(*each, kCameraLeg), 0U) << "there has been no keyframe";
    EXPECT_FALSE(publisher->rtcp_items<PictureLoss>().empty());
    picture(true);
    picture();
    for (const auto* each : watchers) {
        std::vector<const ReceivedRtp*> video;
        for (const auto& packet : each->rtp)
            if (packet.header.ssrc == kCameraLeg) video.push_back(&packet);
        ASSERT_FALSE(video.empty());
        EXPECT_EQ(video.front()->payload()[6] & 1U, 0U) << "RFC 6386 section 9.1: a keyframe";
    }
}

// The receiver of a leg at rest sees no gap when it comes back, so that it asks for nothing.
TEST_F(LateWorker, NumbersGoOnWhereTheyStopped) {
    picture();
    std::vector<std::uint16_t> before;
    for (const auto* each : watchers) {
        std::uint16_t highest = 0;
        for (const auto& packet : each->rtp)
            if (packet.header.ssrc == kCameraLeg) highest = packet.header.sequence;
        before.push_back(highest);
    }
    forget();
    run(4s, 500ms);
    std::vector<std::uint16_t> sent;
    for (std::size_t i = 0; i < watchers.size(); ++i)
        sent.push_back(static_cast<std::uint16_t>(before[i] + count(*watchers[i], kCameraLeg)));
    forget();
    while (world.hub.shedding().share() > 0) run(200ms, 0ms);
    picture(true);
    for (std::size_t i = 0; i < watchers.size(); ++i) {
        ASSERT_EQ(count(*watchers[i], kCameraLeg), 1U);
        for (const auto& packet : watchers[i]->rtp)
            if (packet.header.ssrc == kCameraLeg) {
                EXPECT_EQ(packet.header.sequence, static_cast<std::uint16_t>(sent[i] + 1));
            }
    }
}

TEST_F(LateWorker, ForALegAtRestNoKeyframeIsAskedFor) {
    run(4s, 500ms);
    ASSERT_EQ(world.hub.shedding().share(), VideoShedding::kPlaces);
    world.run_for(2s);
    forget();
    for (auto* each : watchers) each->send_rtcp([](CompoundWriter& writer) { writer.picture_loss(Ssrc{9}, kCameraLeg); });
    world.run_for(1s);
    EXPECT_TRUE(publisher->rtcp_items<PictureLoss>().empty());
}

}  // namespace
}  // namespace cardea::test
