// A peer's stream forwarded to an address.
#include "proto/rtp/codec/dependency_descriptor.hpp"
#include "proto/rtp/codec/vp9_descriptor.hpp"
#include "plain_rtp_world.hpp"
#include "unit/media/layer_streams.hpp"

namespace cardea::test {
namespace {

class Forwarding : public ::testing::Test {
  protected:
    const SocketAddress rtp = *SocketAddress::parse("198.51.100.1", 4000);
    const SocketAddress rtcp = *SocketAddress::parse("198.51.100.1", 4001);

    void SetUp() override {
        auto config = peer_config(1, world);
        ReceiveTrack track{.mid = "0", .mindex = 0, .kind = MediaKind::video, .payload_types = {vp8()}, .extensions = {}, .encodings = {}};
        track.extensions.mid = 1;
        track.extensions.video_orientation = 4;
        for (std::uint32_t i = 0; i < encodings; ++i) track.encodings.push_back({.rid = {}, .ssrc = Ssrc{kVideoSsrc.value + i}, .rtx_ssrc = {}});
        config.sources.push_back({kSource, track});
        alice = &world.add_client(5001, std::move(config));
        alice->handshake();
    }
    void forward(std::optional<SrtpKeys> keys = {}, std::optional<std::uint8_t> encoding = {}) {
        world.hub.plain_rtp().add_forwarder(
            world.now, {.id = kForwarder, .source = kSource, .socket = 0, .rtp = rtp, .rtcp = rtcp, .payload_type = std::uint8_t{101},
                        .ssrc = kForwardSsrc, .encoding = encoding, .keys = keys});
        world.hub.flush();
    }
    void publish(std::uint16_t sequence, bool keyframe = false, std::uint32_t encoding = 0) {
        alice->send_rtp({.ssrc = Ssrc{kVideoSsrc.value + encoding}, .payload_type = 96, .marker = true, .sequence = sequence,
                         .timestamp = sequence * 3000U, .extensions = {.mid = "0", .video_orientation = VideoOrientation{.quarter_turns = 1}},
                         .ids = {.mid = 1, .video_orientation = 4}},
                        vp8_frame(keyframe, static_cast<std::uint8_t>(sequence)));
    }
    [[nodiscard]] std::vector<ReceivedRtp> received() { return world.elsewhere[rtp].rtp(); }

