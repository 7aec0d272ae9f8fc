// A source with legs on another worker: two hubs, and what they tell each other delivered when the test says so.
#include "peer/mirrors.hpp"

#include <array>
#include <deque>

#include "media/source.hpp"
#include "peers.hpp"

namespace cardea::test {
namespace {

constexpr Ssrc kVideoSsrc{0x1001}, kVideoRtx{0x1002}, kLegSsrc{0x2001}, kLegRtx{0x2002};
constexpr SourceId kSource{71};
constexpr SinkId kSink{72};

// The links between two workers.
class Links final : public MirrorPlane {
  public:
    void post(std::uint32_t worker, std::function<void(PeerHub&, Instant)> command) override { commands[worker].push_back(std::move(command)); }
    bool push(std::uint32_t worker, MirrorBatch& batch) override {
        ++pushes;
        if (full) {
            batch.clear();
            return false;
        }
        lanes[worker].append(batch);
        batch.clear();
        return true;
    }
    std::array<std::deque<std::function<void(PeerHub&, Instant)>>, 2> commands;
    std::array<MirrorBatch, 2> lanes;
    int pushes = 0;
    bool full = false;
};

SourceConfig source_config() {
    ReceiveTrack track{.mid = "0", .mindex = 0, .kind = MediaKind::video, .payload_types = {vp8_type()}, .extensions = {}, .encodings = {}};
    track.extensions.mid = 1;
    track.encodings = {{.rid = {}, .ssrc = kVideoSsrc, .rtx_ssrc = kVideoRtx}};
    return {kSource, track};
}

class MirrorsTest : public ::testing::Test {
  protected:
    void SetUp() override {
        auto publishing = peer_config(1, home);
        publishing.sources.push_back(source_config());
        alice = &home.add_client(5001, publishing);
        auto watching = peer_config(2, there);
        SendTrack track{.mid = "0", .mindex = 0, .kind = MediaKind::video, .payload_type = vp8_type(), .extensions = {}, .ssrc = kLegSsrc,
                        .rtx_ssrc = kLegRtx, .cname = "cname"};
        watching.sinks.push_back({kSink, track, true});
        bob = &there.add_client(5002, watching);
        alice->handshake();
        bob->handshake();
    }
    void feed(std::uint64_t order = 1) {
        home.hub.mirrors().feed(home.now, kSource, 1, kSink, order);
        settle();
    }
    // Everything that is under way arrives.
    void settle() {
        for (bool moved = true; moved;) {
            moved = false;
            for (std::uint32_t worker = 0; worker < 2; ++worker) {
                auto& world = worker == 0 ? home : there;
                for (auto& commands = links.commands[worker]; !commands.empty(); moved = true) {
                    world.hub.release();
                    const auto command = std::move(commands.front());
                    commands.pop_front();
                    command(world.hub, world.now);
                }
                for (auto& lane = links.lanes[worker]; !lane.empty(); moved = true) {
                    const auto [label, bytes] = lane.take();
                    auto packet = world.pool.take();
                    std::copy(bytes.begin(), bytes.end(), packet->buffer.begin());
                    packet->size = static_cast<std::uint16_t>(bytes.size());
                    world.hub.mirrors().on_packet(world.now, label, packet);
                }
                links.lanes[worker].clear();
                world.hub.flush();
            }
        }
    }
    void publish(std::uint16_t sequence, bool keyframe = false) {
        alice->send_rtp({.ssrc = kVideoSsrc, .payload_type = 96, .marker = true, .sequence = sequence, .timestamp = sequence * 3000U,
                         .extensions = {.mid = "0"}, .ids = {.mid = 1}},
                        vp8_frame(keyframe, static_cast<std::uint8_t>(sequence)));
        settle();
    }
    void run_for(Duration time) {
        home.run_for(time);
        there.run_for(time);
        settle();
    }
    [[nodiscard]] std::size_t requests() const { return alice->rtcp_items<PictureLoss>().size(); }

