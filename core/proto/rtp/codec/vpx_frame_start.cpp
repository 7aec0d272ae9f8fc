// VP8 (RFC 7741) and VP9 (RFC 9628).
#include "proto/rtp/codec/frame_start.hpp"
#include "proto/rtp/codec/vp8_descriptor.hpp"
#include "proto/rtp/codec/vp9_descriptor.hpp"

namespace cardea {

FrameStart vp8_frame_start(Bytes payload) noexcept {
    const auto descriptor = parse_vp8_descriptor(payload);
    if (!descriptor) return {};
    if (!descriptor->starts_frame()) return {Answer::no, Answer::no};
    // RFC 7741 section 4.3: P, the lowest bit of the payload header, is clear in a key frame.
    const bool is_key = (payload[descriptor->size] & 0x01U) == 0;
    return {is_key ? Answer::yes : Answer::no, Answer::yes};
}

FrameStart vp9_frame_start(Bytes payload) noexcept {
    const auto descriptor = parse_vp9_descriptor(payload);
    if (!descriptor) return {};
    return {descriptor->begins_keyframe() ? Answer::yes : Answer::no, descriptor->begins_picture() ? Answer::yes : Answer::no};
}

}  // namespace cardea
