#include "recording/packet_ring.hpp"

#include <gmock/gmock.h>

#include <thread>
#include <vector>

namespace cardea {
namespace {

struct Taken {
    std::uint16_t sequence;
    std::size_t size;
    std::uint8_t fill;
};

std::vector<Taken> drain(PacketRing& ring) {
    std::vector<Taken> out;
    ring.drain([&](const RecordedPacket& packet, Bytes payload) {
        out.push_back({packet.sequence, payload.size(), payload.empty() ? std::uint8_t{0} : payload.back()});
    });
    return out;
}

bool push(PacketRing& ring, std::uint16_t sequence, std::size_t size) {
    const std::vector<std::uint8_t> payload(size, static_cast<std::uint8_t>(sequence));
    return ring.push({.track = 1, .sequence = sequence}, payload);
}

TEST(PacketRing, GivesBackWhatWasPushedInOrder) {
    PacketRing ring{4096};
    EXPECT_TRUE(push(ring, 1, 100));
    EXPECT_TRUE(push(ring, 2, 0));
    EXPECT_TRUE(push(ring, 3, 1));
    const auto taken = drain(ring);
    ASSERT_EQ(taken.size(), 3U);
    EXPECT_EQ(taken[0].size, 100U);
    EXPECT_EQ(taken[0].fill, 1);
    EXPECT_EQ(taken[1].size, 0U);
    EXPECT_EQ(taken[2].sequence, 3);
    EXPECT_TRUE(drain(ring).empty());
}

TEST(PacketRing, RefusesWhenFullAndTakesAgainOnceDrained) {
    PacketRing ring{4096};
    std::uint16_t taken = 0;
    while (push(ring, taken, 500)) ++taken;
    EXPECT_GE(taken, 6);
    EXPECT_FALSE(push(ring, 99, 500));
    EXPECT_EQ(drain(ring).size(), taken);
    EXPECT_TRUE(push(ring, 100, 500));
    EXPECT_EQ(drain(ring).front().sequence, 100);
}

TEST(PacketRing, AnEntryThatDoesNotFitBeforeTheEndGoesToTheBeginning) {
    PacketRing ring{1024};
    for (std::uint16_t round = 0; round < 200; ++round) {
        const std::size_t size = 100 + round % 77U;
        ASSERT_TRUE(push(ring, round, size)) << round;
        const auto taken = drain(ring);
        ASSERT_EQ(taken.size(), 1U);
        EXPECT_EQ(taken[0].sequence, round);
        EXPECT_EQ(taken[0].size, size);
        EXPECT_EQ(taken[0].fill, static_cast<std::uint8_t>(round));
    }
}

TEST(PacketRing, OneThreadWritesWhileAnotherReads) {
    PacketRing ring{16'384};
    constexpr std::uint16_t kPackets = 20'000;
    std::thread writer{[&] {
        for (std::uint16_t i = 0; i < kPackets; ++i)
            while (!push(ring, i, i % 700U)) std::this_thread::yield();
    }};
    std::uint16_t next = 0;
    while (next < kPackets) {
        for (const auto& each : drain(ring)) {
            EXPECT_EQ(each.sequence, next);
            EXPECT_EQ(each.size, next % 700U);
            ++next;
        }
    }
    writer.join();
}

}  // namespace
}  // namespace cardea
