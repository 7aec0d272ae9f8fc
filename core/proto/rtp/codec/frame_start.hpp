// Is this packet the first of a frame, and of a keyframe? Asked of a payload or of its dependency descriptor.
// With end-to-end encryption the payload tells nothing: every answer can be "unknown", and whoever asks must live with it.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "proto/rtp/media_types.hpp"

namespace cardea {

enum class Answer : std::uint8_t { no, yes, unknown };

struct FrameStart {
    Answer keyframe = Answer::unknown;  // first packet of a frame that decoding can begin with
    Answer frame = Answer::unknown;     // first packet of any frame
    friend bool operator==(const FrameStart&, const FrameStart&) = default;
};

// By payload. Audio begins everywhere. H.264 says "frame" at parameter sets and at the first slice too, so one access unit may
// say it more than once: its timestamp tells.
[[nodiscard]] FrameStart frame_start_of_payload(Codec codec, Bytes payload) noexcept;

// By dependency descriptor (AV1 RTP specification, appendix A): readable even when the payload is encrypted end to end.
[[nodiscard]] FrameStart frame_start_of_descriptor(Bytes dependency_descriptor) noexcept;

// The descriptor when there is one, else the payload. Codec::unknown for a payload that is encrypted end to end.
[[nodiscard]] inline FrameStart frame_start_of(Codec codec, Bytes payload, Bytes dependency_descriptor) noexcept {
    return dependency_descriptor.empty() ? frame_start_of_payload(codec, payload) : frame_start_of_descriptor(dependency_descriptor);
}

// Each codec alone.
[[nodiscard]] FrameStart vp8_frame_start(Bytes payload) noexcept;
[[nodiscard]] FrameStart vp9_frame_start(Bytes payload) noexcept;
[[nodiscard]] FrameStart h264_frame_start(Bytes payload) noexcept;
[[nodiscard]] FrameStart av1_frame_start(Bytes payload) noexcept;

}  // namespace cardea
