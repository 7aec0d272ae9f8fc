// RTP outside of peer connections on a simulated network: a peer's stream forwarded to an address, and a publisher of another
// gateway watched by a peer.
#include "peer/plain_rtp.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "proto/rtp/codec/dependency_descriptor.hpp"
#include "proto/rtp/codec/vp9_descriptor.hpp"
#include "unit/media/layer_streams.hpp"
#include "world.hpp"

namespace cardea::test {
namespace {

constexpr Ssrc kVideoSsrc{0x1001}, kLegSsrc{0x2001}, kForwardSsrc{1000};
constexpr SourceId kSource{71}, kRemoteVideo{81}, kRemoteAudio{82};
constexpr SinkId kSink{72};
constexpr ForwarderId kForwarder{91};
constexpr RemoteId kRemote{92};
constexpr RemotePublisher::Sockets kSockets{.rtp = 5, .rtcp = 6};

PayloadType vp8() {
    PayloadType type{.number = 96, .codec = Codec::vp8, .clock_rate = 90000, .channels = 1, .fmtp = {}, .rtx = {}};
    type.nack = type.pli = true;
    return type;
}
PayloadType opus() { return {.number = 111, .codec = Codec::opus, .clock_rate = 48000, .channels = 2, .fmtp = {}, .rtx = {}}; }

SrtpKeys keys_of(SrtpProfile profile, std::uint8_t seed = 7) {
    std::array<std::uint8_t, 30> raw{};
    for (std::size_t i = 0; i < raw.size(); ++i) raw[i] = static_cast<std::uint8_t>(seed + i);
    return SrtpKeys::from(profile, Bytes{raw}.first(16), Bytes{raw}.subspan(16));
}

PeerConfig peer_config(std::uint64_t id, const World& world) {
    PeerConfig config;
    config.id = PeerId{id};
    config.local = {"gate" + std::to_string(id), "gatewaypasswordoflength22"};
    config.remote = {"clnt" + std::to_string(id), "clientpasswordoflength222"};
    config.fingerprint_algorithm = "sha-256";
    config.fingerprint.assign(world.certificate.sha256().begin(), world.certificate.sha256().end());
    config.remote_known = true;
    return config;
}

// VP8: descriptor with the start bit, then a frame header whose lowest bit says "not a keyframe".
std::vector<std::uint8_t> frame(bool keyframe, std::uint8_t stamp) {
    std::vector<std::uint8_t> payload(100, stamp);
    payload[0] = 0x10;
    payload[1] = keyframe ? 0x00 : 0x01;
    if (keyframe) {
        payload[4] = 0x9d;
        payload[5] = 0x01;
        payload[6] = 0x2a;
    }
    return payload;
}

struct Datagrams {
    std::vector<std::vector<std::uint8_t>> all;
    [[nodiscard]] std::vector<ReceivedRtp> rtp() const {
        std::vector<ReceivedRtp> out;
        for (const auto& bytes : all)
            if (classify(bytes) == PacketKind::rtp)
                if (const auto header = parse_rtp_header(bytes)) out.push_back({bytes, *header});
        return out;
    }
    template <class T>
    [[nodiscard]] std::vector<T> rtcp_items() const {
        std::vector<T> found;
        for (const auto& bytes : all) {
            if (classify(bytes) != PacketKind::rtcp) continue;
            EXPECT_TRUE(for_each_rtcp(bytes, [&](const auto& item) {
                if constexpr (std::is_same_v<std::decay_t<decltype(item)>, T>) found.push_back(item);
            }).has_value());
        }
        return found;
    }
};

// A world whose hub sends to addresses outside of it too.
class OpenWorld : public World {
  public:
    explicit OpenWorld(HubOptions options = {}) : World{std::move(options)} {}
    void send(std::span<const Datagram> datagrams) override {
        for (const auto& datagram : datagrams)
            if (!by_address.contains(datagram.path->remote)) elsewhere[datagram.path->remote].all.emplace_back(datagram.bytes.begin(), datagram.bytes.end());
        World::send(datagrams);
    }
    void deliver_to(std::uint32_t socket, const SocketAddress& from, Bytes datagram) {
        auto packet = pool.take();
        std::copy(datagram.begin(), datagram.end(), packet->buffer.begin());
        packet->size = static_cast<std::uint16_t>(datagram.size());
        packet->arrival = now;
        hub.on_datagram(now, socket, from, packet);
        hub.flush();
    }
    std::unordered_map<SocketAddress, Datagrams> elsewhere;
};

std::vector<std::uint8_t> rtcp_of(const std::function<void(CompoundWriter&)>& write) {
    std::vector<std::uint8_t> buffer(1200);
    CompoundWriter writer{buffer};
    write(writer);
    buffer.resize(writer.size());
    return buffer;
}

// Notes what the SCTP thread would be told.
class NotedDataPlane final : public DataPlane {
  public:
    struct Message {
        SourceId source;
        bool is_binary;
        std::string text;
        friend bool operator==(const Message&, const Message&) = default;
    };
    void open(DataPeer) override {}
    void close(PeerId, SourceId, SinkId) override {}
    void on_packet(PeerId, Bytes, DataBudget&) override {}
    void route(SinkId, SourceId, DataRouteOptions) override {}
    void unroute(SinkId, SourceId) override {}
    void set_sink_active(SinkId, bool) override {}
    void set_source_active(SourceId source, bool active) override { actives.emplace_back(source, active); }
    void tap(SourceId source, DataTap tap) override { taps[tap.id] = source; }
    void untap(SourceId, ForwarderId tap) override { taps.erase(tap); }
    void open_remote(SourceId source) override { remotes.insert(source); }
    void close_remote(SourceId source) override { remotes.erase(source); }
    void on_remote_message(SourceId source, bool is_binary, Bytes message, DataBudget&) override {
        messages.push_back({source, is_binary, {message.begin(), message.end()}});
    }
    std::map<ForwarderId, SourceId> taps;
    std::set<SourceId> remotes;
    std::vector<std::pair<SourceId, bool>> actives;
    std::vector<Message> messages;
};

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
                        frame(keyframe, static_cast<std::uint8_t>(sequence)));
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
                                frame(keyframe, static_cast<std::uint8_t>(sequence))));
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

