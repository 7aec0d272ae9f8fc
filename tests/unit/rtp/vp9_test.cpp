#include "proto/rtp/codec/vp9_descriptor.hpp"
#include "proto/rtp/codec/vp9_rewriter.hpp"
#include "unit/rtp/hex.hpp"

namespace cardea {
namespace {

using test::copy_of;
using test::hex;

constexpr SourceEpoch kFirst{1};
constexpr SourceEpoch kSecond{2};

TEST(Vp9Descriptor, ReadsTheNonFlexibleForm) {
    // I L B E Z, picture id of 15 bits, temporal 2, U, spatial 1, D, TL0PICIDX
    const auto descriptor = parse_vp9_descriptor(hex("ad 9234 53 77 00")).value();
    EXPECT_EQ(descriptor.size, 5U);
    EXPECT_TRUE(descriptor.begins_frame && descriptor.ends_frame && descriptor.unused_by_upper_layers);
    EXPECT_FALSE(descriptor.is_predicted || descriptor.flexible);
    EXPECT_EQ(descriptor.picture_id, 0x1234);
    EXPECT_EQ(descriptor.temporal_layer, 2);
    EXPECT_TRUE(descriptor.switching_up_point);
    EXPECT_EQ(descriptor.spatial_layer, 1);
    EXPECT_TRUE(descriptor.uses_lower_layer);
    EXPECT_EQ(descriptor.tl0_index, 0x77);
    EXPECT_FALSE(descriptor.begins_picture());
}

TEST(Vp9Descriptor, ReadsReferencesAndTheScalabilityStructure) {
    // I P F B V: two references; three layers with sizes, and two pictures of the group with one reference each.
    const auto descriptor = parse_vp9_descriptor(hex("da 05 03 04 58 0140 00b4 0280 0168 0500 02d0 02 04 01 04 02 99")).value();
    EXPECT_EQ(descriptor.size, 22U);
    EXPECT_TRUE(descriptor.flexible && descriptor.is_predicted);
    EXPECT_EQ(descriptor.spatial_layers, 3);
    EXPECT_EQ(descriptor.largest, (PictureSize{1280, 720}));
    EXPECT_FALSE(descriptor.begins_keyframe());
}

TEST(Vp9Descriptor, AKeyframeBeginsTheLowestLayerAndIsNotPredicted) {
    EXPECT_TRUE(parse_vp9_descriptor(hex("a8 01 00 05 00"))->begins_keyframe());
    EXPECT_FALSE(parse_vp9_descriptor(hex("a8 01 03 05 00"))->begins_keyframe());  // spatial layer 1 of it
    EXPECT_FALSE(parse_vp9_descriptor(hex("e8 01 00 05 00"))->begins_keyframe());
    EXPECT_FALSE(parse_vp9_descriptor(hex("a0 01 00 05 00"))->begins_keyframe());
}

TEST(Vp9Descriptor, EveryTruncationIsRefused) {
    for (const auto& whole : {hex("ad 9234 53 77 00"), hex("da 05 03 04 58 0140 00b4 0280 0168 0500 02d0 02 04 01 04 02 99")})
        for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse_vp9_descriptor(copy_of(Bytes{whole}.first(size)))) << size;
}

TEST(Vp9Descriptor, ThreeReferencesAreTheMost) {
    EXPECT_TRUE(parse_vp9_descriptor(hex("d8 05 03 05 06 00")));
    EXPECT_FALSE(parse_vp9_descriptor(hex("d8 05 03 05 07 09 00")));
}

struct Seen {
    int id;
    int tl0;
    friend bool operator==(const Seen&, const Seen&) = default;
};

std::vector<std::uint8_t> picture(std::uint16_t id, std::uint8_t tl0) {
    return {0xa8, static_cast<std::uint8_t>(0x80U | id >> 8U), static_cast<std::uint8_t>(id), 0x00, tl0, 0x11};
}

Seen rewritten(Vp9Rewriter& rewriter, SourceEpoch epoch, std::vector<std::uint8_t> payload) {
    EXPECT_TRUE(rewriter.rewrite(epoch, parse_vp9_descriptor(payload).value(), MutableBytes{payload}.first(Vp9Rewriter::kPrefix)));
    const auto after = parse_vp9_descriptor(payload).value();
    return {after.picture_id.value(), after.tl0_index.value()};
}

TEST(Vp9Rewriter, ContinuesOverASwitchAndKeepsTheGapsOfLayersLeftOut) {
    Vp9Rewriter rewriter;
    const auto first = rewritten(rewriter, kFirst, picture(500, 70));
    EXPECT_EQ(rewritten(rewriter, kFirst, picture(504, 71)), (Seen{first.id + 4, first.tl0 + 1}));
    EXPECT_EQ(rewritten(rewriter, kSecond, picture(20000, 3)), (Seen{first.id + 5, first.tl0 + 2}));
    EXPECT_EQ(rewritten(rewriter, kSecond, picture(20001, 3)), (Seen{first.id + 6, first.tl0 + 2}));
}

TEST(Vp9Rewriter, RetransmissionsKeepTheNumberTheyHadBeforeASwitch) {
    Vp9Rewriter rewriter;
    const auto first = rewritten(rewriter, kFirst, picture(500, 70));
    static_cast<void>(rewritten(rewriter, kSecond, picture(9, 9)));
    EXPECT_EQ(rewritten(rewriter, kFirst, picture(500, 70)), first);
}

TEST(Vp9Rewriter, SurvivesTheWrapOfBothNumbers) {
    Vp9Rewriter rewriter;
    const auto first = rewritten(rewriter, kFirst, picture(0x7fff, 255));
    EXPECT_EQ(rewritten(rewriter, kFirst, picture(0, 0)), (Seen{first.id + 1, first.tl0 + 1}));
    EXPECT_EQ(rewritten(rewriter, kSecond, picture(0x7000, 99)), (Seen{first.id + 2, first.tl0 + 2}));
}

TEST(Vp9Rewriter, DoesNotGuessTheNumbersOfAForgottenEpoch) {
    Vp9Rewriter rewriter;
    for (std::uint32_t epoch = 1; epoch <= 20; ++epoch) static_cast<void>(rewritten(rewriter, SourceEpoch{epoch}, picture(1, 1)));
    auto payload = picture(1, 1);
    EXPECT_FALSE(rewriter.rewrite(kFirst, parse_vp9_descriptor(payload).value(), payload));
}

}  // namespace
}  // namespace cardea
