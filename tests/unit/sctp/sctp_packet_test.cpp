#include "proto/sctp/sctp_packet.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace cardea {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets packet(const Octets& chunks) {
    Octets all(12, 0);
    all.insert(all.end(), chunks.begin(), chunks.end());
    return all;
}

// INIT with the fixed part and these parameters.
Octets init(const Octets& parameters, std::uint8_t type = 1) {
    Octets chunk{type, 0, 0, static_cast<std::uint8_t>(20 + parameters.size())};
    chunk.resize(20, 0x11);
    chunk.insert(chunk.end(), parameters.begin(), parameters.end());
    return chunk;
}

TEST(SctpPacket, TakesWhatCanBeWalked) {
    EXPECT_TRUE(has_sound_parameters({}));
    EXPECT_TRUE(has_sound_parameters(packet({})));
    EXPECT_TRUE(has_sound_parameters(packet(init({}))));
    EXPECT_TRUE(has_sound_parameters(packet(init({0xc0, 0, 0, 4, 0x80, 8, 0, 7, 1, 2, 3, 0}))));
    EXPECT_TRUE(has_sound_parameters(packet({0, 3, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}))) << "DATA has none";
    EXPECT_TRUE(has_sound_parameters(packet({6, 0, 0, 4}))) << "ABORT without a cause";
    EXPECT_TRUE(has_sound_parameters(packet(init({0xc0, 0, 0xff, 0xff})))) << "too long is seen by usrsctp itself";
}

TEST(SctpPacket, RefusesALengthThatLeadsNowhere) {
    for (const auto length : std::array<std::uint8_t, 4>{0, 1, 2, 3}) {
        EXPECT_FALSE(has_sound_parameters(packet(init({0, 0, 0, length}))));
        EXPECT_FALSE(has_sound_parameters(packet(init({0xc0, 0, 0, 4, 0, 5, 0, length}))));
        EXPECT_FALSE(has_sound_parameters(packet(init({0, 0, 0, length}, 2))));
        EXPECT_FALSE(has_sound_parameters(packet({9, 0, 0, 8, 0, 1, 0, length})));
        EXPECT_FALSE(has_sound_parameters(packet({0x82, 0, 0, 8, 0, 13, 0, length})));
        EXPECT_FALSE(has_sound_parameters(packet({0xc1, 0, 0, 12, 0, 0, 0, 1, 0, 1, 0, length})));
    }
    auto second = packet({10, 0, 0, 6, 1, 2, 0, 0});
    const auto bad = init({0, 0, 0, 0});
    second.insert(second.end(), bad.begin(), bad.end());
    EXPECT_FALSE(has_sound_parameters(second)) << "in a later chunk too";
}

TEST(SctpPacket, NoTruncationReadsPastTheEnd) {
    const auto whole = packet(init({0xc0, 0, 0, 4, 0x80, 8, 0, 7, 1, 2, 3, 0}));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Octets cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_TRUE(has_sound_parameters(cut)) << size;
    }
}

}  // namespace
}  // namespace cardea