    std::uint32_t encodings = 1;
    OpenWorld world;
    Client* alice = nullptr;
};

TEST_F(Forwarding, SendsPlainRtpWithTheNumbersItWasToldAndGapFree) {
    forward();
    for (std::uint16_t i = 0; i < 20; ++i) publish(static_cast<std::uint16_t>(65530 + i), i == 0);
    const auto packets = received();
    ASSERT_EQ(packets.size(), 20U);
    for (std::size_t i = 0; i < 20; ++i) {
        EXPECT_EQ(packets[i].header.ssrc, kForwardSsrc);
        EXPECT_EQ(packets[i].header.payload_type, 101);
        EXPECT_TRUE(packets[i].header.marker);
        EXPECT_EQ(packets[i].header.sequence, static_cast<std::uint16_t>(packets[0].header.sequence + i));
        EXPECT_EQ(packets[i].payload()[20], static_cast<std::uint8_t>(65530 + i));
    }
    const auto extensions = read_extensions(packets[0].bytes, packets[0].header, {.mid = 1, .video_orientation = 4});
    EXPECT_EQ(extensions.video_orientation, (VideoOrientation{.quarter_turns = 1})) << "under the id the publisher has it";
    EXPECT_TRUE(extensions.mid.empty()) << "of the publisher's connection alone";
}

// Two VP9 encodings with pictures numbered each for itself, and the better one coming in later.
class ForwardingVp9 : public ::testing::TestWithParam<bool> {};
TEST_P(ForwardingVp9, NumbersPicturesAndFramesThroughAChangeOfEncoding) {
    constexpr std::uint8_t kDescriptorId = 9;
    OpenWorld world;
    const auto to = *SocketAddress::parse("198.51.100.1", 4000);
    auto config = peer_config(1, world);
    auto type = vp8();
    type.codec = Codec::vp9;
    ReceiveTrack track{.mid = "0", .mindex = 0, .kind = MediaKind::video, .payload_types = {type}, .extensions = {}, .encodings = {}};
    track.extensions.mid = 1;
    track.extensions.dependency_descriptor = kDescriptorId;
    for (std::uint32_t i = 0; i < 2; ++i) track.encodings.push_back({.rid = {}, .ssrc = Ssrc{kVideoSsrc.value + i}, .rtx_ssrc = {}});
    config.sources.push_back({kSource, track});
    auto& alice = world.add_client(5001, std::move(config));
    alice.handshake();
    world.hub.plain_rtp().add_forwarder(world.now, {.id = kForwarder, .source = kSource, .socket = 0, .rtp = to, .rtcp = {},
                                                    .payload_type = std::uint8_t{101}, .ssrc = kForwardSsrc, .encoding = {},
                                                    .keys = GetParam() ? std::optional{keys_of(SrtpProfile::aes_cm_128_hmac_sha1_80)} : std::nullopt});
    std::array<Vp9Stream, 2> pictures{Vp9Stream{false, 1}, Vp9Stream{false, 1}};
    std::array<DescribedStream, 2> frames{DescribedStream{false, 1000}, DescribedStream{false, 5000}};
    for (auto& stream : frames) stream.spatial_layers = 1;
    for (int i = 0; i < 40; ++i) static_cast<void>(pictures[1].next());  // its numbers are elsewhere
    std::array<std::uint16_t, 2> sequence{100, 9000};
    const auto send = [&](std::uint32_t encoding, bool key) {
        const auto picture = pictures[encoding].next(key).front();
        const auto described = frames[encoding].next(key).front();
        OutgoingRtp out{.ssrc = Ssrc{kVideoSsrc.value + encoding}, .payload_type = 96, .marker = true, .sequence = sequence[encoding]++,
                        .timestamp = sequence[encoding] * 3000U, .extensions = {.mid = "0"}, .ids = {.mid = 1, .dependency_descriptor = kDescriptorId}};
        out.extensions.dependency_descriptor = described.descriptor;
        alice.send_rtp(out, picture.payload);
    };
    for (int i = 0; i < 5; ++i) send(0, i == 0);
    for (int i = 0; i < 5; ++i) send(1, i == 0);
    std::vector<ReceivedRtp> packets;
    SrtpIn in{keys_of(SrtpProfile::aes_cm_128_hmac_sha1_80)};
    for (auto datagram : world.elsewhere[to].all) {
        if (GetParam()) datagram.resize(in.unprotect_rtp(datagram).value());
        const auto header = parse_rtp_header(datagram);
        ASSERT_TRUE(header.has_value());
        packets.push_back({std::move(datagram), *header});
    }
    ASSERT_EQ(packets.size(), 10U);
    for (std::size_t i = 1; i < packets.size(); ++i) {
        const auto before = parse_vp9_descriptor(packets[i - 1].payload());
        const auto after = parse_vp9_descriptor(packets[i].payload());
        EXPECT_EQ((*after->picture_id - *before->picture_id) & 0x7fff, 1) << "picture " << i;
        const auto number = [](const ReceivedRtp& packet) {
            const auto descriptor = read_extensions(packet.bytes, packet.header, {.dependency_descriptor = kDescriptorId}).dependency_descriptor;
            return static_cast<std::uint16_t>(descriptor[kFrameNumberOffset] << 8U | descriptor[kFrameNumberOffset + 1]);
        };
        EXPECT_EQ(static_cast<std::uint16_t>(number(packets[i]) - number(packets[i - 1])), 1) << "frame " << i;
    }
}
INSTANTIATE_TEST_SUITE_P(PlainAndSrtp, ForwardingVp9, testing::Bool());

class ForwardingSrtp : public Forwarding, public ::testing::WithParamInterface<SrtpProfile> {};
TEST_P(ForwardingSrtp, EncryptsWithTheKeyGivenOverAWrapOfSequenceNumbers) {
    forward(keys_of(GetParam()));
    // Over 2^16 packets: the receiver's rollover count has to come along.
    SrtpIn in{keys_of(GetParam())};
    std::size_t opened = 0;
    std::uint16_t sequence = 100;
    for (int i = 0; i < 70'000; ++i) publish(sequence++, i == 0);
    for (auto datagram : world.elsewhere[rtp].all) opened += in.unprotect_rtp(datagram) ? 1U : 0U;
    EXPECT_EQ(opened, 70'000U);
    EXPECT_FALSE(SrtpIn{keys_of(GetParam(), 8)}.unprotect_rtp(world.elsewhere[rtp].all.front()));
}
INSTANTIATE_TEST_SUITE_P(Suites, ForwardingSrtp, testing::Values(SrtpProfile::aes_cm_128_hmac_sha1_80, SrtpProfile::aes_cm_128_hmac_sha1_32));

TEST_F(Forwarding, LatchesAndReportsToTheRtcpPort) {
    forward();
    EXPECT_EQ(world.elsewhere[rtcp].all.size(), 2U) << "two packets that open the way back";
    EXPECT_EQ(world.elsewhere[rtcp].all.front().size(), 12U);
    publish(1, true);
    world.run_for(2500ms);
    const auto reports = world.elsewhere[rtcp].rtcp_items<SenderReport>();
    ASSERT_GE(reports.size(), 2U);
    EXPECT_EQ(reports.front().sender.ssrc, kForwardSsrc);
    EXPECT_EQ(reports.front().sender.packets, 1U);
}

TEST_F(Forwarding, AsksThePublisherForAKeyframeAtTheStartAndWhenTheReceiverDoes) {
    publish(1, true);
    alice->rtcp.clear();
    forward();
    EXPECT_EQ(alice->rtcp_items<PictureLoss>().size(), 1U);
    publish(2, true);
    world.run_for(1s);
    alice->rtcp.clear();
    world.deliver_to(0, rtcp, rtcp_of([](CompoundWriter& writer) { writer.picture_loss(Ssrc{1}, kForwardSsrc); }));
    EXPECT_EQ(alice->rtcp_items<PictureLoss>().size(), 1U);
    publish(3, true);
    world.run_for(1s);
    alice->rtcp.clear();
    world.deliver_to(0, rtcp, rtcp_of([](CompoundWriter& writer) { writer.picture_loss(Ssrc{1}, Ssrc{0}); }));
    EXPECT_EQ(alice->rtcp_items<PictureLoss>().size(), 1U) << "some receivers do not know our SSRC";
}

TEST_F(Forwarding, HearsNobodyButTheAnnouncedAddress) {
    publish(1, true);
    forward();
    publish(2, true);
    world.run_for(1s);
    alice->rtcp.clear();
    world.deliver_to(0, *SocketAddress::parse("198.51.100.2", 4001),
                     rtcp_of([](CompoundWriter& writer) { writer.picture_loss(Ssrc{1}, kForwardSsrc); }));
    EXPECT_TRUE(alice->rtcp_items<PictureLoss>().empty());
    EXPECT_EQ(world.drops(Drop::unchecked_path), 1U);
}

TEST_F(Forwarding, AnswersANackByTheIdenticalPacket) {
    forward(keys_of(SrtpProfile::aes_cm_128_hmac_sha1_80));
    for (std::uint16_t i = 0; i < 5; ++i) publish(i, i == 0);
    const auto sent = world.elsewhere[rtp].all;
    const auto first = received().front().header.sequence;
    auto request = rtcp_of([&](CompoundWriter& writer) {
        writer.receiver_report(Ssrc{0x80000001}, {});
        const std::array<std::uint16_t, 1> lost{static_cast<std::uint16_t>(first + 3)};
        writer.nack(Ssrc{0x80000001}, kForwardSsrc, lost);
    });
    const auto plain = request;
    world.deliver_to(0, rtcp, plain);
    EXPECT_EQ(world.elsewhere[rtp].all.size(), 5U) << "not for whoever has no key";
    SrtpOut out{keys_of(SrtpProfile::aes_cm_128_hmac_sha1_80)};
    request.resize(plain.size() + kSrtcpMaxOverhead);
    request.resize(*out.protect_rtcp(request, plain.size()));
    world.deliver_to(0, rtcp, request);
    ASSERT_EQ(world.elsewhere[rtp].all.size(), 6U);
    EXPECT_EQ(world.elsewhere[rtp].all[5], sent[3]) << "another packet under the same SRTP nonce would give the key away";
    EXPECT_EQ(world.hub.statistics().retransmitted, 1U);
}

TEST_F(Forwarding, EndsWithItsSourceAndOnRequest) {
    forward();
    publish(1, true);
    EXPECT_EQ(world.hub.statistics().forwarders, 1U);
    world.hub.plain_rtp().remove_forwarder(kForwarder);
    publish(2);
    EXPECT_EQ(received().size(), 1U);
    EXPECT_EQ(world.hub.statistics().forwarders, 0U);
    EXPECT_EQ(world.hub.statistics().forwarded_packets, 1U);
    forward();
    world.hub.close(world.now, PeerId{1}, "Close PC");
    world.run_for(2s);
    EXPECT_EQ(world.hub.statistics().forwarders, 0U);
}

TEST_F(Forwarding, StopsWhileTheSourceIsMuted) {
    forward();
    publish(1, true);
    world.hub.set_source_active(kSource, false);
    publish(2);
    EXPECT_EQ(received().size(), 1U);
}

class SimulcastForwarding : public Forwarding {
  protected:
    SimulcastForwarding() { encodings = 3; }
};

TEST_F(SimulcastForwarding, SendsTheEncodingItIsToldAndNoOther) {
    forward({}, std::uint8_t{1});
    for (std::uint16_t i = 0; i < 10; ++i)
        for (std::uint32_t encoding = 0; encoding < 3; ++encoding) publish(static_cast<std::uint16_t>(1000 * encoding + i), i == 0, encoding);
    const auto packets = received();
    ASSERT_EQ(packets.size(), 10U);
    EXPECT_EQ(packets[3].payload()[20], static_cast<std::uint8_t>(1003));
}

TEST_F(SimulcastForwarding, FollowsTheBestThatArrivesWithoutAGap) {
    forward();
    publish(10, true, 0);
    publish(11, false, 0);
    publish(2000, false, 2);  // not at its keyframe yet
    publish(12, false, 0);
    publish(2001, true, 2);
    publish(13, false, 0);
    publish(2002, false, 2);
    world.run_for(1500ms);
    publish(14, false, 0);  // the best has gone silent
    std::vector<int> stamps;
    const auto packets = received();
    for (const auto& packet : packets) stamps.push_back(packet.payload()[20]);
    EXPECT_EQ(stamps, (std::vector<int>{10, 11, 12, 2001 & 0xff, 2002 & 0xff, 14}));
    for (std::size_t i = 0; i < packets.size(); ++i)
        EXPECT_EQ(packets[i].header.sequence, static_cast<std::uint16_t>(packets[0].header.sequence + i));
}

// ---- publishers of another gateway -------------------------------------------------------------------------------------

}  // namespace
}  // namespace cardea::test
