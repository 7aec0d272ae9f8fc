#include "runtime/udp_socket.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <string>

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

INSTANTIATE_TEST_SUITE_P(Families, TwoSockets, ::testing::Values("127.0.0.1", "::1"),
                         [](const auto& family) { return family.index == 0 ? "IPv4" : "IPv6"; });

}  // namespace
}  // namespace cardea
