// What looks into payloads: frame starts of every codec, dependency descriptors, VP8 renumbering.
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/assert.hpp"
#include "proto/rtp/codec/frame_start.hpp"
#include "proto/rtp/codec/vp8_rewriter.hpp"

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
    rewriter.rewrite(epoch, copy);
    const auto after = parse_vp8_descriptor(copy);
    CARDEA_ASSERT(before.has_value() == after.has_value());
    if (!before) return;
    CARDEA_ASSERT(before->size == after->size && before->long_picture_id == after->long_picture_id);
    CARDEA_ASSERT(before->temporal_layer == after->temporal_layer && before->starts_frame() == after->starts_frame());
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
    return 0;
}
