// Messages between peers. The clients are data channels of their own on the same stack, numbered so that the link knows who is who.
#include "peer/data_router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace cardea {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::uint64_t kClient = 1000;  // the client of peer 7 is association 1007

class Client final : public DataObserver {
  public:
    Client(SctpStack& stack, std::uint64_t peer) : channels{stack, {.sctp = {.id = AssociationId{kClient + peer}}, .even_streams = true}, *this, statistics} {}

    void on_data_up() override {}
    void on_channel_open(StreamId stream, const ChannelOptions& options) override { opened[stream] = options; }
    void on_channel_closed(StreamId stream) override { opened.erase(stream); }
    void on_message(StreamId stream, DataFormat format, Bytes message) override {
        const auto known = opened.find(stream);
        received.push_back((known == opened.end() ? std::to_string(stream) : known->second.label) + (format == DataFormat::text ? ": " : "# ") +
                           std::string{as_text(message)});
    }
    void on_data_down() override {}

    StreamId open(ChannelOptions options) { return *channels.open(std::move(options)); }
    void say(StreamId stream, std::string_view text) { channels.send(stream, DataFormat::text, as_bytes(text)); }
    [[nodiscard]] std::vector<std::string> labels() const {
        std::vector<std::string> list;
        for (const auto& [stream, options] : opened) list.push_back(options.label);
        return list;
    }

    std::map<StreamId, ChannelOptions> opened;  // by the gateway
    std::vector<std::string> received;
    DataStatistics statistics;
    DataChannels channels;
};

class DataRouterTest : public testing::Test, protected SctpOutput {
  protected:
    void send_sctp(AssociationId from, Bytes packet) override {
        const bool of_client = from.value >= kClient;
        flying_.push_back({AssociationId{of_client ? from.value - kClient : from.value + kClient}, {packet.begin(), packet.end()}});
    }
    // Everything that is under way arrives; a second passes.
    void settle() {
        for (int tick = 0; tick < 100; ++tick) {
            while (!flying_.empty()) {
                const auto flight = std::move(flying_.front());
                flying_.pop_front();
                if (flight.to.value >= kClient)
                    stack.on_packet(flight.to, flight.packet);
                else
                    router.on_packet(PeerId{flight.to.value}, flight.packet);
            }
            now += SctpStack::kTick;
            stack.on_timer(now);
        }
    }
    static SourceId source(std::uint64_t peer) { return SourceId{peer * 10}; }
    static SinkId sink(std::uint64_t peer) { return SinkId{peer * 10 + 1}; }
    Client& connect(std::uint64_t peer) {
        router.open({.id = PeerId{peer}, .source = source(peer), .sink = sink(peer)});
        return *clients.emplace(peer, std::make_unique<Client>(stack, peer)).first->second;
    }
    void leave(std::uint64_t peer) {
        router.close(PeerId{peer}, source(peer), sink(peer));
        clients.erase(peer);
    }
    void route(std::uint64_t from, std::uint64_t to, DataRouteOptions options = {}) { router.route(sink(to), source(from), std::move(options)); }