constexpr SourceId kData{83};

class RemoteData : public ::testing::TestWithParam<bool> {
  protected:
    [[nodiscard]] std::optional<SrtpKeys> keys() const {
        return GetParam() ? std::optional{keys_of(SrtpProfile::aes_cm_128_hmac_sha1_80)} : std::nullopt;
    }
    // What was sent from here to rtp arrives at the remote publisher's port.
    void loop_back() {
        for (const auto& datagram : std::exchange(world.elsewhere[rtp].all, {})) world.deliver_to(kSockets.rtp, sender, datagram);
    }
    void say(std::string_view text, bool is_binary) {
        std::vector<std::uint8_t> framed{is_binary ? std::uint8_t{1} : std::uint8_t{0}};
        framed.insert(framed.end(), text.begin(), text.end());
        world.hub.send_data(PeerId{kForwarder.value}, framed);
        world.hub.flush();
    }
    void SetUp() override {
        ReceiveTrack data{.mid = "2", .mindex = 2, .kind = MediaKind::data, .payload_types = {}, .extensions = {}, .encodings = {}};
        data.encodings = {{.rid = {}, .ssrc = Ssrc{1020}, .rtx_ssrc = {}}};
        world.hub.plain_rtp().open_remote(world.now, {.id = kRemote, .sender = {}, .permitted = [](const SocketAddress&) { return true; },
                                                      .keys = keys(), .sources = {{kData, data}}}, kSockets);
    }
    void forward(std::optional<Ssrc> ssrc) {
        world.hub.plain_rtp().add_forwarder(world.now, {.id = kForwarder, .source = kData, .socket = 0, .rtp = rtp, .rtcp = {}, .payload_type = {},
                                                        .ssrc = ssrc, .encoding = {}, .keys = keys()});
    }
    const SocketAddress rtp = *SocketAddress::parse("198.51.100.1", 4000);
    const SocketAddress sender = *SocketAddress::parse("203.0.113.5", 10000);
    NotedDataPlane plane;
    OpenWorld world{HubOptions{.data = &plane}};
};

TEST_P(RemoteData, GoesAsItWasSentAndComesAsThat) {
    EXPECT_EQ(plane.remotes, std::set<SourceId>{kData});
    forward(Ssrc{1020});
    EXPECT_EQ(plane.taps[kForwarder], kData);
    say("hello", false);
    say(std::string_view{"\0\1", 2}, true);
    say("", false);
    const auto& first = world.elsewhere[rtp].all.front();
    EXPECT_EQ(first[0], 0x80);
    EXPECT_EQ(first[1], 0) << "text";
    EXPECT_EQ(first.size(), 12U + 5U + (GetParam() ? 10U : 0U));
    loop_back();
    EXPECT_EQ(plane.messages, (std::vector<NotedDataPlane::Message>{{kData, false, "hello"}, {kData, true, {"\0\1", 2}}, {kData, false, ""}}));
}

TEST_P(RemoteData, AMessageThatFitsNoDatagramIsCounted) {
    forward(Ssrc{1020});
    say(std::string(DataForwarder::kMaxMessage, 'x'), false);
    say(std::string(DataForwarder::kMaxMessage + 1, 'x'), false);
    EXPECT_EQ(world.elsewhere[rtp].all.size(), 1U);
    EXPECT_EQ(world.drops(Drop::too_large), 1U);
}

TEST_P(RemoteData, EndsWithItsForwarderAndItsPublisher) {
    forward(Ssrc{1020});
    world.hub.set_source_active(kData, false);
    EXPECT_EQ(plane.actives.size(), 1U);
    world.hub.plain_rtp().remove_forwarder(kForwarder);
    EXPECT_TRUE(plane.taps.empty());
    say("late", false);
    EXPECT_TRUE(world.elsewhere[rtp].all.empty());
    world.hub.plain_rtp().close_remote(kRemote);
    EXPECT_TRUE(plane.remotes.empty());
}
INSTANTIATE_TEST_SUITE_P(PlainAndSrtp, RemoteData, testing::Bool());

TEST(ForwardedData, WithoutAnSsrcGoesBare) {
    NotedDataPlane plane;
    OpenWorld world{HubOptions{.data = &plane}};
    const auto to = *SocketAddress::parse("198.51.100.1", 4000);
    world.hub.register_data_source(kData);
    world.hub.plain_rtp().add_forwarder(world.now, {.id = kForwarder, .source = kData, .socket = 0, .rtp = to, .rtcp = {}, .payload_type = {},
                                                    .ssrc = {}, .encoding = {}, .keys = {}});
    const std::array<std::uint8_t, 3> framed{0, 'h', 'i'};
    world.hub.send_data(PeerId{kForwarder.value}, framed);
    world.hub.flush();
    EXPECT_EQ(world.elsewhere[to].all, (std::vector<std::vector<std::uint8_t>>{{'h', 'i'}}));
}

}  // namespace
}  // namespace cardea::test
