#include "proto/rtp/codec/frame_assembler.hpp"

#include "base/assert.hpp"
#include "proto/rtp/codec/frame_start.hpp"

namespace cardea {
namespace {

// A keyframe of a 4K screen is some megabytes; more is an attempt on our memory.
constexpr std::size_t kMaxFrame = 16U << 20U;

bool is_video_codec(Codec codec) noexcept {
    return codec == Codec::vp8 || codec == Codec::vp9 || codec == Codec::h264 || codec == Codec::av1;
}

}  // namespace

bool FrameAssembler::supports(Codec codec) noexcept { return codec != Codec::unknown && codec != Codec::h265; }

FrameAssembler::FrameAssembler(Codec codec) : codec_{codec}, is_video_{is_video_codec(codec)}, needs_keyframe_{is_video_} {
    CARDEA_ASSERT(supports(codec));
    switch (codec) {
        case Codec::vp8: assembly_.emplace<Vp8Assembly>(); break;
        case Codec::vp9: assembly_.emplace<Vp9Assembly>(); break;
        case Codec::h264: assembly_.emplace<H264Assembly>(); break;
        case Codec::av1: assembly_.emplace<Av1Assembly>(); break;
        default: assembly_.emplace<OpaqueAssembly>(); break;
    }
}

bool FrameAssembler::open(const Part& part) {
    is_keyframe_ = frame_start_of_payload(codec_, part.payload).keyframe == Answer::yes;
    if (needs_keyframe_ && !is_keyframe_) return false;
    is_open_ = true;
    is_damaged_ = false;
    timestamp_ = part.timestamp;
    frame_.clear();
    std::visit([](auto& assembly) { assembly.begin(); }, assembly_);
    return true;
}

void FrameAssembler::add(Bytes payload) {
    const bool good = frame_.size() + payload.size() <= kMaxFrame &&
                      std::visit([&](auto& assembly) { return assembly.add(payload, frame_); }, assembly_);
    if (!good) is_damaged_ = true;
    // H.264 may send parameter sets or a delimiter ahead of the picture that makes the frame a keyframe.
    if (codec_ == Codec::h264 && !is_keyframe_) is_keyframe_ = frame_start_of_payload(codec_, payload).keyframe == Answer::yes;
}

bool FrameAssembler::complete() {
    if (is_damaged_) return false;
    const bool whole = std::visit([&](auto& assembly) { return assembly.finish(frame_, is_keyframe_, setup_); }, assembly_);
    if (whole && is_keyframe_) needs_keyframe_ = false;
    return whole;
}

void FrameAssembler::lose() noexcept {
    if (!is_video_) return;
    if (is_open_ || !needs_keyframe_) ++lost_frames_;
    is_open_ = false;
    needs_keyframe_ = true;
}

}  // namespace cardea
