// A publisher of another gateway watched by a peer.
#include "plain_rtp_world.hpp"

namespace cardea::test {
namespace {

class Remote : public ::testing::Test {
  protected:
    const SocketAddress sender = *SocketAddress::parse("203.0.113.5", 10000);
    const SocketAddress stranger = *SocketAddress::parse("203.0.113.6", 10000);

    void open(std::optional<SrtpKeys> keys = {}, std::optional<SocketAddress> announced = {}) {
        RemoteConfig config{.id = kRemote, .sender = announced, .permitted = [this](const SocketAddress& from) { return permitted(from); },
                            .keys = keys, .sources = {}};
        ReceiveTrack video{.mid = "1", .mindex = 1, .kind = MediaKind::video, .payload_types = {vp8()}, .extensions = {}, .encodings = {}};
        for (std::uint32_t i = 0; i < 3; ++i) video.encodings.push_back({.rid = {}, .ssrc = Ssrc{1010 + i}, .rtx_ssrc = {}});
        ReceiveTrack audio{.mid = "0", .mindex = 0, .kind = MediaKind::audio, .payload_types = {opus()}, .extensions = {}, .encodings = {}};
        audio.extensions.audio_level = 3;
        audio.encodings = {{.rid = {}, .ssrc = Ssrc{1000}, .rtx_ssrc = {}}};
        config.sources = {{kRemoteAudio, audio}, {kRemoteVideo, video}};
        world.hub.plain_rtp().open_remote(world.now, std::move(config), kSockets);
    }
    void watch() {
        auto config = peer_config(2, world);
        SendTrack track{.mid = "0", .mindex = 0, .kind = MediaKind::video, .payload_type = vp8(), .extensions = {}, .ssrc = kLegSsrc,
                        .rtx_ssrc = {}, .cname = "cname"};
        config.sinks.push_back({kSink, track, true});
        bob = &world.add_client(5002, std::move(config));
        bob->handshake();
        world.hub.route(world.now, kSink, kRemoteVideo);
        world.hub.flush();
    }
    [[nodiscard]] static std::vector<std::uint8_t> packet(Ssrc ssrc, std::uint16_t sequence, bool keyframe = false) {
        std::vector<std::uint8_t> buffer(300);
        buffer.resize(write_rtp(buffer, {.ssrc = ssrc, .payload_type = 120, .marker = true, .sequence = sequence, .timestamp = sequence * 3000U},
                                vp8_frame(keyframe, static_cast<std::uint8_t>(sequence))));
        return buffer;
    }
    void arrive(std::uint16_t sequence, bool keyframe = false, Ssrc ssrc = Ssrc{1012}) { arrive_from(sender, packet(ssrc, sequence, keyframe)); }
    void arrive_from(const SocketAddress& from, const std::vector<std::uint8_t>& datagram) { world.deliver_to(kSockets.rtp, from, datagram); }
    void latch(const SocketAddress& from) {
        const std::array<std::uint8_t, 12> empty_rtp{0x80};
        world.deliver_to(kSockets.rtcp, from, empty_rtp);
    }

