// Simulcast and SVC through a hub: what a receiver sees of switches must look like one stream.
#include <gmock/gmock.h>

#include "proto/rtp/codec/vp8_descriptor.hpp"
#include "unit/media/layer_streams.hpp"
#include "peers.hpp"

namespace cardea::test {
namespace {

using testing::ElementsAre;

constexpr SourceId kSource{71};
constexpr SinkId kSink{72};
constexpr Ssrc kLegSsrc{0x2001}, kLegRtx{0x2002};
constexpr std::uint8_t kDescriptorId = 9;

PayloadType type_of(Codec codec) {
    PayloadType type{.number = 96, .codec = codec, .clock_rate = 90000, .channels = 1, .fmtp = {}, .rtx = 97};
    type.nack = type.pli = true;
    return type;
}

class LayersWorld : public World {
  public:
    void on_layers(PeerId, const LayersEvent& event) override { layers.push_back(event); }
    void on_talking(PeerId, const TalkingEvent& event) override { talking.push_back(event); }
    std::vector<LayersEvent> layers;
    std::vector<TalkingEvent> talking;
};

class Layers : public testing::Test {
  protected:
    void connect(Codec codec, unsigned encodings, bool rtx = true) {
        auto publisher = peer_config(1, world);
        ReceiveTrack track{.mid = "0", .mindex = 0, .kind = MediaKind::video, .payload_types = {type_of(codec)}, .extensions = {}, .encodings = {}};
        track.extensions.mid = 1;
        track.extensions.dependency_descriptor = kDescriptorId;
        for (unsigned i = 0; i < encodings; ++i) track.encodings.push_back({.rid = {}, .ssrc = ssrc(i), .rtx_ssrc = {}});
        publisher.sources.push_back({kSource, track});
        auto subscriber = peer_config(2, world);
        auto type = type_of(codec);
        if (!rtx) type.rtx.reset();
        SendTrack send{.mid = "0", .mindex = 0, .kind = MediaKind::video, .payload_type = type, .extensions = {}, .ssrc = kLegSsrc,
                       .rtx_ssrc = rtx ? kLegRtx : Ssrc{}, .cname = "cname"};
        send.extensions.dependency_descriptor = kDescriptorId;
        send.extensions.playout_delay = 6;
        subscriber.sinks.push_back({kSink, send, true});
        alice = &world.add_client(5001, publisher);
        bob = &world.add_client(5002, subscriber);
        alice->handshake();
        bob->handshake();
        world.hub.route(world.now, kSink, kSource);
        world.hub.flush();
    }
    static Ssrc ssrc(unsigned encoding) { return Ssrc{0x1001 + encoding}; }

