// SVC through a hub: what a receiver sees of switches between layers must look like one stream.
#include "layers_world.hpp"

namespace cardea::test {
namespace {

using testing::ElementsAre;

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

}  // namespace
}  // namespace cardea::test
