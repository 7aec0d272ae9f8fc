#include "runtime/placement.hpp"

#include <gtest/gtest.h>

#include "runtime/local_addresses.hpp"

namespace cardea {
namespace {

TEST(Placement, KeepsARoomTogetherAndSpreadsRooms) {
    Placement placement{2};
    const auto first = placement.place("room a");
    EXPECT_EQ(placement.place("room a"), first);
    const auto second = placement.place("room b");
    EXPECT_NE(second, first);
    EXPECT_EQ(placement.place("room c"), second) << "one peer there, two on the other";
}

TEST(Placement, ForgetsARoomWithItsLastPeer) {
    Placement placement{2};
    const auto first = placement.place("room a");
    static_cast<void>(placement.place("room b"));
    placement.release("room a");
    placement.release("room a");  // once too often does no harm
    EXPECT_EQ(placement.place("room c"), first);
}

TEST(AnnouncedFor, MapsAddressAndPort) {
    const auto local = *SocketAddress::parse("127.0.0.1", 10001);
    const std::vector<AnnounceRule> rules{{*SocketAddress::parse("127.0.0.1", 10000), {*SocketAddress::parse("127.0.0.1", 40000)}},
                                          {*SocketAddress::parse("127.0.0.1", 10001), {*SocketAddress::parse("198.51.100.1", 40001)}}};
    EXPECT_EQ(announced_for(local, rules), std::vector{*SocketAddress::parse("198.51.100.1", 40001)});
}

TEST(AnnouncedFor, KeepsThePortWhereTheRuleNamesNone) {
    const auto local = *SocketAddress::parse("10.0.0.5", 10001);
    const std::vector<AnnounceRule> rules{
        {*SocketAddress::parse("10.0.0.5", 0), {*SocketAddress::parse("198.51.100.1", 0), *SocketAddress::parse("2001:db8::1", 0)}}};
    EXPECT_EQ(announced_for(local, rules),
              (std::vector{*SocketAddress::parse("198.51.100.1", 10001), *SocketAddress::parse("2001:db8::1", 10001)}));
    const auto other = *SocketAddress::parse("10.0.0.6", 10001);
    EXPECT_EQ(announced_for(other, rules), std::vector{other});
}

TEST(ListenAddresses, RefusesNames) {
    EXPECT_FALSE(listen_addresses({"example.org"}).has_value());
    EXPECT_EQ(*listen_addresses({"::1"}), std::vector{*SocketAddress::parse("::1", 0)});
}

}  // namespace
}  // namespace cardea
