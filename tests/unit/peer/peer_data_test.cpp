// Data channels at the worker: what reaches the SCTP thread, and when.
#include <gmock/gmock.h>

#include "peers.hpp"

namespace cardea::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr SourceId kSource{81};
constexpr SinkId kSink{82};

class FakePlane final : public DataPlane {
  public:
    void open(DataPeer peer) override { opened.push_back(peer); }
    void close(PeerId peer, SourceId source, SinkId sink) override { closed.emplace_back(peer, source, sink); }
    void on_packet(PeerId peer, Bytes packet, DataBudget&) override {
        packets.emplace_back(peer, std::vector<std::uint8_t>{packet.begin(), packet.end()});
    }
    void route(SinkId sink, SourceId source, DataRouteOptions options) override { routes[{sink, source}] = std::move(options); }
    void unroute(SinkId sink, SourceId source) override { routes.erase({sink, source}); }
    void set_sink_active(SinkId sink, bool active) override { sinks[sink] = active; }
    void set_source_active(SourceId source, bool active) override { sources[source] = active; }
    void tap(SourceId, DataTap) override {}
    void untap(SourceId, ForwarderId) override {}
    void open_remote(SourceId) override {}
    void close_remote(SourceId) override {}
    void on_remote_message(SourceId, bool, Bytes, DataBudget&) override {}

    std::vector<DataPeer> opened;
    std::vector<std::tuple<PeerId, SourceId, SinkId>> closed;
    std::vector<std::pair<PeerId, std::vector<std::uint8_t>>> packets;
    std::map<std::pair<SinkId, SourceId>, DataRouteOptions> routes;
    std::map<SinkId, bool> sinks;
    std::map<SourceId, bool> sources;
};

class PeerData : public testing::Test {
  protected:
    [[nodiscard]] PeerConfig config(std::uint64_t id = 1, bool agreed = true) const {
        auto config = peer_config(id, world);
        config.data = {.source = kSource, .sink = kSink, .remote_port = 5001, .max_message = 1234, .agreed = agreed};
        return config;
    }
    void say(Client& client, Bytes text) {
        ASSERT_TRUE(client.dtls->send(text));
        while (const auto datagram = client.dtls->poll_transmit()) world.deliver(client.address, *datagram);
    }

    FakePlane plane;
    World world{HubOptions{.worker = 3, .data = &plane}};
    std::vector<std::uint8_t> message{1, 2, 3, 4};
};

TEST_F(PeerData, BeginsWhenDtlsIsUpAndNotBefore) {
    auto& client = world.add_client(5000, config());
    client.check();
    EXPECT_THAT(plane.opened, IsEmpty()) << "a sender that has proved nothing yet";
    client.handshake();
    ASSERT_EQ(plane.opened.size(), 1U);
    const auto& peer = plane.opened[0];
    EXPECT_EQ(peer.id, PeerId{1});
    EXPECT_EQ(peer.worker, 3U);
    EXPECT_EQ(peer.source, kSource);
    EXPECT_EQ(peer.sink, kSink);
    EXPECT_EQ(peer.remote_port, 5001);
    EXPECT_EQ(peer.max_message, 1234U);
    EXPECT_FALSE(peer.even_streams) << "the client is the DTLS client";
}

TEST_F(PeerData, CarriesPacketsBothWays) {
    auto& client = world.add_client(5000, config());
    client.handshake();
    say(client, message);
    EXPECT_THAT(plane.packets, ElementsAre(std::pair{PeerId{1}, message}));
    world.hub.send_data(PeerId{1}, message);
    world.hub.flush();
    const auto received = client.dtls->poll_data();
    ASSERT_TRUE(received);
    EXPECT_THAT(*received, testing::ElementsAreArray(message));
    world.hub.send_data(PeerId{99}, message);  // has just gone
}

