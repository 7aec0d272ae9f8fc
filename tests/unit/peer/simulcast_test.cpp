// Simulcast through a hub: which encoding a leg gets, when it switches, and what its receiver sees of that.
#include "layers_world.hpp"
#include "proto/rtp/codec/vp8_descriptor.hpp"

namespace cardea::test {
namespace {

using testing::ElementsAre;

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

}  // namespace
}  // namespace cardea::test
