#include "proto/sdp/payload_table.hpp"

#include <set>

#include "unit/sdp/sdp_samples.hpp"

namespace cardea {
namespace {

TEST(PayloadTable, GivesTheConventionalNumbersAndTheSameOnesAgain) {
    PayloadTable table;
    const auto vp8 = table.numbers_of(default_payload_type(Codec::vp8)).value();
    EXPECT_EQ(vp8.number, 96);
    EXPECT_EQ(vp8.rtx, 97);
    EXPECT_EQ(table.numbers_of(default_payload_type(Codec::vp8)).value().number, 96);
    EXPECT_EQ(table.numbers_of(default_payload_type(Codec::opus)).value().number, 111);
    EXPECT_EQ(table.numbers_of(default_payload_type(Codec::pcmu)).value().number, 0);
    EXPECT_EQ(table.numbers_of(default_payload_type(Codec::av1)).value().rtx, 46);
}

TEST(PayloadTable, GivesAnotherFmtpAnotherNumber) {
    PayloadTable table;
    auto type = default_payload_type(Codec::h264);
    const auto first = table.numbers_of(type).value();
    type.fmtp = "packetization-mode=1;profile-level-id=64001f";
    const auto second = table.numbers_of(type).value();
    EXPECT_EQ(first.number, 102);
    EXPECT_EQ(std::set<int>({first.number, first.rtx, second.number, second.rtx}).size(), 4U);
}

TEST(PayloadTable, StaysAwayFromNumbersOfTheClient) {
    MediaDescription media;
    media.kind = MediaKind::video;
    media.formats = {{96, "H264", 90000, 1, "x", {}}, {120, "VP8", 90000, 1, "", {}}, {121, "rtx", 90000, 1, "apt=120", {}}};
    PayloadTable table;
    table.note(media);
    const auto vp8 = table.numbers_of(default_payload_type(Codec::vp8)).value();
    EXPECT_EQ(vp8.number, 120);
    EXPECT_EQ(vp8.rtx, 121);
}

TEST(PayloadTable, RunsOutInsteadOfHandingANumberOutTwice) {
    PayloadTable table;
    std::set<int> seen;
    auto type = default_payload_type(Codec::h264);
    for (int i = 0; i < 100; ++i) {
        type.fmtp = "variant=" + std::to_string(i);
        const auto numbers = table.numbers_of(type);
        if (!numbers) break;
        EXPECT_TRUE(seen.insert(numbers->number).second);
        EXPECT_TRUE(seen.insert(numbers->rtx).second);
        EXPECT_TRUE(numbers->number < 64 || numbers->number > 95);
    }
    EXPECT_GT(seen.size(), 30U);
    EXPECT_FALSE(table.numbers_of(type));
}

TEST(ExtensionTable, KeepsOneIdForOneUri) {
    ExtensionTable table;
    MediaDescription media;
    media.extensions = {{4, "urn:other", {}}, {7, "urn:mid", {}}};
    table.note(media);
    EXPECT_EQ(table.id_of("urn:mid", 4), 7);
    EXPECT_EQ(table.id_of("urn:new", 4), 1);
    EXPECT_EQ(table.id_of("urn:new", 4), 1);
    for (int i = 0; i < 11; ++i) EXPECT_TRUE(table.id_of("urn:" + std::to_string(i), 1));
    EXPECT_FALSE(table.id_of("urn:full", 1));
}

}  // namespace
}  // namespace cardea