TEST_F(PeerData, DoesNotWaitBehindHandshakes) {
    auto& client = world.add_client(5000, config());
    client.handshake();
    ASSERT_TRUE(client.dtls->send(message));
    const auto datagram = client.dtls->poll_transmit();
    auto packet = world.pool.take();
    std::copy(datagram->begin(), datagram->end(), packet->buffer.begin());
    packet->size = static_cast<std::uint16_t>(datagram->size());
    world.hub.on_datagram(world.now, 0, client.address, packet);
    EXPECT_EQ(plane.packets.size(), 1U) << "without a turn of run_handshakes";
}

TEST_F(PeerData, WithoutAnAgreementNothingPasses) {
    auto& client = world.add_client(5000, config(1, false));
    client.handshake();
    say(client, message);
    EXPECT_THAT(plane.opened, IsEmpty());
    EXPECT_THAT(plane.packets, IsEmpty());
    world.hub.update(world.now, config());  // the answer came
    ASSERT_EQ(plane.opened.size(), 1U);
    say(client, message);
    EXPECT_EQ(plane.packets.size(), 1U);
}

TEST_F(PeerData, NobodyElseReachesSctp) {
    auto& client = world.add_client(5000, config());
    client.handshake();
    const std::vector<std::uint8_t> forged{23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 99, 0, 4, 1, 2, 3, 4};
    world.deliver(client.address, forged);                                // not of the keys
    world.deliver(*SocketAddress::parse("192.0.2.99", 5000), forged);     // not of a checked path
    EXPECT_THAT(plane.packets, IsEmpty());
    EXPECT_THAT(world.hangups, IsEmpty());
}

TEST_F(PeerData, EndsWithThePeer) {
    auto& client = world.add_client(5000, config());
    client.handshake();
    world.hub.close(world.now, PeerId{1}, "Close PC");
    EXPECT_THAT(plane.closed, ElementsAre(std::tuple{PeerId{1}, kSource, kSink}));
    world.hub.route_data(kSink, SourceId{5}, {});
    EXPECT_THAT(plane.routes, IsEmpty()) << "it would never go away again";
}

TEST_F(PeerData, EndsForAPeerThatNeverCameUp) {
    world.add_client(5000, config());
    world.hub.route_data(kSink, SourceId{5}, {});
    world.hub.close(world.now, PeerId{1}, "ICE failed");
    EXPECT_EQ(plane.closed.size(), 1U) << "its routes have to go";
}

TEST_F(PeerData, EndsWithItsLineAndMayComeBack) {
    auto& client = world.add_client(5000, config());
    client.handshake();
    auto without = config();
    without.data.reset();
    world.hub.update(world.now, without);
    EXPECT_EQ(plane.closed.size(), 1U);
    say(client, message);
    EXPECT_THAT(plane.packets, IsEmpty());
    world.hub.update(world.now, config());
    EXPECT_EQ(plane.opened.size(), 2U);
    EXPECT_THAT(world.hangups, IsEmpty());
}

TEST_F(PeerData, RoutesAndMutesAreForKnownSinksAndSources) {
    world.add_client(5000, config(1, false));
    world.hub.route_data(kSink, SourceId{5}, {.label = "42"});
    EXPECT_EQ((plane.routes[{kSink, SourceId{5}}].label), "42");
    world.hub.set_sink_active(world.now, kSink, false);
    world.hub.set_source_active(kSource, false);
    EXPECT_FALSE(plane.sinks.at(kSink));
    EXPECT_FALSE(plane.sources.at(kSource));
    world.hub.unroute_data(kSink, SourceId{5});
    EXPECT_THAT(plane.routes, IsEmpty());
    world.hub.route_data(SinkId{999}, SourceId{5}, {});
    world.hub.set_sink_active(world.now, SinkId{999}, false);
    EXPECT_THAT(plane.routes, IsEmpty());
    EXPECT_EQ(plane.sinks.size(), 1U);
}

}  // namespace
}  // namespace cardea::test
