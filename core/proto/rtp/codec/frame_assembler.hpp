// RTP payloads of one stream, in order of their numbers, become the frames a file keeps. Comes after the recorder's reordering,
// before its clock. After a loss nothing leaves until the next keyframe: a recording may freeze, it must not smear.
#pragma once

#include <cstdint>
#include <variant>

#include "base/bytes.hpp"
#include "proto/rtp/codec/payload_assembly.hpp"
#include "proto/rtp/media_types.hpp"

namespace cardea {

struct EncodedFrame {
    Bytes data;  // until the next push
    std::uint32_t timestamp = 0;
    bool keyframe = true;  // decoding can begin here
};

class FrameAssembler {
  public:
    [[nodiscard]] static bool supports(Codec codec) noexcept;
    explicit FrameAssembler(Codec codec);  // one that is supported

    struct Part {
        Bytes payload;
        std::uint32_t timestamp = 0;
        bool marker = false;
        bool after_gap = false;  // packets before this one are missing, or are of another encoding
    };
    // Calls on_frame(const EncodedFrame&) for each frame that is whole: none, one, or two when one ended without a marker.
    template <class F>
    void push(const Part& part, F&& on_frame) {
        if (is_open_ && part.timestamp != timestamp_) close(!part.after_gap, on_frame);
        if (part.after_gap) lose();
        if (!is_open_ && !open(part)) return;
        add(part.payload);
        if (part.marker || !is_video_) close(true, on_frame);
    }

    // After the first keyframe.
    [[nodiscard]] const StreamSetup& setup() const noexcept { return setup_; }
    [[nodiscard]] bool wants_keyframe() const noexcept { return needs_keyframe_; }
    [[nodiscard]] std::uint64_t lost_frames() const noexcept { return lost_frames_; }

  private:
    [[nodiscard]] bool open(const Part& part);
    void add(Bytes payload);
    [[nodiscard]] bool complete();
    void lose() noexcept;

    template <class F>
    void close(bool whole, F&& on_frame) {
        is_open_ = false;
        if (whole && complete()) {
            on_frame(EncodedFrame{frame_, timestamp_, is_keyframe_});
        } else {
            lose();
        }
    }

    Codec codec_;
    bool is_video_;
    std::variant<Vp8Assembly, Vp9Assembly, H264Assembly, Av1Assembly, OpaqueAssembly> assembly_;
    StreamSetup setup_;
    FrameBytes frame_;
    std::uint32_t timestamp_ = 0;
    std::uint64_t lost_frames_ = 0;
    bool is_open_ = false;
    bool is_keyframe_ = false;
    bool is_damaged_ = false;
    bool needs_keyframe_;
};

}  // namespace cardea