    // As a sender whose encodings share one clock, but have timestamps and sequence numbers of their own.
    void send(unsigned encoding, const StreamPacket& packet, bool lost = false) {
        auto& line = lines[encoding];
        OutgoingRtp out{.ssrc = ssrc(encoding), .payload_type = 96, .marker = packet.marker, .sequence = line.sequence++,
                        .timestamp = line.timestamp + static_cast<std::uint32_t>((world.now - start).count() * 9 / 100'000)};
        out.ids = {.mid = 1, .dependency_descriptor = kDescriptorId};
        out.extensions.mid = "0";
        out.extensions.dependency_descriptor = packet.descriptor;
        if (lost) {
            line.kept.push_back({out, packet});
            return;
        }
        alice->send_rtp(out, packet.payload);
    }
    void deliver_late(unsigned encoding) {
        for (auto& [out, packet] : std::exchange(lines[encoding].kept, {})) {
            out.extensions.dependency_descriptor = packet.descriptor;
            alice->send_rtp(out, packet.payload);
        }
    }
    void send_reports() {
        for (unsigned i = 0; i < 3; ++i)
            alice->send_rtcp([&](CompoundWriter& writer) {
                writer.sender_report({.ssrc = ssrc(i), .ntp = kNtp + ntp_units(world.now - start),
                                      .rtp_timestamp = lines[i].timestamp + static_cast<std::uint32_t>((world.now - start).count() * 9 / 100'000),
                                      .packets = 1, .octets = 1}, {});
            });
    }
    static std::uint64_t ntp_units(Duration d) { return static_cast<std::uint64_t>(d.count()) * 0x1'0000'0000ULL / 1'000'000'000ULL; }

    // What bob has on the media SSRC: gap-free numbers, timestamps that grow with the pictures.
    void expect_one_stream() {
        const ReceivedRtp* last = nullptr;
        for (const auto& packet : bob->rtp) {
            if (packet.header.ssrc != kLegSsrc) continue;
            if (last != nullptr) {
                EXPECT_EQ(static_cast<std::uint16_t>(packet.header.sequence - last->header.sequence), 1);
                const auto step = static_cast<std::int32_t>(packet.header.timestamp - last->header.timestamp);
                EXPECT_GE(step, 0);
                EXPECT_LE(step, 90000);
                EXPECT_TRUE(step > 0 || !last->header.marker) << "a new picture has a new time";
            }
            last = &packet;
        }
    }
    std::vector<int> plis() {
        world.hub.flush();
        std::vector<int> asked;
        for (const auto& item : alice->rtcp_items<PictureLoss>()) asked.push_back(static_cast<int>(item.media.value) - 0x1001);
        alice->rtcp.clear();
        return asked;
    }

    static constexpr std::uint64_t kNtp = 0xe000'0000'0000'0000ULL;
    struct Line {
        std::uint16_t sequence = 0;
        std::uint32_t timestamp = 0;
        std::vector<std::pair<OutgoingRtp, StreamPacket>> kept;
    };
    LayersWorld world;
    Instant start = world.now;
    Line lines[3]{{65500, 4'000'000'000U, {}}, {20, 77, {}}, {30000, 1'000'000U, {}}};
    Client* alice = nullptr;
    Client* bob = nullptr;
};

// ---- simulcast ---------------------------------------------------------------------------------------------------------

class Vp8Simulcast : public Layers {
  protected:
    // One picture of each encoding that is on, the lowest first; `keys` says which are keyframes.
    void picture(std::initializer_list<unsigned> keys = {}, std::initializer_list<unsigned> on = {0, 1, 2}) {
        for (const auto encoding : on) {
            const bool key = std::find(keys.begin(), keys.end(), encoding) != keys.end();
            auto packet = streams[encoding].next(key);
            packet.payload.back() = static_cast<std::uint8_t>(encoding);
            send(encoding, packet);
        }
        world.run_for(33ms);
    }
    void pictures(int count, std::initializer_list<unsigned> on = {0, 1, 2}) {
        for (int i = 0; i < count; ++i) picture({}, on);
    }
    // Which encoding each picture that bob got was of, since the last call.
    std::vector<int> seen() {
        std::vector<int> out;
        for (; at < bob->rtp.size(); ++at)
            if (bob->rtp[at].header.ssrc == kLegSsrc && !bob->rtp[at].payload().empty()) out.push_back(bob->rtp[at].payload().back());
        return out;
    }
    // Picture ids one after the other, TL0PICIDX one more with each base layer picture.
    void expect_continuous_pictures() {
        std::optional<Vp8Descriptor> last;
        for (const auto& packet : bob->rtp) {
            if (packet.header.ssrc != kLegSsrc || packet.payload().empty()) continue;
            const auto now = parse_vp8_descriptor(packet.payload()).value();
            if (last) {
                EXPECT_EQ((*now.picture_id - *last->picture_id) & 0x7fff, 1);
                EXPECT_EQ((*now.tl0_index - *last->tl0_index) & 0xff, now.temporal_layer == 0 ? 1 : 0);
            }
            last = now;
        }
    }
    Vp8Stream streams[3]{Vp8Stream{0x7ff0, 250}, Vp8Stream{5, 9}, Vp8Stream{20000, 100}};
    std::size_t at = 0;
};

TEST_F(Vp8Simulcast, TheHighestIsTheDefault) {
    connect(Codec::vp8, 3);
    picture({0, 1, 2});
    pictures(3);
    // The lowest came first and is shown until its betters come, with keyframes of their own.
    EXPECT_THAT(seen(), ElementsAre(0, 1, 2, 2, 2, 2));
    expect_one_stream();
    expect_continuous_pictures();
    ASSERT_EQ(world.layers.size(), 3U);
    EXPECT_EQ(world.layers.back().substream, 2);
    EXPECT_TRUE(world.layers.back().simulcast);
    EXPECT_EQ(world.layers.back().sink, kSink);
}

// Ten minutes of a muted camera's pictures: what was sent last is then half the numbers away, which looks like the past.
TEST_F(Vp8Simulcast, APauseInWhichNumbersComeAroundEnds) {
    connect(Codec::vp8, 1);
    picture({0}, {0});
    pictures(3, {0});
    static_cast<void>(seen());
    world.hub.set_sink_active(world.now, kSink, false);
    pictures(2, {0});
    EXPECT_TRUE(seen().empty());
    for (int i = 0; i < 17'000; ++i) send(0, streams[0].next());
    world.hub.set_sink_active(world.now, kSink, true);
    picture({0}, {0});
    pictures(3, {0});
    EXPECT_THAT(seen(), ElementsAre(0, 0, 0, 0));
    expect_one_stream();
    expect_continuous_pictures();
}

TEST_F(Vp8Simulcast, DownUpAndDownRightAfterUp) {
    connect(Codec::vp8, 3);
    picture({0, 1, 2});
    pictures(40);
    static_cast<void>(seen());
    static_cast<void>(plis());
    world.hub.set_layers(world.now, kSink, {.substream = 0});
    EXPECT_THAT(plis(), ElementsAre(0)) << "of the encoding that is wanted, and of no other";
    pictures(2);
    EXPECT_THAT(seen(), ElementsAre(2, 2)) << "the old one goes on until the keyframe is there";
    picture({0});
    pictures(2);
    EXPECT_THAT(seen(), ElementsAre(0, 0, 0));
    world.hub.set_layers(world.now, kSink, {.substream = 2});
    picture({2});
    world.hub.set_layers(world.now, kSink, {.substream = 1});
    pictures(1);
    picture({1});
    pictures(1);
    EXPECT_THAT(seen(), ElementsAre(0, 2, 2, 1, 1));
    expect_one_stream();
    expect_continuous_pictures();
    EXPECT_EQ(world.layers.back().substream, 1);
}

TEST_F(Vp8Simulcast, AsksAgainUntilAKeyframeComes) {
    connect(Codec::vp8, 3);
    picture({0, 1, 2});
    pictures(40);
    static_cast<void>(plis());
    world.hub.set_layers(world.now, kSink, {.substream = 1});
    pictures(100);  // 3.3 s
    EXPECT_THAT(plis(), ElementsAre(1, 1, 1, 1));
    picture({1});
    pictures(100);
    EXPECT_THAT(plis(), ElementsAre());
}

TEST_F(Vp8Simulcast, FallsBackWhenTheEncodingStopsAndReturns) {
    connect(Codec::vp8, 3);
    picture({0, 1, 2});
    pictures(40);
    static_cast<void>(plis());
    pictures(7, {0, 1});
    EXPECT_THAT(plis(), ElementsAre()) << "231 ms";
    pictures(3, {0, 1});
    EXPECT_THAT(plis(), ElementsAre(1));
    static_cast<void>(seen());
    picture({1}, {0, 1});
    pictures(2, {0, 1});
    EXPECT_THAT(seen(), ElementsAre(1, 1, 1));
    EXPECT_EQ(world.layers.back().substream, 1);
    pictures(2);
    EXPECT_THAT(plis(), ElementsAre(2));
    picture({2});
    pictures(1);
    EXPECT_THAT(seen(), ElementsAre(1, 1, 1, 2, 2));
    expect_one_stream();
    expect_continuous_pictures();
}

TEST_F(Vp8Simulcast, TheFallbackTimeIsTheLegsOwn) {
    connect(Codec::vp8, 3);
    picture({0, 1, 2});
    pictures(40);
    static_cast<void>(plis());
    world.hub.set_layers(world.now, kSink, {.fallback = 2s});
    pictures(50, {0, 1});
    EXPECT_THAT(plis(), ElementsAre());
    pictures(20, {0, 1});
    EXPECT_THAT(plis(), ElementsAre(1));
}

TEST_F(Vp8Simulcast, TemporalLayersAreLeftOutWithoutAGap) {
    connect(Codec::vp8, 3);
    picture({0, 1, 2});
    pictures(7);
    static_cast<void>(seen());
    world.hub.set_layers(world.now, kSink, {.temporal = 0});
    pictures(8);
    EXPECT_EQ(seen().size(), 2U);
    world.hub.set_layers(world.now, kSink, {.temporal = 1});
    pictures(8);
    EXPECT_EQ(seen().size(), 4U);
    world.hub.set_layers(world.now, kSink, {.substream = 0});
    pictures(3);
    picture({0});
    pictures(7);
    expect_one_stream();
    expect_continuous_pictures();
    EXPECT_EQ(world.layers.back().temporal.value_or(1), 1);
}

TEST_F(Vp8Simulcast, TimestampsFollowTheCommonClockOfTheEncodings) {
    connect(Codec::vp8, 3);
    picture({0, 1, 2});
    send_reports();
    pictures(30);
    world.hub.set_layers(world.now, kSink, {.substream = 0});
    pictures(1);
    const auto before = bob->rtp.back().header.timestamp;
    world.run_for(100ms);  // the keyframe is late by the network; its capture time is what counts
    start += 67ms;
    picture({0});
    EXPECT_THAT(seen().back(), 0);
    const auto step = static_cast<std::int32_t>(bob->rtp.back().header.timestamp - before);
    EXPECT_NEAR(step, (33 + 100 - 67) * 90, 90);
}

TEST_F(Vp8Simulcast, NacksFromBeforeASwitchFindTheirPackets) {
    connect(Codec::vp8, 3);
    picture({0, 1, 2});
    pictures(3);
    const auto wanted = bob->rtp[bob->rtp.size() - 1];
    world.hub.set_layers(world.now, kSink, {.substream = 0});
    picture({0});
    pictures(2);
    bob->send_rtcp([&](CompoundWriter& writer) {
        const std::array<std::uint16_t, 1> lost{wanted.header.sequence};
        writer.receiver_report(kLegSsrc, {});
        writer.nack(kLegSsrc, kLegSsrc, lost);
    });
    const auto& repair = bob->rtp.back();
    ASSERT_EQ(repair.header.ssrc, kLegRtx);
    const auto content = read_rtx(repair.payload()).value();
    EXPECT_EQ(content.original_sequence, wanted.header.sequence);
    EXPECT_TRUE(std::ranges::equal(content.payload, wanted.payload())) << "picture numbers too";
    EXPECT_EQ(repair.header.timestamp, wanted.header.timestamp);
}

TEST_F(Vp8Simulcast, AKeyframeThatBeginsWithALatePacketIsWhole) {
    connect(Codec::vp8, 3);
    picture({0, 1, 2});
    pictures(3);
    static_cast<void>(seen());
    world.hub.set_layers(world.now, kSink, {.substream = 0});
    auto key = streams[0].next(true);
    key.payload.back() = 0;
    send(0, key, true);
    for (int i = 0; i < 2; ++i) {
        auto packet = streams[0].next();
        packet.payload.back() = 0;
        world.run_for(33ms);
        send(0, packet);
    }
    EXPECT_THAT(seen(), ElementsAre());
    deliver_late(0);
    EXPECT_THAT(seen(), ElementsAre(0, 0, 0)) << "and what came after it follows from the store";
    expect_one_stream();
    expect_continuous_pictures();
}

TEST_F(Vp8Simulcast, ALostPacketOfALayerLeftOutIsAnsweredByPadding) {
    connect(Codec::vp8, 1);
    send(0, streams[0].next(true));
    world.hub.set_layers(world.now, kSink, {.temporal = 0});
    for (int i = 1; i < 8; ++i) send(0, streams[0].next(), i == 5);  // a picture of layer 2, behind the second of layer 0
    const auto before = bob->rtp.size();
    send(0, streams[0].next());
    ASSERT_EQ(bob->rtp.size(), before + 1);
    EXPECT_EQ(static_cast<std::uint16_t>(bob->rtp[before].header.sequence - bob->rtp[before - 1].header.sequence), 2) << "it may be one to get";
    deliver_late(0);
    ASSERT_EQ(bob->rtp.size(), before + 2);
    EXPECT_EQ(static_cast<std::uint16_t>(bob->rtp[before].header.sequence - bob->rtp.back().header.sequence), 1);
    EXPECT_TRUE(bob->rtp.back().payload().empty());
    EXPECT_EQ(bob->rtp.back().header.padding_size, 1);
    // Asked for again it is not replaced by what it stands for.
    bob->send_rtcp([&](CompoundWriter& writer) {
        const std::array<std::uint16_t, 1> lost{bob->rtp.back().header.sequence};
        writer.receiver_report(kLegSsrc, {});
        writer.nack(kLegSsrc, kLegSsrc, lost);
    });
    EXPECT_EQ(bob->rtp.size(), before + 2);
}

TEST_F(Vp8Simulcast, TheReceiversPictureLossGoesToTheEncodingItGets) {
    connect(Codec::vp8, 3);
    world.hub.set_layers(world.now, kSink, {.substream = 1});
    picture({0, 1, 2});
    pictures(40);
    static_cast<void>(plis());
    bob->send_rtcp([&](CompoundWriter& writer) {
        writer.receiver_report(kLegSsrc, {});
        writer.picture_loss(kLegSsrc, kLegSsrc);
    });
    EXPECT_THAT(plis(), ElementsAre(1));
}

// ---- SVC ---------------------------------------------------------------------------------------------------------------

TEST_F(Layers, Vp9SvcSwitchesLookLikeOneStream) {
    connect(Codec::vp9, 1);
    Vp9Stream vp9{true};
    const auto picture = [&](bool key = false) {
        for (const auto& packet : vp9.next(key)) send(0, packet);
        world.run_for(33ms);
    };
    picture(true);
    for (int i = 0; i < 5; ++i) picture();
    world.hub.set_layers(world.now, kSink, {.spatial = 0});
    for (int i = 0; i < 20; ++i) picture();
    EXPECT_THAT(plis(), testing::Contains(0)) << "k-SVC goes down at a keyframe";
    picture(true);
    for (int i = 0; i < 5; ++i) picture();
    world.hub.set_layers(world.now, kSink, {.spatial = 1, .temporal = 1});
    picture();
    picture(true);
    for (int i = 0; i < 6; ++i) picture();
    expect_one_stream();
    std::vector<std::string> events;
    for (const auto& event : world.layers)
        events.push_back((event.spatial ? "S" + std::to_string(*event.spatial) : "") + (event.temporal ? "T" + std::to_string(*event.temporal) : ""));
    EXPECT_THAT(events, ElementsAre("S2T2", "S0", "T1", "S1"));
    // Every picture that was begun ends with a marker.
    std::map<std::uint32_t, int> markers;
    for (const auto& packet : bob->rtp) markers[packet.header.timestamp] += packet.header.marker ? 1 : 0;
    for (const auto& [timestamp, count] : markers) EXPECT_EQ(count, 1) << timestamp;
}

TEST_F(Layers, AMarkerThatTheGatewaySetIsThereInARetransmissionWithoutRtx) {
    connect(Codec::vp9, 1, false);
    world.hub.set_layers(world.now, kSink, {.spatial = 0});
    Vp9Stream vp9{false};
    for (const auto& packet : vp9.next(true)) send(0, packet);
    ASSERT_EQ(bob->rtp.size(), 1U);
    EXPECT_TRUE(bob->rtp.back().header.marker);
    world.hub.set_layers(world.now, kSink, {.spatial = 2});
    for (const auto& packet : vp9.next(true)) send(0, packet);
    std::vector<std::uint8_t> again;
    world.drop_downlink = [&](Bytes datagram) {
        if (classify(datagram) == PacketKind::rtp) again.assign(datagram.begin(), datagram.end());
        return true;
    };
    bob->send_rtcp([&](CompoundWriter& writer) {
        const std::array<std::uint16_t, 1> lost{bob->rtp.front().header.sequence};
        writer.receiver_report(kLegSsrc, {});
        writer.nack(kLegSsrc, kLegSsrc, lost);
    });
    ASSERT_GT(again.size(), 12U);
    const std::vector<std::uint8_t> first(bob->rtp.front().bytes.begin(), bob->rtp.front().bytes.begin() + 12);
    EXPECT_EQ(std::vector<std::uint8_t>(again.begin(), again.begin() + 12), first) << "the same header, marker included";
}

TEST_F(Layers, FramesOfDescriptorsAreNumberedOnOverASwitchOfEncodings) {
    connect(Codec::av1, 2);
    DescribedStream low{false, 60000, 0};
    DescribedStream high{false, 7, 20};
    const auto picture = [&](int key) {
        for (const auto& packet : low.next(key == 0 || key == 2)) send(0, packet);
        for (const auto& packet : high.next(key == 1 || key == 2)) send(1, packet);
        world.run_for(33ms);
    };
    picture(2);
    for (int i = 0; i < 4; ++i) picture(-1);
    world.hub.set_layers(world.now, kSink, {.substream = 0});
    picture(-1);
    picture(0);
    for (int i = 0; i < 4; ++i) picture(-1);
    expect_one_stream();
    std::optional<std::uint16_t> last;
    for (const auto& packet : bob->rtp) {
        const auto extensions = read_extensions(packet.bytes, packet.header, {.dependency_descriptor = kDescriptorId});
        ByteReader in{extensions.dependency_descriptor};
        in.skip(1);
        const auto number = in.be<std::uint16_t>();
        ASSERT_TRUE(in.ok());
        EXPECT_EQ(static_cast<std::uint16_t>(number - last.value_or(static_cast<std::uint16_t>(number - 1U))), 1);
        last = number;
    }
}

// ---- talking and playout delay -----------------------------------------------------------------------------------------

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