    struct Flight {
        AssociationId to;
        std::vector<std::uint8_t> packet;
    };
    Instant now = instant_of_ns(1'000'000'000);
    std::deque<Flight> flying_;
    SctpStack stack{*this};
    DataRouter router{stack};
    std::map<std::uint64_t, std::unique_ptr<Client>> clients;
};

TEST_F(DataRouterTest, EchoesOnTheChannelTheMessageCameOn) {
    auto& alice = connect(1);
    settle();
    route(1, 1);
    const auto first = alice.open({"first", "", {}});
    const auto second = alice.open({"second", "", {}});
    alice.say(first, "one");
    alice.say(second, "two");
    settle();
    EXPECT_THAT(alice.received, UnorderedElementsAre(std::to_string(first) + ": one", std::to_string(second) + ": two"));
    EXPECT_THAT(alice.opened, IsEmpty()) << "no channel of the gateway's own";
}

TEST_F(DataRouterTest, RelaysUnderTheLabelAndProtocolOfThePublisher) {
    auto& alice = connect(1);
    auto& bob = connect(2);
    route(1, 2);
    settle();
    const ChannelOptions options{"status", "talk", {false, 2, {}}};
    const auto stream = alice.open(options);
    settle();
    ASSERT_EQ(bob.opened.size(), 1U) << "at once, before any message";
    EXPECT_EQ(bob.opened.begin()->second, options);
    alice.say(stream, "hello");
    alice.channels.send(stream, DataFormat::binary, as_bytes("bytes"));
    alice.channels.send(stream, DataFormat::text, {});
    settle();
    EXPECT_THAT(bob.received, UnorderedElementsAre("status: hello", "status# bytes", "status: "));
    EXPECT_THAT(alice.received, IsEmpty());
}

TEST_F(DataRouterTest, OpensChannelsThatWereThereBeforeTheRoute) {
    auto& alice = connect(1);
    auto& bob = connect(2);
    settle();
    const auto stream = alice.open({"status", "", {}});
    settle();
    EXPECT_THAT(bob.labels(), IsEmpty());
    route(1, 2);
    settle();
    EXPECT_THAT(bob.labels(), ElementsAre("status"));
    alice.say(stream, "hello");
    settle();
    EXPECT_THAT(bob.received, ElementsAre("status: hello"));
}

TEST_F(DataRouterTest, ASubscriberThatComesUpLaterGetsTheChannels) {
    auto& alice = connect(1);
    settle();
    alice.open({"status", "", {}});
    settle();
    route(1, 2);  // the sink is known, its peer not up
    settle();
    auto& bob = connect(2);
    settle();
    EXPECT_THAT(bob.labels(), ElementsAre("status"));
}

TEST_F(DataRouterTest, OneConnectionTellsManyFeedsApartByLabel) {
    auto& viewer = connect(9);
    for (std::uint64_t peer = 1; peer <= 3; ++peer) {
        auto& publisher = connect(peer);
        route(peer, 9, {.label = std::to_string(peer * 100)});
        settle();
        const auto stream = publisher.open({"JanusDataChannel", "secret", {}});
        publisher.say(stream, "from " + std::to_string(peer));
    }
    settle();
    EXPECT_THAT(viewer.received, UnorderedElementsAre("100: from 1", "200: from 2", "300: from 3"));
    for (const auto& [stream, options] : viewer.opened) EXPECT_EQ(options.protocol, "") << "of the label's owner, not the publisher's";
}

TEST_F(DataRouterTest, AMessageReachesEveryReceiver) {
    auto& alice = connect(1);
    for (std::uint64_t peer = 2; peer < 12; ++peer) {
        connect(peer);
        route(1, peer);
    }
    settle();
    const auto stream = alice.open({"chat", "", {}});
    alice.say(stream, "all");
    settle();
    for (std::uint64_t peer = 2; peer < 12; ++peer) EXPECT_THAT(clients.at(peer)->received, ElementsAre("chat: all")) << peer;
    EXPECT_EQ(router.statistics().messages_in, 1U);
    EXPECT_EQ(router.statistics().messages_out, 10U);
}

TEST_F(DataRouterTest, ChannelsCloseWithTheirPublishers) {
    auto& alice = connect(1);
    auto& bob = connect(2);
    route(1, 2);
    settle();
    const auto first = alice.open({"first", "", {}});
    alice.open({"second", "", {}});
    settle();
    EXPECT_THAT(bob.labels(), UnorderedElementsAre("first", "second"));
    alice.channels.close(first);
    settle();
    EXPECT_THAT(bob.labels(), ElementsAre("second"));
    leave(1);
    settle();
    EXPECT_THAT(bob.labels(), IsEmpty());
}

TEST_F(DataRouterTest, ChannelsCloseWithTheRoute) {
    auto& alice = connect(1);
    auto& bob = connect(2);
    route(1, 2);
    settle();
    const auto stream = alice.open({"status", "", {}});
    settle();
    router.unroute(sink(2), source(1));
    settle();
    EXPECT_THAT(bob.labels(), IsEmpty());
    alice.say(stream, "nobody hears");
    settle();
    EXPECT_THAT(bob.received, IsEmpty());
    route(1, 2);
    alice.say(stream, "again");
    settle();
    EXPECT_THAT(bob.received, ElementsAre("status: again"));
}

TEST_F(DataRouterTest, AChangedLabelReplacesTheChannels) {
    auto& alice = connect(1);
    auto& bob = connect(2);
    route(1, 2);
    settle();
    alice.open({"status", "", {}});
    settle();
    route(1, 2, {.label = "42"});
    settle();
    EXPECT_THAT(bob.labels(), ElementsAre("42"));
    const auto kept = bob.opened.begin()->first;
    route(1, 2, {.label = "42"});
    settle();
    EXPECT_EQ(bob.opened.begin()->first, kept) << "the same options change nothing";
}

TEST_F(DataRouterTest, AChannelThatTheReceiverClosesStaysClosed) {
    auto& alice = connect(1);
    auto& bob = connect(2);
    route(1, 2);
    settle();
    const auto stream = alice.open({"status", "", {}});
    settle();
    const auto theirs = bob.opened.begin()->first;
    bob.channels.close(theirs);
    bob.opened.clear();
    settle();
    alice.say(stream, "not wanted");
    settle();
    EXPECT_THAT(bob.opened, IsEmpty());
    EXPECT_THAT(bob.received, IsEmpty());
    EXPECT_EQ(alice.channels.is_open(stream), true) << "the publisher is not concerned";
}

TEST_F(DataRouterTest, WhatAReceiverAnswersIsNobodysPublication) {
    auto& alice = connect(1);
    auto& bob = connect(2);
    route(1, 2);
    route(2, 1);
    settle();
    alice.open({"status", "", {}});
    settle();
    bob.say(bob.opened.begin()->first, "on the publisher's channel");
    settle();
    EXPECT_THAT(alice.received, IsEmpty());
    EXPECT_THAT(alice.opened, IsEmpty());
}

TEST_F(DataRouterTest, HoldsMessagesOfMutedSourcesAndForMutedSinks) {
    auto& alice = connect(1);
    auto& bob = connect(2);
    auto& carol = connect(3);
    route(1, 2);
    route(1, 3);
    settle();
    const auto stream = alice.open({"chat", "", {}});
    router.set_sink_active(sink(2), false);
    alice.say(stream, "not for bob");
    settle();
    router.set_sink_active(sink(2), true);
    router.set_source_active(source(1), false);
    alice.say(stream, "for nobody");
    settle();
    router.set_source_active(source(1), true);
    alice.say(stream, "for all");
    settle();
    EXPECT_THAT(bob.received, ElementsAre("chat: for all"));
    EXPECT_THAT(carol.received, ElementsAre("chat: not for bob", "chat: for all"));
}

TEST_F(DataRouterTest, WithoutAStreamLeftAMessageIsDroppedAndCounted) {
    auto& alice = connect(1);
    auto& bob = connect(2);
    settle();
    std::vector<StreamId> streams;
    while (const auto stream = alice.channels.open({"a", "", {}})) streams.push_back(*stream);
    settle();
    connect(3);
    route(1, 2);
    route(3, 2);
    settle();
    EXPECT_EQ(bob.opened.size(), streams.size());
    auto& carol = *clients.at(3);
    carol.say(carol.open({"one too many", "", {}}), "lost");
    settle();
    EXPECT_EQ(router.statistics().of(DataDrop::no_stream), 1U);
    // Room again when the publisher leaves.
    leave(1);
    settle();
    carol.say(0, "arrives");
    settle();
    EXPECT_THAT(bob.received, ElementsAre("one too many: arrives"));
}

TEST_F(DataRouterTest, RespectsTheLargestMessageOfAReceiver) {
    auto& alice = connect(1);
    router.open({.id = PeerId{2}, .source = source(2), .sink = sink(2), .max_message = 1000});
    auto& bob = *clients.emplace(2, std::make_unique<Client>(stack, 2)).first->second;
    route(1, 2);
    settle();
    const auto stream = alice.open({"chat", "", {}});
    alice.say(stream, std::string(1001, 'x'));
    alice.say(stream, std::string(1000, 'y'));
    settle();
    EXPECT_THAT(bob.received, ElementsAre("chat: " + std::string(1000, 'y')));
    EXPECT_EQ(router.statistics().of(DataDrop::too_large), 1U);
}

TEST_F(DataRouterTest, APeerThatLeavesTakesEverythingAlong) {
    connect(1);
    connect(2);
    route(1, 2);
    route(2, 1);
    route(1, 1);
    route(1, 5);  // never comes up
    settle();
    clients.at(1)->open({"a", "", {}});
    clients.at(2)->open({"b", "", {}});
    settle();
    leave(1);
    leave(2);
    router.close(PeerId{5}, source(5), sink(5));
    EXPECT_EQ(router.route_count(), 0U);
    EXPECT_TRUE(router.empty());
    EXPECT_EQ(router.statistics().associations, 0U);
    EXPECT_EQ(router.statistics().channels, 0U);
    EXPECT_EQ(stack.size(), 0U);
}

TEST_F(DataRouterTest, AnAssociationThatEndsLeavesThePeersRoutesInPlace) {
    auto& alice = connect(1);
    connect(2);
    route(1, 2);
    settle();
    alice.open({"status", "", {}});
    settle();
    clients.erase(2);  // aborts its SCTP; its peer connection lives on
    settle();
    EXPECT_EQ(router.route_count(), 1U);
    EXPECT_NE(router.find(PeerId{2}), nullptr);
    alice.say(0, "nobody there");
    settle();
    EXPECT_EQ(router.statistics().of(DataDrop::no_stream), 0U);
}

TEST_F(DataRouterTest, PacketsOfUnknownPeersMakeNothing) {
    const std::vector<std::uint8_t> packet(100, 1);
    router.on_packet(PeerId{77}, packet);
    EXPECT_TRUE(router.empty());
    EXPECT_EQ(router.statistics().of(DataDrop::no_peer), 1U);
}

TEST_F(DataRouterTest, WhatUsrsctpMustNotHaveIsCounted) {
    connect(1);
    settle();
    std::vector<std::uint8_t> init(36, 0);
    init[12] = 1;   // INIT
    init[15] = 24;  // with one parameter, of length 0
    router.on_packet(PeerId{1}, init);
    router.on_packet(PeerId{1}, Bytes{init}.first(15));
    EXPECT_EQ(router.statistics().of(DataDrop::malformed), 2U);
}

}  // namespace
}  // namespace cardea
