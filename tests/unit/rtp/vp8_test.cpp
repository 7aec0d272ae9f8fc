#include "proto/rtp/codec/vp8_descriptor.hpp"
#include "proto/rtp/codec/vp8_rewriter.hpp"
#include "unit/rtp/hex.hpp"

namespace cardea {
namespace {

using test::copy_of;
using test::hex;

constexpr SourceEpoch kFirst{1};
constexpr SourceEpoch kSecond{2};

// A one-packet picture with a 15-bit id, TL0PICIDX and a temporal layer.
std::vector<std::uint8_t> picture(std::uint16_t id, std::uint8_t tl0, std::uint8_t layer = 0) {
    return {
        0x90, 0xe0, static_cast<std::uint8_t>(0x80U | id >> 8U), static_cast<std::uint8_t>(id), tl0, static_cast<std::uint8_t>(layer << 6U),
        0x51, 0x00};
}

struct Seen {
    int id;
    int tl0;
    friend bool operator==(const Seen&, const Seen&) = default;
};

Seen rewritten(Vp8Rewriter& rewriter, SourceEpoch epoch, std::vector<std::uint8_t> payload) {
    EXPECT_TRUE(rewriter.rewrite(epoch, parse_vp8_descriptor(payload).value(), payload));
    const auto descriptor = parse_vp8_descriptor(payload).value();
    return {descriptor.picture_id.value(), descriptor.tl0_index.value_or(0)};
}

TEST(Vp8Descriptor, ReadsEveryField) {
    const auto descriptor = parse_vp8_descriptor(hex("b0 f0 9234 56 a7 00")).value();
    EXPECT_EQ(descriptor.size, 6U);
    EXPECT_TRUE(descriptor.starts_frame());
    EXPECT_TRUE(descriptor.non_reference);
    EXPECT_EQ(descriptor.picture_id, 0x1234);
    EXPECT_TRUE(descriptor.long_picture_id);
    EXPECT_EQ(descriptor.tl0_index, 0x56);
    EXPECT_EQ(descriptor.temporal_layer, 2);
    EXPECT_TRUE(descriptor.layer_sync);
}

TEST(Vp8Descriptor, ReadsTheShortPictureId) {
    const auto descriptor = parse_vp8_descriptor(hex("90 80 7f 00")).value();
    EXPECT_EQ(descriptor.picture_id, 0x7f);
    EXPECT_FALSE(descriptor.long_picture_id);
    EXPECT_FALSE(descriptor.tl0_index);
    EXPECT_EQ(descriptor.size, 3U);
}

TEST(Vp8Descriptor, EveryTruncationIsRefused) {
    const auto whole = hex("90 f0 9234 56 a7 00");
    for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse_vp8_descriptor(copy_of(Bytes{whole}.first(size)))) << size;
}

TEST(Vp8Descriptor, PatchesKeepTheFieldsWidth) {
    auto wide = picture(0, 0);
    set_vp8_picture_id(wide, parse_vp8_descriptor(wide).value(), 0x7abc);
    set_vp8_tl0_index(wide, parse_vp8_descriptor(wide).value(), 9);
    EXPECT_EQ(wide, picture(0x7abc, 9));
    auto narrow = hex("90 80 00 51");
    set_vp8_picture_id(narrow, parse_vp8_descriptor(narrow).value(), 0x1ff);
    EXPECT_EQ(narrow, hex("90 80 7f 51"));
}

TEST(Vp8Rewriter, ContinuesPictureNumbersOverASwitch) {
    Vp8Rewriter rewriter;
    const Seen first = rewritten(rewriter, kFirst, picture(500, 70));
    EXPECT_EQ(rewritten(rewriter, kFirst, picture(501, 71)), (Seen{first.id + 1, first.tl0 + 1}));
    EXPECT_EQ(rewritten(rewriter, kSecond, picture(20000, 3)), (Seen{first.id + 2, first.tl0 + 2}));
    EXPECT_EQ(rewritten(rewriter, kSecond, picture(20001, 3, 1)), (Seen{first.id + 3, first.tl0 + 2}));
}

TEST(Vp8Rewriter, AllPacketsOfAPictureGetOneNumber) {
    Vp8Rewriter rewriter;
    const Seen first = rewritten(rewriter, kFirst, picture(9, 1));
    EXPECT_EQ(rewritten(rewriter, kFirst, picture(9, 1)), first);
}

TEST(Vp8Rewriter, ClosesUpPicturesLeftOutButNotLostOnes) {
    Vp8Rewriter rewriter;
    const int base = rewritten(rewriter, kFirst, picture(10, 0)).id;
    rewriter.drop(kFirst, picture(11, 0, 1));
    rewriter.drop(kFirst, picture(11, 0, 1));
    EXPECT_EQ(rewritten(rewriter, kFirst, picture(12, 1)).id, base + 1);
    EXPECT_EQ(rewritten(rewriter, kFirst, picture(14, 2)).id, base + 3);
    EXPECT_EQ(rewritten(rewriter, kFirst, picture(13, 1, 1)).id, base + 2);  // late
}

TEST(Vp8Rewriter, SurvivesTheWrapOfSourceNumbers) {
    Vp8Rewriter rewriter;
    const Seen first = rewritten(rewriter, kFirst, picture(0x7fff, 255));
    EXPECT_EQ(rewritten(rewriter, kFirst, picture(0, 0)), (Seen{first.id + 1, first.tl0 + 1}));
}

TEST(Vp8Rewriter, WrapsItsOwnNumbersAtFifteenBits) {
    Vp8Rewriter rewriter;
    const int first = rewritten(rewriter, kFirst, picture(0, 0)).id;
    int last = first;
    for (unsigned i = 1; i <= 0x8000; ++i) last = rewritten(rewriter, kFirst, picture(static_cast<std::uint16_t>(i & 0x7fffU), 0)).id;
    EXPECT_EQ(last, first);
}

TEST(Vp8Rewriter, RetransmissionsKeepTheNumberTheyHadBeforeASwitch) {
    Vp8Rewriter rewriter;
    const Seen before = rewritten(rewriter, kFirst, picture(500, 70));
    static_cast<void>(rewritten(rewriter, kSecond, picture(7, 7)));
    EXPECT_EQ(rewritten(rewriter, kFirst, picture(500, 70)), before);
}

TEST(Vp8Rewriter, LeavesWhatIsNotVp8Alone) {
    Vp8Rewriter rewriter;
    for (auto payload : {hex(""), hex("90"), hex("10 51"), hex("90 40 05 51")}) {
        const auto before = payload;
        const auto descriptor = parse_vp8_descriptor(payload);
        EXPECT_TRUE(!descriptor || rewriter.rewrite(kFirst, *descriptor, payload));
        rewriter.drop(kFirst, payload);
        EXPECT_EQ(payload, before);
    }
}

}  // namespace
}  // namespace cardea
