#include "runtime/udp_socket.hpp"

#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <thread>

namespace cardea {
namespace {

class TwoSockets : public ::testing::TestWithParam<const char*> {
  protected:
    UdpSocket open() { return std::move(*UdpSocket::open(*SocketAddress::parse(GetParam(), 0))); }

    // Everything that arrives until `count` datagrams are there.
    std::vector<std::string> receive(std::size_t count) {
        std::vector<std::string> texts;
        std::vector<UdpSocket::Received> got;
        while (texts.size() < count) {
            pollfd wait{to.fd(), POLLIN, 0};
            if (poll(&wait, 1, 5000) != 1) break;
            to.receive(slots, MonotonicClock::now(), got, drops);
            for (const auto& [packet, from_address] : got) {
                EXPECT_EQ(from_address, from.local());
                texts.emplace_back(as_text(packet->bytes()));
            }
        }
        return texts;
    }
    void send(const std::vector<std::string>& texts, SendClass send_class) {
        std::vector<DatagramOutput::Datagram> datagrams;
        for (const auto& text : texts) datagrams.push_back({&path, as_bytes(text), send_class});
        from.send(datagrams, drops);
    }

    PacketPool pool{1024};
    ReceiveSlots slots{pool};
    DropCounters drops;
    UdpSocket from = open();
    UdpSocket to = open();
    Path path{0, to.local()};
};

// This thread's from now on: nothing but a loopback device, of the smallest MTU that IPv6 allows. 0, or an errno.
int enter_network_with_small_mtu() {
    if (unshare(CLONE_NEWNET) != 0) return errno;
    const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq device{};
    std::strncpy(device.ifr_name, "lo", IFNAMSIZ - 1);
    device.ifr_mtu = 1280;
    int failed = ioctl(control, SIOCSIFMTU, &device) != 0 ? errno : 0;
    device.ifr_flags = IFF_UP;
    if (failed == 0 && ioctl(control, SIOCSIFFLAGS, &device) != 0) failed = errno;
    close(control);
    return failed;
}

std::string datagram(std::size_t size, char letter) { return std::string(size, letter); }

TEST_P(TwoSockets, TrainsArriveAsTheDatagramsTheyWereMadeOf) {
    const std::vector<std::string> sent{datagram(1200, 'a'), datagram(1200, 'b'), datagram(700, 'c'),   // a train with a short end
                                        datagram(900, 'd'),  datagram(901, 'e'),  datagram(901, 'f'),   // breaks where one is larger
                                        datagram(50, 'g'),   datagram(1, 'h')};
    send(sent, SendClass::video);
    EXPECT_EQ(receive(sent.size()), sent);
    for (const auto count : drops.by_reason) EXPECT_EQ(count, 0U);
}

TEST_P(TwoSockets, MoreThanOneSystemCallTakes) {
    std::vector<std::string> sent;
    for (int i = 0; i < 700; ++i) sent.push_back(datagram(static_cast<std::size_t>(100 + i % 7), static_cast<char>('a' + i % 26)));
    send(sent, SendClass::video);
    EXPECT_EQ(receive(sent.size()), sent);
}

TEST_P(TwoSockets, ALongRowIsManyTrains) {
    const std::vector<std::string> sent(200, datagram(1300, 'x'));
    send(sent, SendClass::video);
    EXPECT_EQ(receive(sent.size()), sent);
}

TEST_P(TwoSockets, AudioGoesOneByOne) {
    const std::vector<std::string> sent{"one", "two", "six"};
    send(sent, SendClass::audio);
    EXPECT_EQ(receive(sent.size()), sent);
}

TEST_P(TwoSockets, AnAddressThatCannotBeReachedIsCountedAndTheRestGoesOn) {
    const bool v6 = to.local().is_v6();
    const Path nowhere{0, *SocketAddress::parse(v6 ? "192.0.2.1" : "2001:db8::1", 9)};  // of the other family: the socket refuses
    const std::string text = "x";
    const std::vector<DatagramOutput::Datagram> datagrams{{&path, as_bytes(text), SendClass::video},
                                                          {&nowhere, as_bytes(text), SendClass::video},
                                                          {&nowhere, as_bytes(text), SendClass::video},
                                                          {&path, as_bytes(text), SendClass::video}};
    from.send(datagrams, drops);
    EXPECT_EQ(receive(2).size(), 2U);
    EXPECT_EQ(drops.of(Drop::send_error), 2U);
}

// RFC 768 without a checksum is what the kernel makes no trains of, as of a device that cannot compute them.
TEST_P(TwoSockets, WhereTrainsAreRefusedDatagramsLeaveOneByOne) {
    const int on = 1;
    if (to.local().is_v6()) {
        ASSERT_EQ(setsockopt(from.fd(), SOL_UDP, UDP_NO_CHECK6_TX, &on, sizeof(on)), 0);
        ASSERT_EQ(setsockopt(to.fd(), SOL_UDP, UDP_NO_CHECK6_RX, &on, sizeof(on)), 0);
    } else {
        ASSERT_EQ(setsockopt(from.fd(), SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on)), 0);
    }
    for (int i = 0; i < 100; ++i) {
        const std::vector<std::string> sent{datagram(1000, 'a'), datagram(1000, 'b'), datagram(1000, 'c')};
        send(sent, SendClass::video);
        ASSERT_EQ(receive(sent.size()), sent) << i;
    }
    for (const auto count : drops.by_reason) EXPECT_EQ(count, 0U);
}

TEST_P(TwoSockets, APathOfSmallMtuGetsItsVideo) {
    int failed = 0;
    std::thread{[&] {
        failed = enter_network_with_small_mtu();
        if (failed != 0) return;
        auto sender = open();
        PacketPool packets{64};
        ReceiveSlots room{packets};
        auto receiver = open();
        const Path way{0, receiver.local()};
        const std::vector<std::string> sent{datagram(1400, 'a'), datagram(1400, 'b'), datagram(300, 'c')};
        std::vector<DatagramOutput::Datagram> datagrams;
        for (const auto& text : sent) datagrams.push_back({&way, as_bytes(text), SendClass::video});
        sender.send(datagrams, drops);
        std::vector<std::string> texts;
        std::vector<UdpSocket::Received> got;
        for (pollfd wait{receiver.fd(), POLLIN, 0}; texts.size() < sent.size() && poll(&wait, 1, 5000) == 1;) {
            receiver.receive(room, MonotonicClock::now(), got, drops);
            for (const auto& each : got) texts.emplace_back(as_text(each.packet->bytes()));
        }
        EXPECT_EQ(texts, sent);
    }}.join();
    if (failed == EPERM) GTEST_SKIP() << "needs the right to make a network namespace";
    ASSERT_EQ(failed, 0);
    for (const auto count : drops.by_reason) EXPECT_EQ(count, 0U);
}

INSTANTIATE_TEST_SUITE_P(Families, TwoSockets, ::testing::Values("127.0.0.1", "::1"),
                         [](const auto& family) { return family.index == 0 ? "IPv4" : "IPv6"; });

}  // namespace
}  // namespace cardea
