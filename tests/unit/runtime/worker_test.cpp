// One worker with a real socket on loopback: what waits for it when it wakes, and in which order it is taken.
#include "runtime/worker.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "proto/dtls/dtls_context.hpp"
#include "unit/peer/stun_request.hpp"

namespace cardea {
namespace {

constexpr std::size_t kLaneBytes = 64 * 1024;

class Nobody final : public PeerObserver {
    void on_webrtc_up(PeerId) override {}
    void on_hangup(PeerId, const std::string&, const std::string&) override {}
    void on_media(PeerId, const MediaStateEvent&) override {}
    void on_slow_link(PeerId, const SlowLinkEvent&) override {}
};

// A client sends its first check as soon as it is told of its peer connection, and the next one 50 ms later.
TEST(Worker, AFirstCheckThatWaitsBesideItsPeerIsAnswered) {
    auto socket = UdpSocket::open(*SocketAddress::parse("127.0.0.1", 0));
    ASSERT_TRUE(socket) << socket.error().detail;
    const auto gateway = socket->local();
    std::vector<UdpSocket> sockets;
    sockets.push_back(std::move(*socket));
    Nobody nobody;
    DtlsContext dtls{DtlsCertificate::generate(wall_now())};
    PacketLane data{kLaneBytes};
    MirrorLane mirrored{kLaneBytes};
    Worker worker{0, {}, dtls, nobody, std::move(sockets), data, mirrored};

    PeerConfig config;
    config.id = PeerId{1};
    config.local = {"gate", "passwordpasswordpassword"};
    config.remote = {"clnt", "clientpasswordclientpass"};
    worker.post([config](PeerHub& hub, Instant now) { hub.open(now, config); });
    const int client = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const timeval patience{10, 0};
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    const auto check = test::binding_request({config.local.ufrag, config.remote.ufrag, config.local.pwd});
    const auto raw = gateway.raw();
    sendto(client, check.data(), check.size(), 0, static_cast<const sockaddr*>(static_cast<const void*>(&raw)), gateway.raw_size());

    worker.start();  // both are there when it first looks
    std::array<std::uint8_t, 1500> reply{};
    const auto size = recv(client, reply.data(), reply.size(), 0);
    close(client);
    worker.stop();
    ASSERT_GT(size, 20);
    EXPECT_EQ(reply[0], 0x01);  // RFC 8489 section 5: a success response is 0x0101
    EXPECT_EQ(reply[1], 0x01);
}

}  // namespace
}  // namespace cardea