    Links links;
    World home{HubOptions{.worker = 0, .mirrors = &links}};
    World there{HubOptions{.worker = 1, .mirrors = &links}};
    Client* alice = nullptr;
    Client* bob = nullptr;
};

TEST_F(MirrorsTest, FeedsALegOfAnotherWorker) {
    feed();
    for (std::uint16_t sequence = 100; sequence < 110; ++sequence) publish(sequence, sequence == 100);
    ASSERT_EQ(bob->rtp.size(), 10U);
    for (std::size_t i = 1; i < bob->rtp.size(); ++i) {
        EXPECT_EQ(bob->rtp[i].header.sequence, static_cast<std::uint16_t>(bob->rtp[0].header.sequence + i));
        EXPECT_EQ(bob->rtp[i].header.timestamp - bob->rtp[0].header.timestamp, i * 3000U);
    }
    EXPECT_EQ(bob->rtp[3].payload()[50], 103);
    EXPECT_EQ(there.hub.mirrors().count(), 1U);
}

TEST_F(MirrorsTest, APacketCrossesOnceForAllLegsOfAWorker) {
    auto watching = peer_config(3, there);
    watching.sinks.push_back({SinkId{73}, bob->config.sinks.front().track, true});
    auto& carol = there.add_client(5003, watching);
    carol.handshake();
    feed(1);
    home.hub.mirrors().feed(home.now, kSource, 1, SinkId{73}, 2);
    settle();
    const auto before = links.pushes;
    publish(100, true);
    EXPECT_EQ(links.pushes - before, 1);
    EXPECT_EQ(bob->rtp.size(), 1U);
    EXPECT_EQ(carol.rtp.size(), 1U);
    EXPECT_EQ(there.hub.mirrors().count(), 1U);
}

TEST_F(MirrorsTest, AnswersNacksThereWithoutAskingHome) {
    feed();
    for (std::uint16_t sequence = 100; sequence < 105; ++sequence) publish(sequence, sequence == 100);
    const std::array<std::uint16_t, 1> lost{bob->rtp.at(2).header.sequence};
    bob->rtp.clear();
    bob->send_rtcp([&](CompoundWriter& writer) { writer.nack(Ssrc{1}, kLegSsrc, lost); });
    ASSERT_EQ(bob->rtp.size(), 1U);
    EXPECT_EQ(bob->rtp[0].header.ssrc, kLegRtx);
    EXPECT_EQ(bob->rtp[0].payload()[52], 102);
    EXPECT_TRUE(links.commands[0].empty());
}

// What is lost on its way to the gateway and sent again comes to the mirror late, as to any leg.
TEST_F(MirrorsTest, ALatePacketComesToo) {
    feed();
    publish(100, true);
    publish(102);
    publish(101);
    ASSERT_EQ(bob->rtp.size(), 3U);
    EXPECT_EQ(static_cast<std::uint16_t>(bob->rtp[2].header.sequence - bob->rtp[0].header.sequence), 1);
}

TEST_F(MirrorsTest, KeyframesAreAskedForAtHomeAndOnceForAll) {
    feed();
    publish(100, true);
    run_for(400ms);  // of the floor between two requests
    const auto before = requests();
    bob->send_rtcp([&](CompoundWriter& writer) { writer.picture_loss(Ssrc{1}, kLegSsrc); });
    bob->send_rtcp([&](CompoundWriter& writer) { writer.picture_loss(Ssrc{1}, kLegSsrc); });
    settle();
    EXPECT_EQ(requests() - before, 1U);
}

// RFC 3550 section 8.2. What is told of the source may overtake its packets.
TEST_F(MirrorsTest, ASenderMayChangeItsSsrc) {
    feed();
    publish(100, true);
    run_for(1100ms);
    for (const std::uint16_t sequence : std::array<std::uint16_t, 3>{101, 102, 103}) {
        alice->send_rtp({.ssrc = Ssrc{0x7001}, .payload_type = 96, .marker = true, .sequence = sequence, .timestamp = sequence * 3000U,
                         .extensions = {.mid = "0"}, .ids = {.mid = 1}},
                        vp8_frame(true, 77));
        settle();
    }
    const auto* source = there.hub.find_source(kSource);
    ASSERT_EQ(source->encodings().size(), 1U);
    EXPECT_EQ(source->encodings().front()->ssrc, Ssrc{0x7001});
    EXPECT_EQ(bob->rtp.size(), 4U);
    EXPECT_EQ(bob->rtp.back().payload()[50], 77);
}

TEST_F(MirrorsTest, AMuteHoldsThereToo) {
    feed();
    publish(100, true);
    home.hub.set_source_active(kSource, false);
    settle();
    publish(101);
    home.hub.set_source_active(kSource, true);
    settle();
    publish(102, true);
    ASSERT_EQ(bob->rtp.size(), 2U);
    EXPECT_EQ(static_cast<std::uint16_t>(bob->rtp[1].header.sequence - bob->rtp[0].header.sequence), 1) << "a pause is no gap";
}

TEST_F(MirrorsTest, EndsWithItsSource) {
    feed();
    publish(100, true);
    home.hub.close(home.now, PeerId{1}, "gone");
    settle();
    EXPECT_EQ(there.hub.mirrors().count(), 0U);
    EXPECT_EQ(there.hub.find_source(kSource), nullptr);
}

TEST_F(MirrorsTest, EndsAWhileAfterItsLastLeg) {
    feed();
    publish(100, true);
    there.hub.close(there.now, PeerId{2}, "gone");
    run_for(5s);
    EXPECT_EQ(there.hub.mirrors().count(), 0U);
    const auto before = links.pushes;
    publish(101);
    EXPECT_EQ(links.pushes, before) << "nothing crosses for nobody";
}

// The mirror says that it is idle while another route is on its way to it.
TEST_F(MirrorsTest, ARouteOnItsWayKeepsIt) {
    feed(1);
    there.hub.route_in_order(there.now, 2, kSink, {});
    home.hub.mirrors().feed(home.now, kSource, 1, kSink, 3);
    home.hub.mirrors().end_idle(kSource, 1, 1);
    settle();
    publish(100, true);
    EXPECT_EQ(there.hub.mirrors().count(), 1U);
    EXPECT_EQ(bob->rtp.size(), 1U);
}

TEST_F(MirrorsTest, ARouteThatComesBehindAYoungerOneIsOver) {
    there.hub.route_in_order(there.now, 5, kSink, {});
    feed(4);
    publish(100, true);
    EXPECT_TRUE(bob->rtp.empty());
}

TEST_F(MirrorsTest, ASourceThatIsGoneEndsTheRoute) {
    feed(1);
    publish(100, true);
    home.hub.mirrors().feed(home.now, SourceId{4711}, 1, kSink, 2);
    settle();
    publish(101);
    EXPECT_EQ(bob->rtp.size(), 1U);
}

TEST_F(MirrorsTest, WhatAWorkerCannotTakeIsCounted) {
    feed();
    publish(100, true);
    links.full = true;
    publish(101);
    EXPECT_EQ(home.drops(Drop::worker_behind), 1U);
    links.full = false;
    publish(102);
    EXPECT_EQ(bob->rtp.size(), 2U);
}

// Two simulcast encodings, each with numbers of its own: down and up again, where the mirror's own choice falls on keyframes.
TEST_F(MirrorsTest, SwitchesEncodingsWithoutAGap) {
    constexpr Ssrc kLow{0x1003};
    auto publishing = alice->config;
    publishing.sources.front().track.encodings = {{.rid = {}, .ssrc = kLow, .rtx_ssrc = {}}, {.rid = {}, .ssrc = kVideoSsrc, .rtx_ssrc = {}}};
    publishing.sources.front().id = SourceId{74};
    home.hub.update(home.now, publishing);
    home.hub.mirrors().feed(home.now, SourceId{74}, 1, kSink, 1);
    settle();
    std::uint16_t low = 7000, high = 100;
    std::vector<std::uint8_t> came;
    const auto picture = [&](bool keyframe) {
        for (const bool is_low : {true, false}) {
            const auto sequence = is_low ? low++ : high++;
            alice->send_rtp({.ssrc = is_low ? kLow : kVideoSsrc, .payload_type = 96, .marker = true, .sequence = sequence,
                             .timestamp = static_cast<std::uint32_t>(home.now.time_since_epoch().count() / 100'000 * 9), .extensions = {.mid = "0"},
                             .ids = {.mid = 1}},
                            vp8_frame(keyframe, is_low ? 1 : 2));
            settle();
        }
        home.now += 33ms;
        there.now += 33ms;
    };
    for (const auto wanted : std::array<std::uint8_t, 3>{1, 0, 1}) {
        there.hub.set_layers(there.now, kSink, {.substream = wanted, .spatial = {}, .temporal = {}, .fallback = {}});
        settle();
        for (int i = 0; i < 10; ++i) picture(i == 3);
        came.push_back(bob->rtp.back().payload()[50]);
    }
    EXPECT_EQ(came, (std::vector<std::uint8_t>{2, 1, 2}));
    ASSERT_GT(bob->rtp.size(), 20U);
    for (std::size_t i = 1; i < bob->rtp.size(); ++i)
        EXPECT_EQ(bob->rtp[i].header.sequence, static_cast<std::uint16_t>(bob->rtp[i - 1].header.sequence + 1));
}

// Sender reports of the leg have to tie timestamps to the publisher's clock, which is known at home.
TEST_F(MirrorsTest, TheClockOfThePublisherCrosses) {
    feed();
    publish(100, true);
    constexpr std::uint64_t kNtp = 0xe000'0000'0000'0000U;
    alice->send_rtcp([&](CompoundWriter& writer) { writer.sender_report({.ssrc = kVideoSsrc, .ntp = kNtp, .rtp_timestamp = 300'000}, {}); });
    home.now += 1100ms;
    there.now += 1100ms;
    publish(101);
    const auto* source = there.hub.find_source(kSource);
    ASSERT_NE(source, nullptr);
    EXPECT_TRUE(source->encodings().front()->clock.timestamp_at(there.now, source->remote_clock()).has_value());
}

}  // namespace
}  // namespace cardea::test
