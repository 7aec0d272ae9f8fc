// Whom RTP is exchanged with, and on which ports: the engine with real workers and sockets on loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "cardea/abi.h"
#include "runtime/host_resolver.hpp"
#include "runtime/media_engine.hpp"
#include "runtime/udp_socket.hpp"

namespace cardea {
namespace {

constexpr auto kPatience = 10s;

class Nobody final : public PeerObserver {
  public:
    void on_webrtc_up(PeerId) override {}
    void on_hangup(PeerId, const std::string&, const std::string&) override {}
    void on_media(PeerId, const MediaStateEvent&) override {}
    void on_slow_link(PeerId, const SlowLinkEvent&) override {}
};

template <class Condition>
bool eventually(Condition&& condition) {
    for (const auto end = MonotonicClock::now() + kPatience; MonotonicClock::now() < end; std::this_thread::yield())
        if (condition()) return true;
    return false;
}

class RtpRoutesTest : public ::testing::Test {
  protected:
    // Other tests may run on this machine: the range begins where the kernel found a port free.
    void start(std::uint16_t ports = 4, std::size_t forwarders = 4) {
        const auto probe = UdpSocket::open(*SocketAddress::parse("127.0.0.1", 0));
        const auto low = std::min<std::uint16_t>(probe->local().port(), 65000);
        range.low = low;
        range.high = static_cast<std::uint16_t>(low + ports - 1);
        MediaOptions options;
        options.workers = 1;
        options.base_port = 0;
        options.addresses = {"127.0.0.1"};
        options.plain_rtp = {.ports = range, .address = {}, .allow = {*config::AddressPrefix::parse("127.0.0.0/8")}, .forwarders = forwarders};
        auto started = MediaEngine::start(std::move(options), nobody);
        ASSERT_TRUE(started) << started.error().detail;
        engine = std::move(*started);
    }
    Result<ForwardRoute> forward(std::string host, std::uint64_t id = 1) {
        ForwardWish wish{.config = {}, .host = std::move(host), .family = AddressFamily::any, .port = 5000, .rtcp_port = 0};
        wish.config.id = ForwarderId{id};
        wish.config.source = SourceId{1};
        return engine->forward(0, std::move(wish));
    }
    Result<RemotePorts> open_remote(std::uint64_t id, std::uint16_t port = 0, std::uint16_t rtcp_port = 0) {
        RemoteWish wish;
        wish.id = RemoteId{id};
        wish.port = port;
        wish.rtcp_port = rtcp_port;
        return engine->open_remote(0, std::move(wish));
    }
    Nobody nobody;
    PortRange range;
    std::unique_ptr<MediaEngine> engine;
};

TEST_F(RtpRoutesTest, ForwardsToWhomTheListAllowsOnly) {
    start();
    const auto route = forward("127.0.0.9");
    ASSERT_TRUE(route) << route.error().detail;
    EXPECT_EQ(route->local_port, engine->candidates(0).front().address.port());
    for (const auto* host : {"192.0.2.1", "10.0.0.1", "::1", "2001:db8::1", "255.255.255.255", "224.0.0.1"}) {
        const auto refused = forward(host, 2);
        ASSERT_FALSE(refused) << host;
        EXPECT_EQ(refused.error().detail, std::string{host} + " is not within remote.allow");
    }
}

TEST_F(RtpRoutesTest, ForwardsNoMoreStreamsThanAllowed) {
    start(4, 2);
    EXPECT_TRUE(forward("127.0.0.1", 1));
    EXPECT_TRUE(forward("127.0.0.1", 2));
    EXPECT_EQ(forward("127.0.0.1", 3).error().code, CARDEA_BUSY);
    engine->stop_forwarding(0, ForwarderId{1});
    EXPECT_TRUE(forward("127.0.0.1", 3));
}

TEST_F(RtpRoutesTest, ANameThatDoesNotResolveGivesItsPlaceBack) {
    start(4, 1);
    ASSERT_TRUE(forward("does-not-exist.invalid", 1)) << "known later";
    EXPECT_TRUE(eventually([&] { return forward("127.0.0.1", 2).has_value(); }));
}

TEST_F(RtpRoutesTest, AStoppedForwarderDoesNotBeginWhenItsNameIsKnown) {
    start(4, 1);
    ASSERT_TRUE(forward("localhost", 1));
    engine->stop_forwarding(0, ForwarderId{1});
    EXPECT_TRUE(forward("127.0.0.1", 2));
}

TEST_F(RtpRoutesTest, GivesAPairOfPortsOutOfTheRange) {
    start();
    const auto ports = open_remote(1);
    ASSERT_TRUE(ports) << ports.error().detail;
    EXPECT_EQ(ports->ip, "127.0.0.1");
    EXPECT_TRUE(range.contains(ports->port));
    EXPECT_TRUE(range.contains(ports->rtcp_port));
    EXPECT_NE(ports->port, ports->rtcp_port);
    EXPECT_EQ(open_remote(2, ports->port).error().code, CARDEA_INVALID) << "taken";
    const auto outside = open_remote(2, static_cast<std::uint16_t>(range.low - 1));
    ASSERT_FALSE(outside);
    EXPECT_THAT(outside.error().detail, testing::HasSubstr("is not one of remote.ports"));
}

TEST_F(RtpRoutesTest, SaysWhenTheRangeIsUsedUpAndTakesPortsBack) {
    start(2);
    const auto ports = open_remote(1);
    ASSERT_TRUE(ports) << ports.error().detail;
    EXPECT_EQ(open_remote(2).error().code, CARDEA_BUSY);
    engine->close_remote(0, RemoteId{1});
    EXPECT_TRUE(eventually([&] { return open_remote(3).has_value(); }));
}

TEST_F(RtpRoutesTest, ListensWhereItIsToldTo) {
    start();
    RemoteWish wish;
    wish.id = RemoteId{1};
    wish.address = "127.0.0.2";
    EXPECT_EQ(engine->open_remote(0, wish)->ip, "127.0.0.2");
    wish.id = RemoteId{2};
    wish.address = "lo";
    EXPECT_EQ(engine->open_remote(0, wish)->ip, "127.0.0.1");
    wish.address = "no such interface";
    EXPECT_EQ(engine->open_remote(0, wish).error().detail, "neither an address nor an interface: no such interface");
    wish.address.clear();
    wish.sender = SocketAddress::parse("192.0.2.1", 0);
    EXPECT_EQ(engine->open_remote(0, wish).error().detail, "192.0.2.1 is not within remote.allow");
}

TEST(HostResolver, KnowsLocalhostInTheFamilyAskedFor) {
    std::mutex mutex;
    std::condition_variable known;
    std::optional<std::vector<SocketAddress>> found;
    HostResolver resolver;
    ASSERT_TRUE(resolver.resolve("localhost", AddressFamily::ipv4, [&](const std::vector<SocketAddress>& addresses) {
        const std::lock_guard lock{mutex};
        found = addresses;
        known.notify_all();
    }));
    std::unique_lock lock{mutex};
    ASSERT_TRUE(known.wait_for(lock, kPatience, [&] { return found.has_value(); }));
    ASSERT_FALSE(found->empty());
    EXPECT_EQ(found->front(), *SocketAddress::parse("127.0.0.1", 0));
}

TEST(HostResolver, CallsNobodyOnceItIsGone) {
    bool called = false;
    for (int i = 0; i < 20; ++i) {
        HostResolver resolver;
        ASSERT_TRUE(resolver.resolve("localhost", AddressFamily::any, [&](const std::vector<SocketAddress>&) { called = true; }));
    }
    called = false;
    std::this_thread::yield();
    EXPECT_FALSE(called);
}

}  // namespace
}  // namespace cardea
