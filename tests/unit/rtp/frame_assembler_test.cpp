// RTP payloads become frames: what each codec's files want, and what a loss does.
#include "proto/rtp/codec/frame_assembler.hpp"

#include <gmock/gmock.h>

#include "proto/rtp/codec/av1_sequence.hpp"
#include "proto/rtp/codec/h264_parameters.hpp"
#include "unit/rtp/hex.hpp"

namespace cardea {
namespace {

using test::copy_of;
using test::hex;
using testing::ElementsAre;
using testing::IsEmpty;

// Made by x264 and libaom from pictures of 322 x 180.
constexpr auto kBaselineSps = "67 42c00b d901519e227c0440000003004000000302 83c50a92";
constexpr auto kHighSps = "67 64000c acd941519e227c044000000300400000030283c50a6580";
constexpr auto kPps = "68 cb83cb20";
constexpr auto kSequence = "0a 0b 000000043d06ccdaf90040";
// A VP8 keyframe of 320 x 240 behind a bare descriptor, and a frame that needs it.
constexpr auto kVp8Key = "10 500100 9d012a 4001 f000 aa";
constexpr auto kVp8Delta = "10 510100 bb";

struct Frame {
    std::vector<std::uint8_t> data;
    std::uint32_t timestamp;
    bool keyframe;
};

class Assembly {
  public:
    explicit Assembly(Codec codec) : assembler{codec} {}
    Assembly& push(std::string_view payload, std::uint32_t timestamp, bool marker, bool after_gap = false) {
        const auto bytes = hex(payload);
        assembler.push({.payload = bytes, .timestamp = timestamp, .marker = marker, .after_gap = after_gap},
                       [&](const EncodedFrame& frame) { frames.push_back({copy_of(frame.data), frame.timestamp, frame.keyframe}); });
        return *this;
    }
    FrameAssembler assembler;
    std::vector<Frame> frames;
};

TEST(FrameAssembler, Vp8LosesItsDescriptorsAndKnowsItsSize) {
    Assembly vp8{Codec::vp8};
    vp8.push("90 e0 8123 05 20 500100 9d012a 4001 f000 aa", 1000, false).push("80 e0 8123 05 20 cc", 1000, true);
    ASSERT_EQ(vp8.frames.size(), 1U);
    EXPECT_EQ(vp8.frames[0].data, hex("500100 9d012a 4001 f000 aa cc"));
    EXPECT_TRUE(vp8.frames[0].keyframe);
    EXPECT_EQ(vp8.assembler.setup().size, (PictureSize{320, 240}));
}

TEST(FrameAssembler, NothingLeavesBeforeTheFirstKeyframe) {
    Assembly vp8{Codec::vp8};
    vp8.push(kVp8Delta, 1, true);
    EXPECT_THAT(vp8.frames, IsEmpty());
    EXPECT_TRUE(vp8.assembler.wants_keyframe());
    vp8.push(kVp8Key, 2, true).push(kVp8Delta, 3, true);
    ASSERT_EQ(vp8.frames.size(), 2U);
    EXPECT_FALSE(vp8.frames[1].keyframe);
    EXPECT_FALSE(vp8.assembler.wants_keyframe());
}

TEST(FrameAssembler, AfterALossTheNextKeyframeGoesOn) {
    Assembly vp8{Codec::vp8};
    vp8.push(kVp8Key, 1, true).push(kVp8Delta, 2, true, true).push(kVp8Delta, 3, true);
    EXPECT_EQ(vp8.frames.size(), 1U);
    EXPECT_TRUE(vp8.assembler.wants_keyframe());
    EXPECT_EQ(vp8.assembler.lost_frames(), 1U);
    vp8.push(kVp8Key, 4, true);
    EXPECT_EQ(vp8.frames.size(), 2U);
}

TEST(FrameAssembler, AFrameWithAHoleDoesNotLeave) {
    Assembly vp8{Codec::vp8};
    vp8.push(kVp8Key, 1, false).push("00 cc", 1, true, true);
    EXPECT_THAT(vp8.frames, IsEmpty());
}

TEST(FrameAssembler, ANewTimestampEndsAFrameWithoutMarker) {
    Assembly vp8{Codec::vp8};
    vp8.push(kVp8Key, 1, false).push(kVp8Delta, 2, true);
    ASSERT_EQ(vp8.frames.size(), 2U);
    EXPECT_EQ(vp8.frames[0].timestamp, 1U);
    EXPECT_EQ(vp8.frames[1].timestamp, 2U);
}

TEST(FrameAssembler, Vp9KeyframeOfOneLayerTellsItsSizeItself) {
    Assembly vp9{Codec::vp9};
    vp9.push("8c 8123 82498342 0014100b360a3824", 5, true);  // I, B, E
    ASSERT_EQ(vp9.frames.size(), 1U);
    EXPECT_EQ(vp9.frames[0].data, hex("82498342 0014100b360a3824"));
    EXPECT_EQ(vp9.assembler.setup().size, (PictureSize{322, 180}));
}

TEST(FrameAssembler, Vp9LayersOfOnePictureGetASuperframeIndex) {
    Assembly vp9{Codec::vp9};
    // I, L, B, E, V: two spatial layers, 160x90 and 320x180; then layer 1, in two packets.
    vp9.push("ae 8123 00 05 30 00a0005a 014000b4 aaaaaa", 5, false).push("a8 8123 03 05 bb", 5, false).push("a4 8123 03 05 bbbb", 5, true);
    ASSERT_EQ(vp9.frames.size(), 1U);
    EXPECT_EQ(vp9.frames[0].data, hex("aaaaaa bbbbbb d9 03000000 03000000 d9"));
    EXPECT_EQ(vp9.assembler.setup().size, (PictureSize{320, 180}));
}

TEST(FrameAssembler, Vp9FlexibleModeReferencesAreSkipped) {
    Assembly vp9{Codec::vp9};
    vp9.push("8c 8123 82498342 0014100b360a3824", 5, true);
    vp9.push("dc 8124 05 04 ee", 6, true);  // I, P, F, B, E: two reference indices, the first says that one follows
    ASSERT_EQ(vp9.frames.size(), 2U);
    EXPECT_EQ(vp9.frames[1].data, hex("ee"));
}

TEST(FrameAssembler, H264UnitsStandBehindTheirLengths) {
    Assembly h264{Codec::h264};
    h264.push(kBaselineSps, 9, false).push(kPps, 9, false).push("65 88aabb", 9, true);
    ASSERT_EQ(h264.frames.size(), 1U);
    auto expected = hex("00000019");
    for (const auto part : {kBaselineSps, "00000005", kPps, "00000004", "65 88aabb"})
        for (const auto octet : hex(part)) expected.push_back(octet);
    EXPECT_EQ(h264.frames[0].data, expected);
    EXPECT_TRUE(h264.frames[0].keyframe);
    EXPECT_EQ(h264.assembler.setup().size, (PictureSize{322, 180}));
    const auto& configuration = h264.assembler.setup().configuration;
    ASSERT_GT(configuration.size(), 8U);
    EXPECT_EQ(std::vector<std::uint8_t>(configuration.begin(), configuration.begin() + 8), hex("01 42c00b ff e1 0019"));
}

TEST(FrameAssembler, H264AggregatesAndFragmentsComeApartAndTogether) {
    Assembly h264{Codec::h264};
    h264.push("78 0019 67 42c00b d901519e227c0440000003004000000302 83c50a92 0005 68 cb83cb20", 9, false);
    h264.push("7c 85 88aa", 9, false).push("7c 05 bb", 9, false).push("7c 45 cc", 9, true);
    ASSERT_EQ(h264.frames.size(), 1U);
    const auto& data = h264.frames[0].data;
    ASSERT_GT(data.size(), 9U);
    EXPECT_EQ(std::vector<std::uint8_t>(data.end() - 9, data.end()), hex("00000005 6588aabbcc"));
}

TEST(FrameAssembler, H264FragmentWithoutItsEndIsNoFrame) {
    Assembly h264{Codec::h264};
    h264.push(kBaselineSps, 9, false).push(kPps, 9, false).push("7c 85 88aa", 9, true);
    EXPECT_THAT(h264.frames, IsEmpty());
}

TEST(FrameAssembler, H264SizesOfBaselineAndHighProfile) {
    EXPECT_EQ(h264_picture_size(hex(kBaselineSps)), (PictureSize{322, 180}));
    EXPECT_EQ(h264_picture_size(hex(kHighSps)), (PictureSize{322, 180}));
    EXPECT_EQ(h264_picture_size(hex("67 42c0")), std::nullopt);
}

TEST(FrameAssembler, Av1ObusGetSizesAndLoseDelimiters) {
    Assembly av1{Codec::av1};
    // W=3, N: temporal delimiter, sequence header, frame.
    av1.push("38 01 10 0c 08 000000043d06ccdaf90040 30 1400", 9, false).push("90 a0b0", 9, true);
    ASSERT_EQ(av1.frames.size(), 0U);  // Z, but nothing was open
    av1.push("38 01 10 0c 08 000000043d06ccdaf90040 30 1400", 10, true);
    ASSERT_EQ(av1.frames.size(), 1U);
    EXPECT_EQ(av1.frames[0].data, hex("0a 0b 000000043d06ccdaf90040 32 02 1400"));
}

TEST(FrameAssembler, Av1ObuOverTwoPacketsIsOneObu) {
    Assembly av1{Codec::av1};
    av1.push("68 0c 08 000000043d06ccdaf90040 30 1400", 9, false).push("90 a0b0", 9, true);  // W=2, N, Y; then Z, W=1
    ASSERT_EQ(av1.frames.size(), 1U);
    EXPECT_EQ(av1.frames[0].data, hex("0a 0b 000000043d06ccdaf90040 32 04 1400a0b0"));
    EXPECT_EQ(av1.assembler.setup().size, (PictureSize{322, 180}));
    EXPECT_EQ(av1.assembler.setup().configuration, hex("81000c00 0a0b000000043d06ccdaf90040"));
}

TEST(FrameAssembler, Av1ConfigurationIsWhatFfmpegWrites) {
    const auto obu = hex(kSequence);
    const auto sequence = parse_av1_sequence(Bytes{obu}.subspan(2));
    ASSERT_TRUE(sequence);
    EXPECT_EQ(av1_configuration(*sequence, obu), hex("81000c00 0a0b000000043d06ccdaf90040"));
}

TEST(FrameAssembler, EveryAudioPacketIsAFrame) {
    Assembly opus{Codec::opus};
    opus.push("f8fffe", 960, false).push("f8fffe", 1920, false, true);
    EXPECT_EQ(opus.frames.size(), 2U);
    EXPECT_FALSE(opus.assembler.wants_keyframe());
}

// Every payload cut at every place, and what follows a cut still makes frames.
TEST(FrameAssembler, CutPayloadsAreNoFramesAndDoNoHarm) {
    const std::pair<Codec, std::vector<const char*>> kSamples[] = {
        {Codec::vp8, {"90 e0 8123 05 20 500100 9d012a 4001 f000 aa"}},
        {Codec::vp9, {"ae 8123 00 05 38 00a0005a 014000b4 02 0401 0800 82498342 0014100b360a3824"}},
        {Codec::h264, {"78 0019 67 42c00b d901519e227c0440000003004000000302 83c50a92 0005 68 cb83cb20 0004 6588aabb"}},
        {Codec::av1, {"38 0c 08 000000043d06ccdaf90040 03 301400"}},
        {Codec::opus, {"f8fffe"}}};
    for (const auto& [codec, payloads] : kSamples) {
        for (const auto* text : payloads) {
            const auto whole = hex(text);
            FrameAssembler assembler{codec};
            std::size_t frames = 0;
            const auto count = [&](const EncodedFrame&) { ++frames; };
            for (std::size_t size = 0; size <= whole.size(); ++size) {
                const std::vector<std::uint8_t> cut{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)};
                assembler.push({.payload = cut, .timestamp = static_cast<std::uint32_t>(size), .marker = true, .after_gap = false}, count);
            }
            EXPECT_GE(frames, 1U) << to_text(codec);
        }
    }
}

}  // namespace
}  // namespace cardea
