#include <numeric>

#include "peers.hpp"

namespace cardea::test {
namespace {

constexpr Ssrc kVideoSsrc{0x1001}, kVideoRtx{0x1002}, kLegSsrc{0x2001}, kLegRtx{0x2002};
constexpr SourceId kSource{71};
constexpr SinkId kSink{72};

PeerConfig publisher_config(const World& world) {
    auto config = peer_config(1, world);
    ReceiveTrack track{.mid = "0", .mindex = 0, .kind = MediaKind::video, .payload_types = {vp8_type()}, .extensions = {}, .encodings = {}};
    track.extensions.mid = 1;
    track.extensions.transport_cc = 3;
    track.encodings = {{.rid = {}, .ssrc = kVideoSsrc, .rtx_ssrc = kVideoRtx}};
    config.sources.push_back({kSource, track});
    return config;
}

PeerConfig subscriber_config(const World& world, bool rtx = true) {
    auto config = peer_config(2, world);
    auto type = vp8_type();
    if (!rtx) type.rtx.reset();
    SendTrack track{.mid = "0", .mindex = 0, .kind = MediaKind::video, .payload_type = type, .extensions = {}, .ssrc = kLegSsrc,
                    .rtx_ssrc = rtx ? kLegRtx : Ssrc{}, .cname = "cname"};
    track.extensions.mid = 4;
    track.extensions.abs_send_time = 5;
    config.sinks.push_back({kSink, track, true});
    return config;
}

class Call : public ::testing::Test {
  protected:
    void connect(bool rtx = true) {
        alice = &world.add_client(5001, publisher_config(world));
        bob = &world.add_client(5002, subscriber_config(world, rtx));
        alice->handshake();
        bob->handshake();
        world.hub.route(world.now, kSink, kSource);
        world.hub.flush();
    }
    void publish(std::uint16_t sequence, bool keyframe = false) {
        alice->send_rtp({.ssrc = kVideoSsrc, .payload_type = 96, .marker = true, .sequence = sequence, .timestamp = sequence * 3000U,
                         .extensions = {.mid = "0", .transport_sequence = sequence}, .ids = {.mid = 1, .transport_cc = 3}},
                        vp8_frame(keyframe, static_cast<std::uint8_t>(sequence)));
    }
    World world;
    Client* alice = nullptr;
    Client* bob = nullptr;
};

TEST_F(Call, ComesUpByCheckAndHandshake) {
    connect();
    EXPECT_EQ(world.up, (std::vector{PeerId{1}, PeerId{2}}));
    EXPECT_EQ(alice->stun_replies, 1);
    EXPECT_EQ(alice->dtls->connected()->local.profile, SrtpProfile::aead_aes_256_gcm);
}

TEST_F(Call, ForwardsWithTheReceiversOwnNumbersAndGapFree) {
    connect();
    for (std::uint16_t i = 0; i < 50; ++i) publish(static_cast<std::uint16_t>(65500 + i), i == 0);
    ASSERT_EQ(bob->rtp.size(), 50U);
    for (std::size_t i = 0; i < 50; ++i) {
        EXPECT_EQ(bob->rtp[i].header.ssrc, kLegSsrc);
        EXPECT_EQ(bob->rtp[i].header.sequence, static_cast<std::uint16_t>(bob->rtp[0].header.sequence + i));
        EXPECT_EQ(bob->rtp[i].header.timestamp - bob->rtp[0].header.timestamp,
                  (static_cast<std::uint16_t>(65500 + i) * 3000U) - 65500U * 3000U);
        EXPECT_EQ(bob->rtp[i].payload()[20], static_cast<std::uint8_t>(65500 + i));
    }
    EXPECT_EQ(read_extensions(bob->rtp[0].bytes, bob->rtp[0].header, {.mid = 4}).mid, "0");
}

TEST_F(Call, RefusesMediaFromAnUncheckedPath) {
    connect();
    publish(1, true);
    const auto before = bob->rtp.size();
    alice->address = *SocketAddress::parse("192.0.2.66", 6666);
    publish(2);
    EXPECT_EQ(bob->rtp.size(), before);
    EXPECT_EQ(world.drops(Drop::unchecked_path), 1U);
}

TEST_F(Call, FollowsANatRebindAtTheNextCheck) {
    connect();
    publish(1, true);
    world.by_address.erase(bob->address);
    bob->address = *SocketAddress::parse("192.0.2.99", 7777);
    world.by_address[bob->address] = bob;
    publish(2);
    EXPECT_EQ(bob->rtp.size(), 1U) << "still sent to the old address";
    bob->check();
    publish(3);
    EXPECT_EQ(bob->rtp.size(), 2U);
}

TEST_F(Call, FollowsARebindWithoutNominationOnceTheOldPathIsSilent) {
    connect();
    world.by_address.erase(bob->address);
    bob->address = *SocketAddress::parse("192.0.2.99", 7777);
    world.by_address[bob->address] = bob;
    bob->check(false);
    publish(1, true);
    EXPECT_TRUE(bob->rtp.empty()) << "a check alone must not steal the stream";
    world.run_for(4s);
    bob->check(false);
    publish(2);
    EXPECT_EQ(bob->rtp.size(), 1U);
}

TEST_F(Call, DropsAVanishedPeerAfterTheConsentTimeout) {
    connect();
    world.run_for(29s);
    alice->check();
    EXPECT_TRUE(world.hangups.empty());
    world.run_for(2s);
    EXPECT_EQ(world.hangups, (std::map<PeerId, std::string>{{PeerId{2}, "ICE failed"}}));
    EXPECT_EQ(world.details[PeerId{2}], "the client has gone silent: no connectivity check for 30 s");
    EXPECT_EQ(world.hub.statistics().peers, 1U);
}

TEST_F(Call, EndsAtTheClientsCloseNotify) {
    connect();
    bob->dtls->close();
    while (const auto datagram = bob->dtls->poll_transmit()) bob->send_raw(std::vector<std::uint8_t>(datagram->begin(), datagram->end()));
    world.run_for(1ms);
    EXPECT_EQ(world.hangups[PeerId{2}], "DTLS alert");
    publish(1, true);  // its source has lost a sink, not its head
    EXPECT_TRUE(bob->rtp.empty());
}

TEST_F(Call, AnIceRestartKeepsTheOldCredentialsUntilTheNewOnesAreUsed) {
    connect();
    auto restarted = subscriber_config(world);
    restarted.local = {"fresh", "freshgatewaypasswordlen22"};
    world.hub.update(world.now, restarted);
    bob->check();
    EXPECT_EQ(bob->stun_replies, 2) << "old credentials still answer";
    bob->config.local = restarted.local;
    bob->check();
    EXPECT_EQ(bob->stun_replies, 3);
    publish(1, true);
    EXPECT_EQ(bob->rtp.size(), 1U) << "media goes on";
    bob->config.local = subscriber_config(world).local;
    bob->check();
    EXPECT_EQ(bob->stun_replies, 3) << "old credentials are over";
    EXPECT_EQ(world.drops(Drop::stun_unknown_ufrag), 1U);
}

TEST_F(Call, AnswersANackByRtx) {
    connect();
    for (std::uint16_t i = 0; i < 20; ++i) publish(i, i == 0);
    const auto wanted = bob->rtp[7];
    bob->rtp.clear();
    const std::array<std::uint16_t, 1> lost{wanted.header.sequence};
    bob->send_rtcp([&](CompoundWriter& writer) {
        writer.receiver_report(Ssrc{1}, {});
        writer.nack(Ssrc{1}, kLegSsrc, lost);
    });
    ASSERT_EQ(bob->rtp.size(), 1U);
    EXPECT_EQ(bob->rtp[0].header.ssrc, kLegRtx);
    EXPECT_EQ(bob->rtp[0].header.payload_type, 97);
    const auto content = read_rtx(bob->rtp[0].payload());
    ASSERT_TRUE(content);
    EXPECT_EQ(content->original_sequence, wanted.header.sequence);
    EXPECT_TRUE(std::equal(content->payload.begin(), content->payload.end(), wanted.payload().begin(), wanted.payload().end()));
    EXPECT_EQ(world.hub.statistics().retransmitted, 1U);
}

TEST_F(Call, AnswersANackWithoutRtxByTheIdenticalPacket) {
    connect(false);
    std::vector<std::vector<std::uint8_t>> sealed;
    world.drop_downlink = [&](Bytes datagram) {
        if (classify(datagram) == PacketKind::rtp) sealed.emplace_back(datagram.begin(), datagram.end());
        return false;
    };
    for (std::uint16_t i = 0; i < 5; ++i) publish(i, i == 0);
    world.now += 1s;
    const std::array<std::uint16_t, 1> lost{bob->rtp[3].header.sequence};
    world.drop_downlink = [&](Bytes datagram) {
        if (classify(datagram) != PacketKind::rtp) return false;
        sealed.emplace_back(datagram.begin(), datagram.end());
        return true;  // the client's replay window would refuse what it has
    };
    bob->send_rtcp([&](CompoundWriter& writer) {
        writer.receiver_report(Ssrc{1}, {});
        writer.nack(Ssrc{1}, kLegSsrc, lost);
    });
    ASSERT_EQ(sealed.size(), 6U);
    EXPECT_EQ(sealed[5], sealed[3]) << "another packet under the same SRTP nonce would give the key away";
}

TEST_F(Call, AsksThePublisherForWhatIsMissingAndForwardsItLate) {
    connect();
    publish(1, true);
    publish(2);
    publish(5);
    world.run_for(30ms);
    const auto nacks = alice->rtcp_items<Nack>();
    ASSERT_FALSE(nacks.empty());
    std::vector<std::uint16_t> asked;
    nacks.front().sequences.for_each([&](std::uint16_t sequence) { asked.push_back(sequence); });
    EXPECT_EQ(asked, (std::vector<std::uint16_t>{3, 4}));
    EXPECT_EQ(nacks.front().media, kVideoSsrc);
    // One comes back as RTX, one under its own number.
    std::vector<std::uint8_t> original{0, 3};
    const auto payload = vp8_frame(false, 3);
    original.insert(original.end(), payload.begin(), payload.end());
    alice->send_rtp({.ssrc = kVideoRtx, .payload_type = 97, .sequence = 900, .timestamp = 9000}, original);
    publish(4);
    ASSERT_EQ(bob->rtp.size(), 5U);
    std::vector<int> order;
    for (const auto& packet : bob->rtp) order.push_back(static_cast<std::uint16_t>(packet.header.sequence - bob->rtp[0].header.sequence));
    EXPECT_EQ(order, (std::vector<int>{0, 1, 4, 2, 3}));
    EXPECT_EQ(bob->rtp[3].payload()[20], 3);
    alice->rtcp.clear();
    world.run_for(500ms);
    EXPECT_TRUE(alice->rtcp_items<Nack>().empty()) << "nothing is missing any more";
}

TEST_F(Call, MakesOnePliOfManyAndAsksAgainUntilAKeyframeComes) {
    connect();
    publish(1);
    world.run_for(2s);
    alice->rtcp.clear();
    for (int i = 0; i < 10; ++i)
        bob->send_rtcp([&](CompoundWriter& writer) {
            writer.receiver_report(Ssrc{1}, {});
            writer.picture_loss(Ssrc{1}, kLegSsrc);
        });
    EXPECT_LE(alice->rtcp_items<PictureLoss>().size(), 1U);
    world.run_for(3s);
    const auto asked = alice->rtcp_items<PictureLoss>().size();
    EXPECT_GE(asked, 3U) << "once a second while none comes";
    publish(2, true);
    alice->rtcp.clear();
    world.run_for(3s);
    EXPECT_TRUE(alice->rtcp_items<PictureLoss>().empty());
}

TEST_F(Call, AsksForAKeyframeWhenASubscriberArrives) {
    connect();
    EXPECT_FALSE(alice->rtcp_items<PictureLoss>().empty());
}

// A picture that comes before the leg has keys would be lost on it, and hold back the next request.
TEST_F(Call, AsksForAKeyframeNoEarlierThanTheSubscriberCanShowIt) {
    alice = &world.add_client(5001, publisher_config(world));
    bob = &world.add_client(5002, subscriber_config(world));
    alice->handshake();
    world.hub.route(world.now, kSink, kSource);
    world.hub.flush();
    EXPECT_TRUE(alice->rtcp_items<PictureLoss>().empty());
    bob->handshake();
    EXPECT_EQ(alice->rtcp_items<PictureLoss>().size(), 1U);
}

TEST_F(Call, AsksForAKeyframeWhenARenegotiationOpensALeg) {
    auto config = subscriber_config(world);
    config.sinks.front().active = false;  // offered, not answered yet
    alice = &world.add_client(5001, publisher_config(world));
    bob = &world.add_client(5002, config);
    alice->handshake();
    bob->handshake();
    world.hub.route(world.now, kSink, kSource);
    world.hub.flush();
    publish(1, true);
    world.run_for(2s);
    alice->rtcp.clear();
    config.sinks.front().active = true;
    world.hub.update(world.now, config);
    world.hub.flush();
    EXPECT_EQ(alice->rtcp_items<PictureLoss>().size(), 1U);
    publish(2);
    EXPECT_FALSE(bob->rtp.empty());
}

TEST_F(Call, TellsTheBitrateCapByRembWithARamp) {
    connect();
    publish(1, true);
    world.hub.limit_bitrate(world.now, PeerId{1}, 1'000'000);
    world.run_for(5s);
    const auto caps = alice->rtcp_items<ReceiverMaxBitrate>();
    ASSERT_GE(caps.size(), 5U);
    EXPECT_LT(caps.front().bits_per_second, 300'000U);
    EXPECT_NEAR(static_cast<double>(caps.back().bits_per_second), 1e6, 1e4);
    ASSERT_EQ(caps.back().sources.size(), 1U);
    EXPECT_EQ(caps.back().sources[0], kVideoSsrc);
}

TEST_F(Call, GivesTransportFeedbackToThePublisherOnly) {
    connect();
    for (std::uint16_t i = 0; i < 10; ++i) {
        publish(i, i == 0);
        world.run_for(20ms);
    }
    world.run_for(300ms);
    const auto feedback = alice->rtcp_items<TransportFeedback>();
    ASSERT_FALSE(feedback.empty());
    EXPECT_EQ(feedback.front().media, kVideoSsrc);
    EXPECT_EQ(feedback.front().base_sequence, 0);
    EXPECT_TRUE(bob->rtcp_items<TransportFeedback>().empty());
}

// A sender whose probes count as lost never dares to send its large layers.
TEST_F(Call, AcknowledgesArrivalsOfStreamsItCannotPlace) {
    connect();
    for (std::uint16_t i = 0; i < 10; ++i) {
        alice->send_rtp({.ssrc = Ssrc{0x999}, .payload_type = 77, .sequence = i, .extensions = {.transport_sequence = i}, .ids = {.transport_cc = 3}},
                        std::vector<std::uint8_t>(200));
        world.run_for(20ms);
    }
    world.run_for(300ms);
    const auto feedback = alice->rtcp_items<TransportFeedback>();
    ASSERT_FALSE(feedback.empty());
    EXPECT_EQ(feedback.front().base_sequence, 0);
    EXPECT_EQ(world.hub.statistics().drops.of(Drop::rtp_unknown_stream), 10U);
    EXPECT_TRUE(bob->rtp.empty());
}

TEST_F(Call, ReportsToBothSides) {
    connect();
    for (std::uint16_t i = 0; i < 10; ++i) publish(i, i == 0);
    world.run_for(1500ms);
    const auto sent = bob->rtcp_items<SenderReport>();
    ASSERT_FALSE(sent.empty());
    EXPECT_EQ(sent.front().sender.ssrc, kLegSsrc);
    EXPECT_EQ(sent.front().sender.packets, 10U);
    const auto received = alice->rtcp_items<ReceiverReport>();
    ASSERT_FALSE(received.empty());
    ASSERT_EQ(received.front().blocks.size(), 1U);
    EXPECT_EQ(received.front().blocks[0].ssrc, kVideoSsrc);
    EXPECT_EQ(received.front().blocks[0].highest_sequence & 0xffffU, 9U);
}

TEST_F(Call, APausedLegSendsNothingAndResumesWithoutAGap) {
    connect();
    publish(1, true);
    world.hub.set_sink_active(world.now, kSink, false);
    for (std::uint16_t i = 2; i < 10; ++i) publish(i);
    EXPECT_EQ(bob->rtp.size(), 1U);
    world.hub.set_sink_active(world.now, kSink, true);
    publish(10);
    ASSERT_EQ(bob->rtp.size(), 2U);
    EXPECT_EQ(bob->rtp[1].header.sequence, static_cast<std::uint16_t>(bob->rtp[0].header.sequence + 1));
}

TEST_F(Call, TellsWhenMediaStartsAndStops) {
    connect();
    publish(1, true);
    ASSERT_EQ(world.media.size(), 1U);
    EXPECT_TRUE(world.media[0].receiving);
    world.run_for(3s);
    ASSERT_EQ(world.media.size(), 2U);
    EXPECT_FALSE(world.media[1].receiving);
    EXPECT_EQ(world.media[1].mid, "0");
}

TEST_F(Call, CountsGarbageAndGoesOn) {
    connect();
    publish(1, true);
    std::vector<std::uint8_t> noise(200);
    std::iota(noise.begin(), noise.end(), std::uint8_t{0});
    for (int first = 0; first < 256; ++first) {
        noise[0] = static_cast<std::uint8_t>(first);
        for (const std::size_t size : {1U, 2U, 12U, 20U, 200U}) {
            bob->send_raw(Bytes{noise}.first(size));
            world.deliver(*SocketAddress::parse("203.0.113.5", 4444), Bytes{noise}.first(size));
        }
    }
    EXPECT_GT(world.drops(Drop::unchecked_path), 0U);
    EXPECT_GT(world.drops(Drop::unknown_kind), 0U);
    EXPECT_GT(world.drops(Drop::stun_malformed), 0U);
    EXPECT_GT(world.drops(Drop::srtp_auth), 0U);
    publish(2);
    EXPECT_EQ(bob->rtp.size(), 2U) << "the running call does not notice";
    EXPECT_TRUE(world.hangups.empty());
}

TEST_F(Call, AReplayedPacketIsNotForwardedTwice) {
    connect();
    std::vector<std::uint8_t> sealed(1500);
    const auto size = write_rtp(sealed, {.ssrc = kVideoSsrc, .payload_type = 96, .sequence = 5}, vp8_frame(true, 1));
    sealed.resize(*alice->out->protect_rtp(sealed, size));
    alice->send_raw(sealed);
    alice->send_raw(sealed);
    EXPECT_EQ(bob->rtp.size(), 1U);
    EXPECT_EQ(world.drops(Drop::srtp_replay), 1U);
}

TEST_F(Call, AWrongFingerprintEndsTheHandshake) {
    auto config = publisher_config(world);
    config.fingerprint[0] ^= 1U;
    auto& mallory = world.add_client(5005, config);
    mallory.check();
    mallory.dtls->start(world.now);
    for (int turn = 0; turn < 10; ++turn) {
        std::vector<std::vector<std::uint8_t>> flight;
        while (const auto datagram = mallory.dtls->poll_transmit()) flight.emplace_back(datagram->begin(), datagram->end());
        for (const auto& datagram : flight) world.deliver(mallory.address, datagram);
    }
    world.run_for(1ms);
    EXPECT_EQ(world.hangups[PeerId{1}], "DTLS error");
    EXPECT_TRUE(world.up.empty());
}

TEST_F(Call, DtlsThatComesBeforeTheAnswerIsKept) {
    auto late = subscriber_config(world);
    late.remote_known = false;
    auto& carol = world.add_client(5003, late);
    carol.check();
    carol.dtls->start(world.now);
    while (const auto datagram = carol.dtls->poll_transmit()) carol.send_raw(std::vector<std::uint8_t>(datagram->begin(), datagram->end()));
    EXPECT_TRUE(world.up.empty());
    world.hub.update(world.now, subscriber_config(world));
    world.hub.flush();
    carol.handshake();
    EXPECT_EQ(world.up, std::vector{PeerId{2}});
}

TEST(PeerHub, RefusesMorePeersThanItsLimit) {
    World world{{.peers = 1}};
    world.hub.open(world.now, peer_config(1, world));
    world.hub.open(world.now, peer_config(2, world));
    EXPECT_EQ(world.hangups[PeerId{2}], "Too many peers");
}

}  // namespace
}  // namespace cardea::test
