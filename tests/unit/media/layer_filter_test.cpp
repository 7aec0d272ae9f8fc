#include "media/layer_filter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/media/layer_streams.hpp"

namespace cardea {
namespace {

using test::DescribedStream;
using test::StreamPacket;
using test::Vp8Stream;
using test::Vp9Stream;
using testing::ElementsAre;
using testing::IsEmpty;

class LayerFilterTest : public testing::Test {
  protected:
    LayerFilter::Verdict give(Codec codec, const StreamPacket& packet) {
        const auto tag = read_layer_tag(codec, packet.payload, packet.descriptor, stream);
        return filter.on_packet(tag, sequence++, stream);
    }
    // "S<spatial>T<temporal>" of what passes, with a "." where the picture ends for this leg.
    std::vector<std::string> passing(Codec codec, const std::vector<StreamPacket>& picture) {
        std::vector<std::string> out;
        for (const auto& packet : picture) {
            const auto verdict = give(codec, packet);
            if (!verdict.forward) continue;
            const bool ends = verdict.ends_picture || packet.marker;
            out.push_back("S" + std::to_string(packet.spatial) + "T" + std::to_string(packet.temporal) + (ends ? "." : ""));
        }
        return out;
    }
    LayerFilter filter;
    StreamLayers stream;
    std::uint16_t sequence = 65530;
};

// ---- VP8 ---------------------------------------------------------------------------------------------------------------

class Vp8Layers : public LayerFilterTest {
  protected:
    std::vector<int> pictures(int count, bool key = false) {
        std::vector<int> out;
        for (int i = 0; i < count; ++i) {
            const auto packet = vp8.next(key && i == 0);
            if (give(Codec::vp8, packet).forward) out.push_back(packet.temporal);
        }
        return out;
    }
    Vp8Stream vp8;
};

TEST_F(Vp8Layers, EverythingPassesUntilLessIsWanted) {
    EXPECT_THAT(pictures(6, true), ElementsAre(0, 2, 1, 2, 0, 2));
    EXPECT_EQ(filter.waiting(), LayerFilter::Waiting::no);
}

TEST_F(Vp8Layers, DownAtTheNextPicture) {
    static_cast<void>(pictures(5, true));
    filter.set_target({.temporal = 0});
    EXPECT_THAT(pictures(4), ElementsAre(0));
    filter.set_target({.temporal = 1});
    EXPECT_THAT(pictures(4), ElementsAre(1, 0)) << "layer 1 can be begun: it needs the base layer alone";
}

TEST_F(Vp8Layers, UpOnlyWhereALayerNeedsNothingOfItself) {
    filter.set_target({.temporal = 0});
    static_cast<void>(pictures(4, true));
    filter.set_target({.temporal = 2});
    // 0; the first of layer 2 is passed over, because layer 1 below it is not there yet; 1; the second 2 needs the first.
    EXPECT_THAT(pictures(4), ElementsAre(0, 1));
    EXPECT_THAT(pictures(4), ElementsAre(0, 2, 1, 2));
}

TEST_F(Vp8Layers, AKeyframeTakesTheTargetAtOnce) {
    filter.set_target({.temporal = 0});
    static_cast<void>(pictures(7, true));
    filter.set_target({.temporal = 2});
    EXPECT_THAT(pictures(4, true), ElementsAre(0, 2, 1, 2));
}

TEST_F(Vp8Layers, AStreamWithoutSyncMarksWaitsAndSaysSo) {
    filter.set_target({.temporal = 0});
    LayerTag tag{.by = LayerTag::By::vp8, .begins_frame = true, .is_key = true, .has_temporal = true};
    static_cast<void>(filter.on_packet(tag, 1, stream));
    filter.set_target({.temporal = 1});
    tag.is_key = false;
    tag.temporal = 1;
    EXPECT_FALSE(filter.on_packet(tag, 2, stream).forward);
    EXPECT_EQ(filter.waiting(), LayerFilter::Waiting::temporal);
    tag.is_key = true;
    tag.temporal = 0;
    static_cast<void>(filter.on_packet(tag, 3, stream));
    EXPECT_EQ(filter.waiting(), LayerFilter::Waiting::no);
}

TEST_F(Vp8Layers, APacketThatComesLateDecidesNothing) {
    filter.set_target({.temporal = 0});
    static_cast<void>(pictures(4, true));
    filter.set_target({.temporal = 2});
    const auto base = vp8.next();
    static_cast<void>(vp8.next());
    const auto sync = vp8.next();
    ASSERT_EQ(sync.temporal, 1);
    sequence = 10;
    EXPECT_TRUE(give(Codec::vp8, base).forward);
    sequence = 9;
    EXPECT_FALSE(give(Codec::vp8, sync).forward);
    EXPECT_EQ(filter.current().temporal, 0);
}

// ---- VP9 ---------------------------------------------------------------------------------------------------------------

class Vp9Layers : public LayerFilterTest {
  protected:
    std::vector<std::string> picture(Vp9Stream& vp9, bool key = false) { return passing(Codec::vp9, vp9.next(key)); }
};

TEST_F(Vp9Layers, FullSvcGivesTheWholeStreamUntilLessIsWanted) {
    Vp9Stream vp9{false};
    EXPECT_THAT(picture(vp9, true), ElementsAre("S0T0", "S1T0", "S2T0."));
    EXPECT_THAT(picture(vp9), ElementsAre("S0T2", "S1T2", "S2T2."));
}

TEST_F(Vp9Layers, FullSvcGoesDownAtTheNextPictureAndEndsItThere) {
    Vp9Stream vp9{false};
    static_cast<void>(picture(vp9, true));
    filter.set_target({.spatial = 1});
    EXPECT_THAT(picture(vp9), ElementsAre("S0T2", "S1T2."));
    filter.set_target({.spatial = 0, .temporal = 0});
    EXPECT_THAT(picture(vp9), IsEmpty());
    EXPECT_THAT(picture(vp9), IsEmpty());
    EXPECT_THAT(picture(vp9), ElementsAre("S0T0."));
    EXPECT_EQ(filter.waiting(), LayerFilter::Waiting::no);
}

TEST_F(Vp9Layers, UpWaitsForAKeyframe) {
    Vp9Stream vp9{false};
    filter.set_target({.spatial = 0});
    EXPECT_THAT(picture(vp9, true), ElementsAre("S0T0."));
    filter.set_target({.spatial = 2});
    EXPECT_THAT(picture(vp9), ElementsAre("S0T2."));
    EXPECT_EQ(filter.waiting(), LayerFilter::Waiting::spatial_up);
    EXPECT_THAT(picture(vp9, true), ElementsAre("S0T0", "S1T0", "S2T0."));
    EXPECT_EQ(filter.waiting(), LayerFilter::Waiting::no);
}

TEST_F(Vp9Layers, UpWithinAPictureWhereALayerRefersToTheOneBelowAlone) {
    Vp9Stream vp9{false};
    filter.set_target({.spatial = 0});
    static_cast<void>(picture(vp9, true));
    filter.set_target({.spatial = 1});
    auto packets = vp9.next();
    packets[1].payload[0] = static_cast<std::uint8_t>(packets[1].payload[0] & ~0x40U);  // P clear
    EXPECT_THAT(passing(Codec::vp9, packets), ElementsAre("S0T2.", "S1T2.")) << "the lower layer had gone when the upper one came";
    EXPECT_THAT(picture(vp9), ElementsAre("S0T1", "S1T1."));
}

TEST_F(Vp9Layers, KSvcGivesOneLayerBetweenKeyframes) {
    Vp9Stream vp9{true};
    EXPECT_THAT(picture(vp9, true), ElementsAre("S0T0", "S1T0", "S2T0."));
    EXPECT_THAT(picture(vp9), ElementsAre("S2T2."));
    filter.set_target({.spatial = 1});
    EXPECT_THAT(picture(vp9), ElementsAre("S2T1.")) << "layer 1 was not sent since the keyframe";
    EXPECT_EQ(filter.waiting(), LayerFilter::Waiting::spatial_down);
    EXPECT_THAT(picture(vp9, true), ElementsAre("S0T0", "S1T0."));
    EXPECT_THAT(picture(vp9), ElementsAre("S1T2."));
    EXPECT_EQ(filter.waiting(), LayerFilter::Waiting::no);
}

TEST_F(Vp9Layers, DownRightAfterUp) {
    Vp9Stream vp9{true};
    filter.set_target({.spatial = 0});
    static_cast<void>(picture(vp9, true));
    filter.set_target({.spatial = 2});
    EXPECT_THAT(picture(vp9), ElementsAre("S0T2."));
    filter.set_target({.spatial = 0});
    EXPECT_THAT(picture(vp9, true), ElementsAre("S0T0."));
    EXPECT_THAT(picture(vp9), ElementsAre("S0T2."));
}

TEST_F(Vp9Layers, TemporalLayersAreRaisedWhereTheSenderAllowsIt) {
    Vp9Stream vp9{false, 1};
    filter.set_target({.temporal = 0});
    EXPECT_THAT(picture(vp9, true), ElementsAre("S0T0."));
    EXPECT_THAT(picture(vp9), IsEmpty());
    filter.set_target({.temporal = 2});
    EXPECT_THAT(picture(vp9), ElementsAre("S0T1."));
    EXPECT_THAT(picture(vp9), IsEmpty()) << "needs the layer 2 picture before it";
    EXPECT_THAT(picture(vp9), ElementsAre("S0T0."));
    EXPECT_THAT(picture(vp9), ElementsAre("S0T2."));
}

// ---- dependency descriptors --------------------------------------------------------------------------------------------

class DescribedLayers : public LayerFilterTest {
  protected:
    std::vector<std::string> picture(DescribedStream& described, bool key = false, int active = -1) {
        return passing(Codec::av1, described.next(key, active));
    }
};

TEST_F(DescribedLayers, FullSvcDownAndUp) {
    DescribedStream av1{false};
    EXPECT_THAT(picture(av1, true), ElementsAre("S0T0", "S1T0."));
    EXPECT_THAT(picture(av1), ElementsAre("S0T1", "S1T1."));
    filter.set_target({.spatial = 0});
    EXPECT_THAT(picture(av1), ElementsAre("S0T0."));
    EXPECT_THAT(picture(av1), ElementsAre("S0T1."));
    filter.set_target({.spatial = 1});
    EXPECT_THAT(picture(av1), ElementsAre("S0T0."));
    EXPECT_EQ(filter.waiting(), LayerFilter::Waiting::spatial_up);
    EXPECT_THAT(picture(av1), ElementsAre("S0T1."));
    EXPECT_THAT(picture(av1, true), ElementsAre("S0T0", "S1T0."));
    EXPECT_EQ(filter.waiting(), LayerFilter::Waiting::no);
    EXPECT_THAT(picture(av1), ElementsAre("S0T1", "S1T1."));
}

TEST_F(DescribedLayers, KSvcGivesOneLayerAndChangesItAtAKeyframe) {
    DescribedStream av1{true};
    EXPECT_THAT(picture(av1, true), ElementsAre("S0T0", "S1T0."));
    EXPECT_THAT(picture(av1), ElementsAre("S1T1."));
    EXPECT_THAT(picture(av1), ElementsAre("S1T0."));
    EXPECT_THAT(picture(av1), ElementsAre("S1T1."));
    filter.set_target({.spatial = 0});
    EXPECT_THAT(picture(av1), ElementsAre("S1T0.")) << "what the lower layer refers to was not sent";
    EXPECT_EQ(filter.waiting(), LayerFilter::Waiting::spatial_down);
    EXPECT_THAT(picture(av1), ElementsAre("S1T1."));
    EXPECT_THAT(picture(av1, true), ElementsAre("S0T0."));
    EXPECT_THAT(picture(av1), ElementsAre("S0T1."));
    EXPECT_EQ(filter.waiting(), LayerFilter::Waiting::no);
}

TEST_F(DescribedLayers, KSvcGoesDownWithoutAKeyframeWhereTheLowerLayerRefersToTheLastOne) {
    DescribedStream av1{true};
    static_cast<void>(picture(av1, true));
    static_cast<void>(picture(av1));
    filter.set_target({.spatial = 0});
    EXPECT_THAT(picture(av1), ElementsAre("S0T0."));
    EXPECT_THAT(picture(av1), ElementsAre("S0T1."));
    EXPECT_EQ(filter.waiting(), LayerFilter::Waiting::no);
}

TEST_F(DescribedLayers, TemporalLayersComeAndGoWithoutAKeyframe) {
    DescribedStream av1{true};
    static_cast<void>(picture(av1, true));
    static_cast<void>(picture(av1));
    filter.set_target({.temporal = 0});
    EXPECT_THAT(picture(av1), ElementsAre("S1T0."));
    EXPECT_THAT(picture(av1), IsEmpty());
    filter.set_target({.temporal = 1});
    EXPECT_THAT(picture(av1), ElementsAre("S1T0."));
    EXPECT_THAT(picture(av1), ElementsAre("S1T1."));
}

TEST_F(DescribedLayers, ALayerThatIsNoLongerSentIsNotWaitedFor) {
    DescribedStream av1{true};
    static_cast<void>(picture(av1, true));
    static_cast<void>(picture(av1));
    av1.spatial_layers = 1;
    EXPECT_THAT(picture(av1, true, 0b0011), ElementsAre("S0T0."));
    EXPECT_EQ(filter.waiting(), LayerFilter::Waiting::no);
    EXPECT_THAT(picture(av1), ElementsAre("S0T1."));
    EXPECT_EQ(filter.current(), (LayerCap{0, 1}));
}

TEST_F(DescribedLayers, WhatRefersToAFrameLeftOutIsLeftOut) {
    // A sender that says S where a layer cannot be begun: the reference says more.
    DescribedStream av1{true};
    filter.set_target({.temporal = 0});
    static_cast<void>(picture(av1, true));
    auto skipped = av1.next();
    EXPECT_THAT(passing(Codec::av1, skipped), IsEmpty());
    filter.set_target({.temporal = 1});
    StreamPacket liar{.spatial = 1, .temporal = 1};
    liar.payload = {0x10};
    liar.descriptor = test::descriptor({.template_id = 5, .frame_number = 1004, .indications = "---S", .back = {1}});
    EXPECT_FALSE(give(Codec::av1, liar).forward) << "frame 1003 was of layer 1";
    EXPECT_EQ(filter.current().temporal, 0);
}

TEST_F(DescribedLayers, BeginsWithoutAKeyframeWhereItHasTo) {
    DescribedStream av1{false};
    for (const auto& packet : av1.next(true)) static_cast<void>(read_layer_tag(Codec::av1, packet.payload, packet.descriptor, stream));
    filter.set_target({.spatial = 0});
    EXPECT_THAT(picture(av1), ElementsAre("S0T1."));
}

TEST_F(LayerFilterTest, WhatCannotBeReadPasses) {
    StreamPacket opaque{.payload = {1, 2, 3}};
    filter.set_target({.spatial = 0, .temporal = 0});
    EXPECT_TRUE(give(Codec::h264, opaque).forward);
    opaque.descriptor = test::descriptor({.template_id = 7});  // of a structure that never came
    EXPECT_TRUE(give(Codec::av1, opaque).forward);
}

}  // namespace
}  // namespace cardea
