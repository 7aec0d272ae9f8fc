#include "relay.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <array>

#include "control.hpp"

namespace cardea::link {
namespace {

SocketAddress loopback() { return *SocketAddress::parse("127.0.0.1", 0); }

// Real sockets on loopback, where a datagram is there when sendto returns.
class RelayTest : public testing::Test {
  protected:
    RelayTest() {
        // The relay's own port has to be known: take a free one, let it go, and use it.
        listen_ = UdpSocket::bind(loopback())->local();
        EXPECT_TRUE(relay_.add({listen_, server_.local()}));
    }
    void turn() {
        for (const int fd : relay_.readable_fds()) relay_.receive(fd, MonotonicClock::now());
        relay_.deliver_due(MonotonicClock::now());
    }
    std::optional<UdpSocket::Received> arrives_at(const UdpSocket& socket) {
        turn();
        return socket.receive(buffer_);
    }

    UdpSocket server_ = *UdpSocket::bind(loopback());
    UdpSocket client_ = *UdpSocket::bind(loopback());
    Relay relay_{{}, {}, 1};
    SocketAddress listen_;
    std::array<std::uint8_t, 1500> buffer_{};
    const std::array<std::uint8_t, 3> hello_{0x80, 1, 2};
};

TEST_F(RelayTest, PassesBothWaysAndKeepsThePortOfAClient) {
    client_.send(hello_, listen_);
    const auto first = arrives_at(server_);
    ASSERT_TRUE(first);
    server_.send(hello_, first->from);
    const auto answer = arrives_at(client_);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->from, listen_);
    client_.send(hello_, listen_);
    EXPECT_EQ(arrives_at(server_)->from, first->from);
}

TEST_F(RelayTest, RebindShowsTheServerANewPortAndClosesTheOldOne) {
    client_.send(hello_, listen_);
    const auto old = arrives_at(server_)->from;
    EXPECT_TRUE(run_command(relay_, "rebind").json["ok"].boolean());
    server_.send(hello_, old);
    EXPECT_FALSE(arrives_at(client_));
    client_.send(hello_, listen_);
    EXPECT_NE(arrives_at(server_)->from.port(), old.port());
}

TEST_F(RelayTest, BlockedDirectionsPassNothing) {
    EXPECT_TRUE(run_command(relay_, "block up").json["ok"].boolean());
    client_.send(hello_, listen_);
    EXPECT_FALSE(arrives_at(server_));
    EXPECT_TRUE(run_command(relay_, "unblock both").json["ok"].boolean());
    client_.send(hello_, listen_);
    EXPECT_TRUE(arrives_at(server_));
    EXPECT_EQ(run_command(relay_, "stats").json["up"]["blocked"].integer(), 1);
}

TEST_F(RelayTest, RefusesCommandsItDoesNotKnow) {
    for (const auto* line : {"", "set", "set up", "set up loss", "set sideways loss 0.1", "set up loss 2", "stun up", "block"})
        EXPECT_FALSE(run_command(relay_, line).json["ok"].boolean(true)) << line;
    EXPECT_TRUE(run_command(relay_, "set both loss 0.1").json["ok"].boolean());
    EXPECT_EQ(relay_.down().settings().loss, 0.1);
}

}  // namespace
}  // namespace cardea::link
