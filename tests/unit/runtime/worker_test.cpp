// One worker with a real socket on loopback: what waits for it when it wakes, and in which order it is taken.
#include "runtime/worker.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

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

class WorkerOnLoopback : public testing::Test {
  protected:
    WorkerOnLoopback() {
        std::vector<UdpSocket> sockets;
        for (auto& address : gateway_) {
            sockets.push_back(std::move(*UdpSocket::open(*SocketAddress::parse("127.0.0.1", 0))));
            address = sockets.back().local();
        }
        const timeval patience{10, 0};
        setsockopt(client_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        worker.emplace(0U, HubOptions{}, dtls_, nobody_, std::move(sockets), data_, mirrored_);
    }
    ~WorkerOnLoopback() override {
        worker->stop();
        close(client_);
    }
    void send(Bytes datagram, std::size_t socket = 0) {
        const auto raw = gateway_[socket].raw();
        sendto(client_, datagram.data(), datagram.size(), 0, static_cast<const sockaddr*>(static_cast<const void*>(&raw)), gateway_[socket].raw_size());
    }
    [[nodiscard]] std::vector<std::uint8_t> receive() {
        std::vector<std::uint8_t> reply(1500);
        reply.resize(static_cast<std::size_t>(std::max<ssize_t>(recv(client_, reply.data(), reply.size(), 0), 0)));
        return reply;
    }
    // What the worker's thread answers.
    template <class Ask>
    [[nodiscard]] auto ask(Ask question) {
        const auto answer = std::make_shared<std::promise<decltype(question(std::declval<PeerHub&>()))>>();
        worker->post([answer, question](PeerHub& hub, Instant) { answer->set_value(question(hub)); });
        return answer->get_future().get();
    }
    // Something that takes the worker so long; meanwhile a datagram comes to its first socket, and in the end one to the second.
    void keep_busy_for(std::chrono::milliseconds time) {
        const auto begun = std::make_shared<std::promise<void>>();
        std::promise<void> over;
        worker->post([begun, until = over.get_future().share()](PeerHub&, Instant) {
            begun->set_value();
            until.wait();
        });
        begun->get_future().wait();
        send(kNothing);
        std::this_thread::sleep_for(time);
        send(kNothing, 1);
        over.set_value();
    }

    static constexpr std::array<std::uint8_t, 1> kNothing{0xff};
    std::optional<Worker> worker;

  private:
    std::array<SocketAddress, 2> gateway_;
    int client_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    Nobody nobody_;
    DtlsContext dtls_{DtlsCertificate::generate(wall_now())};
    PacketLane data_{kLaneBytes};
    MirrorLane mirrored_{kLaneBytes};
};

// A client sends its first check as soon as it is told of its peer connection, and the next one 50 ms later.
TEST_F(WorkerOnLoopback, AFirstCheckThatWaitsBesideItsPeerIsAnswered) {
    PeerConfig config;
    config.id = PeerId{1};
    config.local = {"gate", "passwordpasswordpassword"};
    config.remote = {"clnt", "clientpasswordclientpass"};
    worker->post([config](PeerHub& hub, Instant now) { hub.open(now, config); });
    send(test::binding_request({config.local.ufrag, config.remote.ufrag, config.local.pwd}));
    worker->start();  // both are there when it first looks
    const auto reply = receive();
    ASSERT_GT(reply.size(), 20U);
    EXPECT_EQ(reply[0], 0x01);  // RFC 8489 section 5: a success response is 0x0101
    EXPECT_EQ(reply[1], 0x01);
}

// The second socket, of which nothing ever waits long, does not hide that the first is behind.
TEST_F(WorkerOnLoopback, ItIsLateWhenWhatItFindsHasWaitedForLong) {
    worker->start();
    for (int i = 0; i < 50 && !ask([](PeerHub& hub) { return hub.shedding().is_base_only(); }); ++i) keep_busy_for(25ms);
    EXPECT_TRUE(ask([](PeerHub& hub) { return hub.shedding().is_base_only(); }));
}

TEST_F(WorkerOnLoopback, ItIsNotLateWhenItIsThereForEveryDatagram) {
    worker->start();
    for (const auto end = MonotonicClock::now() + 3 * VideoShedding::kWindow; MonotonicClock::now() < end;) keep_busy_for(0ms);
    EXPECT_FALSE(ask([](PeerHub& hub) { return hub.shedding().is_base_only(); }));
}

}  // namespace
}  // namespace cardea
