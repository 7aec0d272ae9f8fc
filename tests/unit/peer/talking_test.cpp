// What a hub tells of audio levels, and what it lets a receiver know of playout delay.
#include "layers_world.hpp"

namespace cardea::test {
namespace {

using testing::ElementsAre;

TEST_F(Layers, ThePlayoutDelayOfALegReplacesTheSendersOne) {
    connect(Codec::vp8, 1);
    Vp8Stream vp8;
    send(0, vp8.next(true));
    world.hub.set_playout_delay(kSink, PlayoutDelay{5, 50});
    send(0, vp8.next());
    world.hub.set_playout_delay(kSink, std::nullopt);
    send(0, vp8.next());
    std::vector<std::optional<PlayoutDelay>> seen;
    for (const auto& packet : bob->rtp) seen.push_back(read_extensions(packet.bytes, packet.header, {.playout_delay = 6}).playout_delay);
    EXPECT_THAT(seen, ElementsAre(std::nullopt, PlayoutDelay{5, 50}, std::nullopt));
}

TEST_F(Layers, TellsWhoTalksUntilTheyAreMuted) {
    auto publisher = peer_config(1, world);
    PayloadType opus{.number = 111, .codec = Codec::opus, .clock_rate = 48000, .channels = 2, .fmtp = {}, .rtx = {}};
    ReceiveTrack track{.mid = "a", .mindex = 0, .kind = MediaKind::audio, .payload_types = {opus}, .extensions = {}, .encodings = {}};
    track.extensions.mid = 1;
    track.extensions.audio_level = 2;
    publisher.sources.push_back({kSource, track});
    alice = &world.add_client(5001, publisher);
    alice->handshake();
    const auto speak = [&](std::uint8_t level, int packets) {
        for (int i = 0; i < packets; ++i) {
            OutgoingRtp out{.ssrc = Ssrc{9}, .payload_type = 111, .sequence = lines[0].sequence++, .timestamp = 0};
            out.ids = {.mid = 1, .audio_level = 2};
            out.extensions.mid = "a";
            out.extensions.audio_level = AudioLevel{level, true};
            alice->send_rtp(out, std::array<std::uint8_t, 2>{1, 2});
        }
    };
    speak(10, 20);
    EXPECT_TRUE(world.talking.empty()) << "nobody asked";
    world.hub.watch_talking(kSource, {.packets = 10, .level = 25});
    speak(20, 20);
    ASSERT_EQ(world.talking.size(), 1U);
    EXPECT_TRUE(world.talking[0].talking);
    EXPECT_EQ(world.talking[0].mid, "a");
    EXPECT_DOUBLE_EQ(world.talking[0].level, 20);
    world.hub.set_source_active(kSource, false);
    speak(20, 10);
    ASSERT_EQ(world.talking.size(), 2U);
    EXPECT_FALSE(world.talking[1].talking);
}

TEST_F(Layers, WhatWasSaidWhileMutedCannotBeAskedForLater) {
    connect(Codec::vp8, 1);
    Vp8Stream vp8;
    send(0, vp8.next(true));
    world.hub.set_source_active(kSource, false);
    send(0, vp8.next());
    world.hub.set_source_active(kSource, true);
    send(0, vp8.next());
    ASSERT_EQ(bob->rtp.size(), 2U);
    EXPECT_EQ(static_cast<std::uint16_t>(bob->rtp[1].header.sequence - bob->rtp[0].header.sequence), 1);
}

}  // namespace
}  // namespace cardea::test