    std::function<bool(const SocketAddress&)> permitted = [](const SocketAddress&) { return true; };
    OpenWorld world;
    Client* bob = nullptr;
};

TEST_F(Remote, IsWatchedLikeAnyPublisher) {
    open();
    watch();
    for (std::uint16_t i = 0; i < 10; ++i) arrive(static_cast<std::uint16_t>(500 + i), i == 0);
    ASSERT_EQ(bob->rtp.size(), 10U);
    EXPECT_EQ(bob->rtp[0].header.ssrc, kLegSsrc);
    EXPECT_EQ(bob->rtp[0].header.payload_type, 96) << "whatever number the other gateway has for it";
    EXPECT_EQ(bob->rtp[9].payload()[20], static_cast<std::uint8_t>(509));
    EXPECT_EQ(world.hub.statistics().remote_publishers, 1U);
}

TEST_F(Remote, RefusesAndCountsAnybodyButItsSender) {
    open();
    watch();
    arrive(1, true);
    arrive_from(stranger, packet(Ssrc{1012}, 2));
    EXPECT_EQ(bob->rtp.size(), 1U);
    EXPECT_EQ(world.drops(Drop::foreign_sender), 1U);
    arrive_from(sender.with_port(10001), packet(Ssrc{1012}, 2));
    EXPECT_EQ(world.drops(Drop::foreign_sender), 2U) << "another port is another sender";
    arrive(2);
    EXPECT_EQ(bob->rtp.size(), 2U);
}

TEST_F(Remote, TakesTheAnnouncedSenderOnlyEvenBeforeItSends) {
    open({}, sender.with_port(0));
    watch();
    arrive_from(stranger, packet(Ssrc{1012}, 1, true));
    EXPECT_TRUE(bob->rtp.empty());
    EXPECT_EQ(world.drops(Drop::foreign_sender), 1U);
    arrive(1, true);
    EXPECT_EQ(bob->rtp.size(), 1U);
}

TEST_F(Remote, TakesNobodyWhoIsNotPermitted) {
    permitted = [this](const SocketAddress& from) { return from.with_port(0) == sender.with_port(0); };
    open();
    watch();
    arrive_from(stranger, packet(Ssrc{1012}, 1, true));
    EXPECT_EQ(world.drops(Drop::foreign_sender), 1U);
    latch(stranger);
    EXPECT_EQ(world.drops(Drop::foreign_sender), 2U);
    EXPECT_TRUE(world.elsewhere[stranger].all.empty()) << "nor does it send anything there";
    arrive(1, true);
    EXPECT_EQ(bob->rtp.size(), 1U);
}

TEST_F(Remote, AStrangerWithoutAKnownStreamDoesNotBecomeTheSender) {
    open();
    watch();
    arrive_from(stranger, packet(Ssrc{77}, 1));
    EXPECT_EQ(world.drops(Drop::rtp_unknown_stream), 1U);
    arrive(1, true);
    EXPECT_EQ(bob->rtp.size(), 1U);
}

TEST_F(Remote, FollowsASenderThatComesBackFromElsewhere) {
    open();
    watch();
    arrive(1, true);
    world.run_for(6s);
    arrive_from(stranger, packet(Ssrc{1012}, 2));
    EXPECT_EQ(bob->rtp.size(), 2U);
    EXPECT_EQ(world.drops(Drop::foreign_sender), 0U);
}

TEST_F(Remote, AsksForKeyframesWhereItWasToldTo) {
    open();
    watch();
    EXPECT_TRUE(world.elsewhere.empty()) << "nobody has shown the way yet";
    latch(sender.with_port(10002));
    const auto asked = world.elsewhere[sender.with_port(10002)].rtcp_items<PictureLoss>();
    ASSERT_FALSE(asked.empty());
    EXPECT_TRUE(std::all_of(asked.begin(), asked.end(), [](const PictureLoss& wish) { return wish.media >= Ssrc{1010} && wish.media <= Ssrc{1012}; }));
    world.elsewhere.clear();
    arrive(1, true);
    arrive(1, true, Ssrc{1011});
    arrive(1, true, Ssrc{1010});
    world.run_for(2s);
    EXPECT_TRUE(world.elsewhere[sender.with_port(10002)].rtcp_items<PictureLoss>().empty());
    bob->send_rtcp([](CompoundWriter& writer) {
        writer.receiver_report(Ssrc{1}, {});
        writer.picture_loss(Ssrc{1}, kLegSsrc);
    });
    EXPECT_FALSE(world.elsewhere[sender.with_port(10002)].rtcp_items<PictureLoss>().empty());
}

TEST_F(Remote, AsksAgainForWhatIsMissingAndReports) {
    open();
    watch();
    latch(sender.with_port(10002));
    arrive(1, true);
    arrive(4);
    world.run_for(1500ms);
    const auto& back = world.elsewhere[sender.with_port(10002)];
    const auto nacks = back.rtcp_items<Nack>();
    ASSERT_FALSE(nacks.empty());
    EXPECT_EQ(nacks.front().media, Ssrc{1012});
    const auto reports = back.rtcp_items<ReceiverReport>();
    ASSERT_FALSE(reports.empty());
    ASSERT_EQ(reports.back().blocks.size(), 1U);
    EXPECT_EQ(reports.back().blocks[0].ssrc, Ssrc{1012});
    EXPECT_EQ(reports.back().blocks[0].cumulative_lost, 2);
}

TEST_F(Remote, WithAKeyTakesNothingInTheClear) {
    open(keys_of(SrtpProfile::aes_cm_128_hmac_sha1_80));
    watch();
    arrive_from(stranger, packet(Ssrc{1012}, 1, true));
    EXPECT_EQ(world.drops(Drop::srtp_auth), 1U);
    EXPECT_TRUE(bob->rtp.empty());
    SrtpOut out{keys_of(SrtpProfile::aes_cm_128_hmac_sha1_80)};
    auto sealed = packet(Ssrc{1012}, 1, true);
    const auto size = sealed.size();
    sealed.resize(size + kSrtpMaxOverhead);
    sealed.resize(*out.protect_rtp(sealed, size));
    arrive_from(sender, sealed);
    EXPECT_EQ(bob->rtp.size(), 1U) << "and the stranger has not become the sender";
}

TEST_F(Remote, AnswersInSrtcpOnceTheSenderSpeaksIt) {
    const auto keys = keys_of(SrtpProfile::aes_cm_128_hmac_sha1_32);
    open(keys);
    watch();
    latch(sender);
    auto& back = world.elsewhere[sender];
    EXPECT_FALSE(back.rtcp_items<PictureLoss>().empty()) << "a gateway that only latches reads plain requests";
    back.all.clear();
    SrtpOut out{keys};
    auto report = rtcp_of([](CompoundWriter& writer) { writer.sender_report({.ssrc = Ssrc{1012}, .ntp = 1, .rtp_timestamp = 1}, {}); });
    const auto size = report.size();
    report.resize(size + kSrtcpMaxOverhead);
    report.resize(*out.protect_rtcp(report, size));
    world.deliver_to(kSockets.rtcp, sender, report);
    world.run_for(3s);
    ASSERT_FALSE(back.all.empty());
    SrtpIn in{keys};
    for (auto datagram : back.all) EXPECT_TRUE(in.unprotect_rtcp(datagram));
}

TEST_F(Remote, StreamsComeAndGoByUpdate) {
    open();
    watch();
    arrive(1, true);
    world.hub.plain_rtp().update_remote(kRemote, {});
    arrive(2);
    EXPECT_EQ(bob->rtp.size(), 1U);
    EXPECT_EQ(world.drops(Drop::rtp_unknown_stream), 1U);
}

TEST_F(Remote, GivesItsSocketsBack) {
    open();
    watch();
    arrive(1, true);
    const auto sockets = world.hub.plain_rtp().close_remote(kRemote);
    ASSERT_TRUE(sockets);
    EXPECT_EQ(sockets->rtp, kSockets.rtp);
    arrive(2);
    EXPECT_EQ(bob->rtp.size(), 1U);
    EXPECT_EQ(world.drops(Drop::unchecked_path), 1U);
    EXPECT_EQ(world.hub.statistics().remote_publishers, 0U);
    EXPECT_FALSE(world.hub.plain_rtp().close_remote(kRemote));
}

TEST_F(Remote, ARemotePublisherCanBeForwarded) {
    open();
    const auto rtp = *SocketAddress::parse("198.51.100.1", 4000);
    world.hub.plain_rtp().add_forwarder(world.now, {.id = kForwarder, .source = kRemoteAudio, .socket = 0, .rtp = rtp, .rtcp = {},
                                                    .payload_type = {}, .ssrc = {}, .encoding = {}, .keys = {}});
    arrive_from(sender, packet(Ssrc{1000}, 1));
    EXPECT_EQ(world.elsewhere[rtp].rtp().size(), 1U);
}

// ---- data channels between gateways ------------------------------------------------------------------------------------

}  // namespace
}  // namespace cardea::test
