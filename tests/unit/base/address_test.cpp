#include "base/address.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>

namespace cardea {
namespace {

SocketAddress at(std::string_view ip, std::uint16_t port = 0) { return SocketAddress::parse(ip, port).value(); }

TEST(SocketAddress, ParsesNumericAddressesOnly) {
    EXPECT_EQ(at("192.0.2.1", 5000).to_text(), "192.0.2.1:5000");
    EXPECT_EQ(at("2001:DB8::1", 5000).to_text(), "[2001:db8::1]:5000");
    EXPECT_EQ(at("[::1]", 1), at("::1", 1));
    for (const auto* text : {"", "[", "[]", "example.org", "192.0.2", "192.0.2.1:80", "192.0.2.256", "fe80::1%eth0", "1.2.3.4 "})
        EXPECT_FALSE(SocketAddress::parse(text, 1)) << text;
}

TEST(SocketAddress, SurvivesTheWayThroughTheSystemsStruct) {
    for (const auto* ip : {"192.0.2.1", "2001:db8::1"}) EXPECT_EQ(SocketAddress::from(at(ip, 5000).raw()), at(ip, 5000));
    EXPECT_EQ(at("192.0.2.1").raw_size(), sizeof(sockaddr_in));
    EXPECT_EQ(at("::1").raw_size(), sizeof(sockaddr_in6));
    EXPECT_FALSE(SocketAddress::from({}).is_set());
    EXPECT_EQ(SocketAddress{}.ip(), "");
}

TEST(SocketAddress, KnowsTheKindsByTheirBorders) {
    for (const auto* ip : {"127.0.0.1", "127.255.255.255", "::1"}) EXPECT_TRUE(at(ip).is_loopback()) << ip;
    for (const auto* ip : {"128.0.0.1", "::2", "::"}) EXPECT_FALSE(at(ip).is_loopback()) << ip;
    for (const auto* ip : {"169.254.0.1", "fe80::1", "febf::1"}) EXPECT_TRUE(at(ip).is_link_local()) << ip;
    for (const auto* ip : {"169.255.0.1", "fec0::1"}) EXPECT_FALSE(at(ip).is_link_local()) << ip;
    for (const auto* ip : {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1", "100.127.255.255", "fc00::1", "fdff::1"})
        EXPECT_TRUE(at(ip).is_private()) << ip;
    for (const auto* ip : {"11.0.0.1", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.63.0.1", "100.128.0.1", "fe00::1", "2001:db8::1"})
        EXPECT_FALSE(at(ip).is_private()) << ip;
    for (const auto* ip : {"0.0.0.0", "::"}) EXPECT_TRUE(at(ip).is_wildcard()) << ip;
    EXPECT_FALSE(at("0.0.0.1").is_wildcard());
}

TEST(SocketAddress, DiffersByPortFamilyAndAddress) {
    EXPECT_NE(at("192.0.2.1", 1), at("192.0.2.1", 2));
    EXPECT_NE(at("0.0.0.0"), at("::"));
    EXPECT_EQ(at("192.0.2.1", 1).with_port(2), at("192.0.2.1", 2));
    EXPECT_EQ(at("192.0.2.1", 1).hash(), at("192.0.2.1", 1).hash());
}

}  // namespace
}  // namespace cardea
