// What looks into payloads: frame starts of every codec, dependency descriptors, layers, VP8 and VP9 renumbering.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/assert.hpp"
#include "proto/rtp/codec/frame_start.hpp"
#include "proto/rtp/codec/layer_tag.hpp"
#include "proto/rtp/codec/vp8_rewriter.hpp"
#include "proto/rtp/codec/vp9_rewriter.hpp"

namespace {

using namespace cardea;

void check_frame_starts(Bytes payload) {
    for (const auto codec : {Codec::opus, Codec::vp8, Codec::vp9, Codec::h264, Codec::av1, Codec::h265, Codec::unknown}) {
        const auto start = frame_start_of_payload(codec, payload);
        CARDEA_ASSERT(start.keyframe != Answer::yes || start.frame == Answer::yes);  // a keyframe's start is a frame's start
        CARDEA_ASSERT((start.keyframe == Answer::unknown) == (start.frame == Answer::unknown));
    }
    static_cast<void>(frame_start_of_descriptor(payload));
}

// Renumbering changes numbers and nothing else.
void check_vp8(Vp8Rewriter& rewriter, SourceEpoch epoch, Bytes payload) {
    std::vector<std::uint8_t> copy{payload.begin(), payload.end()};
    const auto before = parse_vp8_descriptor(payload);
    if (before)
        static_cast<void>(rewriter.rewrite(epoch, *before, MutableBytes{copy}.first(std::min(copy.size(), Vp8Rewriter::kPrefix))));
    const auto after = parse_vp8_descriptor(copy);
    CARDEA_ASSERT(before.has_value() == after.has_value());
    if (!before) return;
    CARDEA_ASSERT(before->size == after->size && before->long_picture_id == after->long_picture_id);
    CARDEA_ASSERT(before->temporal_layer == after->temporal_layer && before->starts_frame() == after->starts_frame());
}

void check_vp9(Vp9Rewriter& rewriter, SourceEpoch epoch, Bytes payload) {
    const auto before = parse_vp9_descriptor(payload);
    if (!before) return;
    std::vector<std::uint8_t> copy{payload.begin(), payload.end()};
    static_cast<void>(rewriter.rewrite(epoch, *before, MutableBytes{copy}.first(std::min(copy.size(), Vp9Rewriter::kPrefix))));
    const auto after = parse_vp9_descriptor(copy);
    CARDEA_ASSERT(after && before->size == after->size && before->spatial_layer == after->spatial_layer);
    CARDEA_ASSERT(before->begins_keyframe() == after->begins_keyframe());
}

// A structure as a stream begins with one, then whatever comes.
void check_layers(StreamLayers& stream, Bytes payload) {
    for (const auto codec : {Codec::vp8, Codec::vp9, Codec::av1}) static_cast<void>(read_layer_tag(codec, payload, {}, stream));
    const auto tag = read_layer_tag(Codec::av1, {}, payload, stream);
    CARDEA_ASSERT((tag.switches & ~tag.present) == 0);
    CARDEA_ASSERT((tag.present & ~stream.structure.all_targets()) == 0);
    CARDEA_ASSERT(stream.structure.template_count <= DependencyStructure::kTemplates);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes payload{data, size};
    check_frame_starts(payload);
    // The rest of the input as a series of short payloads, its first octet saying what to do with each.
    Vp8Rewriter rewriter;
    SourceEpoch epoch{1};
    constexpr std::size_t kStep = 8;
    for (Bytes rest = payload; rest.size() > kStep; rest = rest.subspan(kStep)) {
        if ((rest[0] & 0x03U) == 1) rewriter.drop(epoch, rest.subspan(1, kStep));
        if ((rest[0] & 0x03U) == 2) ++epoch.value;
        check_vp8(rewriter, epoch, rest.subspan(1, kStep));
    }
    check_vp8(rewriter, epoch, payload);
    Vp9Rewriter vp9;
    check_vp9(vp9, SourceEpoch{1}, payload);
    StreamLayers stream;
    // A first half that may hold a structure, a second that refers to it.
    check_layers(stream, payload);
    check_layers(stream, payload.first(size / 2));
    check_layers(stream, payload.subspan(size / 2));
    return 0;
}
