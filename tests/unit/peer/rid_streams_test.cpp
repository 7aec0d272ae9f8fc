// Simulcast by RID beside an audio m-line: which packets are of which encoding.
#include "peer/plain_rtp.hpp"

#include "peers.hpp"

namespace cardea::test {
namespace {

constexpr SourceId kAudio{70}, kVideo{71};

PeerConfig config_of(const World& world) {
    auto config = peer_config(1, world);
    ReceiveTrack audio{.mid = "0", .mindex = 0, .kind = MediaKind::audio, .payload_types = {}, .extensions = {.mid = 1}, .encodings = {}};
    audio.payload_types = {{.number = 111, .codec = Codec::opus, .clock_rate = 48000, .channels = 2, .fmtp = {}, .rtx = {}}};
    ReceiveTrack video{.mid = "1", .mindex = 1, .kind = MediaKind::video, .payload_types = {}, .extensions = {.mid = 1, .rid = 2}, .encodings = {}};
    video.payload_types = {{.number = 96, .codec = Codec::vp8, .clock_rate = 90000, .channels = 1, .fmtp = {}, .rtx = {}}};
    for (const auto* rid : {"l", "m", "h"}) video.encodings.push_back({.rid = rid, .ssrc = {}, .rtx_ssrc = {}});
    config.sources = {{kAudio, audio}, {kVideo, video}};
    return config;
}

TEST(RidStreams, AreToldApartByTheirRidsWhateverComesFirst) {
    World world;
    auto& alice = world.add_client(5001, config_of(world));
    alice.handshake();
    const std::vector<std::uint8_t> payload(50, 0x10);
    const auto send = [&](std::uint32_t ssrc, std::string_view rid) {
        alice.send_rtp({.ssrc = Ssrc{ssrc}, .payload_type = 96, .sequence = 1, .timestamp = 1, .extensions = {.mid = "1", .rid = rid}, .ids = {.mid = 1, .rid = 2}}, payload);
    };
    send(100, "l");
    send(300, "h");
    send(200, "m");
    const auto& encodings = world.hub.find_source(kVideo)->encodings();
    ASSERT_EQ(encodings.size(), 3U);
    EXPECT_EQ(encodings[0]->ssrc, Ssrc{100});
    EXPECT_EQ(encodings[1]->ssrc, Ssrc{200});
    EXPECT_EQ(encodings[2]->ssrc, Ssrc{300});
}

TEST(RidStreams, APacketWithoutItsRidIsOfNoEncodingYet) {
    World world;
    auto& alice = world.add_client(5001, config_of(world));
    alice.handshake();
    const std::vector<std::uint8_t> payload(50, 0x10);
    alice.send_rtp({.ssrc = Ssrc{100}, .payload_type = 96, .sequence = 1, .timestamp = 1, .extensions = {.mid = "1"}, .ids = {.mid = 1}}, payload);
    EXPECT_EQ(world.drops(Drop::rtp_unknown_stream), 1U);
    alice.send_rtp({.ssrc = Ssrc{100}, .payload_type = 96, .sequence = 2, .timestamp = 1, .extensions = {.mid = "1", .rid = "h"}, .ids = {.mid = 1, .rid = 2}}, payload);
    EXPECT_EQ(world.hub.find_source(kVideo)->encodings()[2]->ssrc, Ssrc{100});
}

}  // namespace
}  // namespace cardea::test
