// VP8 (RFC 7741) and VP9 (RFC 9628).
#include "proto/rtp/codec/frame_start.hpp"
#include "proto/rtp/codec/vp8_descriptor.hpp"

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
    ByteReader reader{payload};
    const auto flags = reader.be<std::uint8_t>();
    const bool has_picture_id = (flags & 0x80U) != 0;
    const bool is_predicted = (flags & 0x40U) != 0;
    const bool has_layers = (flags & 0x20U) != 0;
    const bool begins_frame = (flags & 0x08U) != 0;
    if (has_picture_id && (reader.be<std::uint8_t>() & 0x80U) != 0) reader.skip(1);
    const auto layers = has_layers ? reader.be<std::uint8_t>() : std::uint8_t{0};
    if (!reader.ok() || reader.left() == 0) return {};
    // RFC 9628 section 4.2: B begins a frame of one spatial layer; only the lowest one begins the picture.
    const bool lowest_layer = (layers >> 1U & 0x07U) == 0;
    const bool begins_picture = begins_frame && lowest_layer;
    return {begins_picture && !is_predicted ? Answer::yes : Answer::no, begins_picture ? Answer::yes : Answer::no};
}

}  // namespace cardea
