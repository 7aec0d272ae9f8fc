#include "runtime/placement.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "runtime/local_addresses.hpp"

namespace cardea {
namespace {

constexpr Instant kNow = Instant{} + 1h;
constexpr std::array<std::uint64_t, 2> kSilent{0, 0};

TEST(Placement, KeepsARoomTogetherAndSpreadsRooms) {
    Placement placement{2, 250'000};
    const auto first = placement.place("room a", 160, kSilent, kNow);
    EXPECT_EQ(placement.place("room a", 160, kSilent, kNow), first);
    const auto second = placement.place("room b", 160, kSilent, kNow);
    EXPECT_NE(second, first);
    EXPECT_EQ(placement.place("room c", 160, kSilent, kNow), second) << "one peer there, two on the other";
}

TEST(Placement, ForgetsARoomWithItsLastPeer) {
    Placement placement{2, 250'000};
    const auto first = placement.place("room a", 160, kSilent, kNow);
    static_cast<void>(placement.place("room b", 160, kSilent, kNow));
    placement.release("room a", first);
    placement.release("room a", first);  // once too often does no harm
    EXPECT_EQ(placement.place("room c", 160, kSilent, kNow + 6s), first);
}

TEST(Placement, GoesByWhatWorkersSendOncePeersAreOld) {
    Placement placement{2, 250'000};
    const std::array<std::uint64_t, 2> measured{9'000, 100};
    for (int room = 0; room < 20; ++room)
        EXPECT_EQ(placement.place("room " + std::to_string(room), 160, measured, kNow), 1U) << "3,200 packets at most against 9,000";
    EXPECT_EQ(placement.place("late", 160, measured, kNow + 4s), 1U);
    const std::array<std::uint64_t, 2> turned{100, 9'000};
    EXPECT_EQ(placement.place("later", 160, turned, kNow + 6s), 0U);
}

TEST(Placement, ARoomThatFillsItsWorkerTakesTheLeastLoadedBesides) {
    Placement placement{3, 1'000};
    const auto home = placement.place("room", 160, {}, kNow);
    std::vector<std::uint32_t> placed;
    for (int i = 0; i < 6; ++i) placed.push_back(placement.place("room", 160, {}, kNow));
    EXPECT_EQ(std::count(placed.begin(), placed.end(), home), 4) << "700 of 1,000 are reached with five";
    EXPECT_NE(placed[4], home);
    EXPECT_EQ(placed[5], placed[4]) << "that one is the room's own now";
}

TEST(Placement, WithEveryWorkerFullTheLeastLoadedHasToDo) {
    Placement placement{2, 1'000};
    const std::array<std::uint64_t, 2> full{2'000, 1'500};
    EXPECT_EQ(placement.place("room", 160, full, kNow), 1U);
    EXPECT_EQ(placement.place("room", 160, full, kNow), 1U);
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
