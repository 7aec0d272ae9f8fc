#include "proto/rtp/codec/frame_start.hpp"

#include "unit/rtp/hex.hpp"

namespace cardea {
namespace {

using test::copy_of;
using test::hex;

constexpr FrameStart kKey{Answer::yes, Answer::yes};
constexpr FrameStart kDelta{Answer::no, Answer::yes};
constexpr FrameStart kMiddle{Answer::no, Answer::no};
constexpr FrameStart kUnknown{};

TEST(FrameStart, Vp8KeyframeIsTheFirstPartitionsStartWithPClear) {
    EXPECT_EQ(vp8_frame_start(hex("10 500100 9d012a 8002 e001")), kKey);        // bare descriptor
    EXPECT_EQ(vp8_frame_start(hex("90 e0 8123 05 20 500100 9d012a")), kKey);    // picture id, TL0PICIDX, TID
    EXPECT_EQ(vp8_frame_start(hex("90 e0 8123 05 20 510100 9d012a")), kDelta);  // P set
    EXPECT_EQ(vp8_frame_start(hex("80 e0 8123 05 20 500100")), kMiddle);        // S clear
    EXPECT_EQ(vp8_frame_start(hex("91 e0 8123 05 20 500100")), kMiddle);        // partition 1
}

TEST(FrameStart, Vp9KeyframeIsNotPredictedAndBeginsTheLowestLayer) {
    EXPECT_EQ(vp9_frame_start(hex("88 8123 ff")), kKey);           // I B
    EXPECT_EQ(vp9_frame_start(hex("c8 8123 ff")), kDelta);         // P
    EXPECT_EQ(vp9_frame_start(hex("80 8123 ff")), kMiddle);        // B clear
    EXPECT_EQ(vp9_frame_start(hex("a8 8123 00 05 ff")), kKey);     // L, layer 0
    EXPECT_EQ(vp9_frame_start(hex("a8 8123 03 05 ff")), kMiddle);  // spatial layer 1 of the same picture
    EXPECT_EQ(vp9_frame_start(hex("88 23 ff")), kKey);             // picture id of 7 bits
    EXPECT_EQ(vp9_frame_start(hex("8a 23 18 0140 00b4 01 00 ff")), kKey);  // V: one layer of 320 by 180, a group of one picture
}

TEST(FrameStart, H264KeyframeIsAParameterSetOrAnIdrSlice) {
    EXPECT_EQ(h264_frame_start(hex("67 42e01f")), kKey);     // SPS alone
    EXPECT_EQ(h264_frame_start(hex("65 88840a")), kKey);     // IDR, first macroblock
    EXPECT_EQ(h264_frame_start(hex("65 48840a")), kMiddle);  // IDR, a later slice
    EXPECT_EQ(h264_frame_start(hex("41 9a0200")), kDelta);
    EXPECT_EQ(h264_frame_start(hex("41 5a0200")), kMiddle);
    EXPECT_EQ(h264_frame_start(hex("09 f0")), kDelta);
}

TEST(FrameStart, H264LooksIntoAggregates) {
    EXPECT_EQ(h264_frame_start(hex("78 0004 6742e01f 0003 68ce3c")), kKey);  // SPS and PPS
    EXPECT_EQ(h264_frame_start(hex("78 0002 0605 0003 419a02")), kDelta);    // SEI and slice
    EXPECT_EQ(h264_frame_start(hex("78 00ff 6742e01f")), kUnknown);          // a unit longer than the packet
}

TEST(FrameStart, H264LooksIntoFragments) {
    EXPECT_EQ(h264_frame_start(hex("7c 85 888400")), kKey);     // FU-A, start, IDR
    EXPECT_EQ(h264_frame_start(hex("7c 05 888400")), kMiddle);  // its continuation
    EXPECT_EQ(h264_frame_start(hex("7c 87 42e01f")), kKey);     // SPS
    EXPECT_EQ(h264_frame_start(hex("5c 81 9a0200")), kDelta);
    EXPECT_EQ(h264_frame_start(hex("5c 41 9a0200")), kMiddle);  // the last fragment
}

TEST(FrameStart, Av1KeyframeIsANewCodedVideoSequence) {
    EXPECT_EQ(av1_frame_start(hex("18 0a 0b000000")), kKey);   // N, W=1: sequence header
    EXPECT_EQ(av1_frame_start(hex("28 02 0a0b 32ff")), kKey);  // N, W=2
    EXPECT_EQ(av1_frame_start(hex("10 0a 0b000000")), kKey);   // sequence header without N
    EXPECT_EQ(av1_frame_start(hex("10 30 1400")), kDelta);     // OBU_FRAME
    EXPECT_EQ(av1_frame_start(hex("10 20 1400")), kMiddle);    // a tile group of its own
    EXPECT_EQ(av1_frame_start(hex("90 0a 1400")), kMiddle);    // Z: goes on with an OBU
    EXPECT_EQ(av1_frame_start(hex("98 0a 1400")), kUnknown);   // Z and N: no AV1
}

TEST(FrameStart, AudioBeginsWithEveryPacket) {
    for (const auto codec : {Codec::opus, Codec::pcmu, Codec::pcma, Codec::g722}) EXPECT_EQ(frame_start_of_payload(codec, {}), kKey);
}

TEST(FrameStart, DependencyDescriptorTellsWithoutThePayload) {
    EXPECT_EQ(frame_start_of_descriptor(hex("c00001 80 00")), kKey);
    EXPECT_EQ(frame_start_of_descriptor(hex("c00001")), kDelta);
    EXPECT_EQ(frame_start_of_descriptor(hex("c00001 20")), kDelta);   // extended, but no structure
    EXPECT_EQ(frame_start_of_descriptor(hex("400001 80")), kMiddle);  // not the first packet
    EXPECT_EQ(frame_start_of_descriptor(hex("c000")), kUnknown);
}

TEST(FrameStart, DependencyDescriptorComesBeforeThePayload) {
    const auto key_payload = hex("10 500100 9d012a");
    EXPECT_EQ(frame_start_of(Codec::vp8, key_payload, hex("c00001")), kDelta);
    EXPECT_EQ(frame_start_of(Codec::vp8, key_payload, {}), kKey);
}

TEST(FrameStart, SaysUnknownWhereThePayloadIsOpaque) {
    EXPECT_EQ(frame_start_of(Codec::unknown, hex("deadbeef"), {}), kUnknown);
    EXPECT_EQ(frame_start_of(Codec::h265, hex("deadbeef"), {}), kUnknown);
    EXPECT_EQ(frame_start_of_payload(Codec::h264, hex("ff")), kUnknown);  // forbidden bit
}

TEST(FrameStart, NoTruncationIsAKeyframeByAccidentOrReadsPastTheEnd) {
    const auto check = [](Codec codec, const std::vector<std::uint8_t>& whole, std::size_t needed) {
        ASSERT_EQ(frame_start_of_payload(codec, whole), kKey);
        for (std::size_t size = 0; size < needed; ++size)
            EXPECT_NE(frame_start_of_payload(codec, copy_of(Bytes{whole}.first(size))).keyframe, Answer::yes) << to_text(codec) << size;
    };
    check(Codec::vp8, hex("90 e0 8123 05 20 500100 9d012a"), 7);
    check(Codec::vp9, hex("a8 8123 00 05 ff"), 6);
    check(Codec::h264, hex("78 0004 6742e01f"), 7);
    check(Codec::av1, hex("28 02 0a0b 32ff"), 3);
}

}  // namespace
}  // namespace cardea
