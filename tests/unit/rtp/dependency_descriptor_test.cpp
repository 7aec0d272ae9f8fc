#include "proto/rtp/codec/dependency_descriptor.hpp"

#include <gtest/gtest.h>

#include "proto/rtp/codec/layer_tag.hpp"
#include "support/descriptors.hpp"
#include "unit/rtp/hex.hpp"

namespace cardea {
namespace {

using test::copy_of;
using test::descriptor;
using test::StructureText;

// L2T2: decode targets S0T0, S0T1, S1T0, S1T1.
const StructureText kL2T2{.id_offset = 60,
                          .templates = {{0, 0, "SSSS", {}, {0, 0}},
                                        {0, 0, "SSRR", {4}, {4, 3}},
                                        {0, 1, "-D-R", {2}, {2, 1}},
                                        {1, 0, "--SS", {1}, {1, 1}},
                                        {1, 0, "--SS", {4, 1}, {1, 1}},
                                        {1, 1, "---D", {2, 1}, {3, 2}}},
                          .chain_count = 2,
                          .protected_by = {0, 0, 1, 1},
                          .resolutions = {{320, 180}, {640, 360}}};

TEST(DependencyDescriptor, ReadsAStructureAndTheFrameItComesWith) {
    DependencyStructure known;
    const auto read = parse_dependency_descriptor(descriptor({.ends = false, .template_id = 60, .frame_number = 0x1234, .structure = &kL2T2}), known);
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->begins_frame && read->has_structure);
    EXPECT_FALSE(read->ends_frame);
    EXPECT_EQ(read->frame_number, 0x1234);
    EXPECT_EQ(read->active_targets, 0b1111U);
    EXPECT_EQ(read->frame.present, 0b1111U);
    EXPECT_EQ(read->frame.switches, 0b1111U);
    EXPECT_EQ(read->frame.references.count, 0);
    EXPECT_EQ(known.template_count, 6);
    ASSERT_EQ(known.target_count, 4);
    EXPECT_EQ(known.targets[1].spatial, 0);
    EXPECT_EQ(known.targets[1].temporal, 1);
    EXPECT_EQ(known.targets[2].spatial, 1);
    EXPECT_EQ(known.targets[2].temporal, 0);
    EXPECT_EQ(known.targets[3].temporal, 1);
}

TEST(DependencyDescriptor, ThreeOctetsNameATemplateWhoseIdsWrapAtSixtyFour) {
    DependencyStructure known;
    ASSERT_TRUE(parse_dependency_descriptor(descriptor({.template_id = 60, .structure = &kL2T2}), known));
    const auto read = parse_dependency_descriptor(descriptor({.template_id = 0, .frame_number = 7}), known);  // 60 + 4
    ASSERT_TRUE(read);
    EXPECT_EQ(read->frame.spatial, 1);
    EXPECT_EQ(read->frame.temporal, 0);
    EXPECT_EQ(read->frame.present, 0b1100U);
    ASSERT_EQ(read->frame.references.count, 2);
    EXPECT_EQ(read->frame.references.back[0], 4);
    EXPECT_EQ(read->frame.references.back[1], 1);
    EXPECT_FALSE(read->active_targets || read->has_structure);
    EXPECT_FALSE(parse_dependency_descriptor(descriptor({.template_id = 2}), known)) << "no such template";
}

TEST(DependencyDescriptor, ReadsWhatAFrameHasOfItsOwn) {
    DependencyStructure known;
    ASSERT_TRUE(parse_dependency_descriptor(descriptor({.template_id = 60, .structure = &kL2T2}), known));
    const auto read = parse_dependency_descriptor(
        descriptor({.template_id = 61, .active_targets = 0b0011, .active_count = 4, .indications = "R-SD", .back = {3, 200, 4000}}), known);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->active_targets, 0b0011U);
    EXPECT_EQ(read->frame.present, 0b1101U);
    EXPECT_EQ(read->frame.switches, 0b0100U);
    ASSERT_EQ(read->frame.references.count, 3);
    EXPECT_EQ(read->frame.references.back[1], 200);
    EXPECT_EQ(read->frame.references.back[2], 4000);
}

TEST(DependencyDescriptor, NothingCanBeReadBeforeAStructureCame) {
    DependencyStructure known;
    EXPECT_FALSE(parse_dependency_descriptor(descriptor({.template_id = 0}), known));
}

TEST(DependencyDescriptor, EveryTruncationIsRefusedAndLeavesWhatIsKnown) {
    const auto whole = descriptor({.template_id = 60, .structure = &kL2T2});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        DependencyStructure known;
        EXPECT_FALSE(parse_dependency_descriptor(copy_of(Bytes{whole}.first(size)), known)) << size;
        EXPECT_FALSE(known.is_known());
    }
}

TEST(DependencyDescriptor, MoreReferencesThanAnyCodecHasAreRefused) {
    DependencyStructure known;
    ASSERT_TRUE(parse_dependency_descriptor(descriptor({.template_id = 60, .structure = &kL2T2}), known));
    EXPECT_TRUE(parse_dependency_descriptor(descriptor({.template_id = 61, .back = {1, 2, 3, 4, 5, 6, 7, 8}}), known));
    EXPECT_FALSE(parse_dependency_descriptor(descriptor({.template_id = 61, .back = {1, 2, 3, 4, 5, 6, 7, 8, 9}}), known));
}

TEST(DependencyDescriptor, EndlessTemplatesAreRefused) {
    test::BitString bits;
    bits.put(0x80, 8).put(0, 16).put(0x80 >> 3, 5).put(0, 6).put(0, 5);
    for (int i = 0; i < 200; ++i) bits.put(0, 2);
    DependencyStructure known;
    EXPECT_FALSE(parse_dependency_descriptor(bits.bytes(), known));
}

TEST(LayerTag, OfAnyCodecWithADescriptor) {
    StreamLayers stream;
    const auto tag = read_layer_tag(Codec::h264, test::hex("41 9a"), descriptor({.template_id = 60, .structure = &kL2T2}), stream);
    EXPECT_EQ(tag.by, LayerTag::By::descriptor);
    EXPECT_TRUE(tag.is_key && tag.begins_frame && tag.ends_frame);
    EXPECT_EQ(stream.spatial_count(), 2U);
    EXPECT_EQ(stream.active_targets, 0b1111U);
    EXPECT_EQ(read_layer_tag(Codec::h264, test::hex("41 9a"), {}, stream).by, LayerTag::By::nothing);
}

TEST(LayerTag, OfVp8AndVp9WithoutOne) {
    StreamLayers stream;
    const auto vp8 = read_layer_tag(Codec::vp8, test::hex("90 e0 9234 56 a0 00"), {}, stream);
    EXPECT_EQ(vp8.by, LayerTag::By::vp8);
    EXPECT_EQ(vp8.temporal, 2);
    EXPECT_TRUE(vp8.switches_up && vp8.is_key);
    const auto vp9 = read_layer_tag(Codec::vp9, test::hex("ed 9234 53 77 00"), {}, stream);
    EXPECT_EQ(vp9.by, LayerTag::By::vp9);
    EXPECT_EQ(vp9.spatial, 1);
    EXPECT_TRUE(vp9.is_predicted && vp9.unused_above && vp9.switches_up);
    EXPECT_EQ(stream.spatial_count(), 0U);
}

}  // namespace
}  // namespace cardea
