// The VP9 payload descriptor (RFC 9628 section 4.2): parsed, and patched in place where a leg numbers pictures itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "proto/rtp/codec/picture_size.hpp"

namespace cardea {

struct Vp9Descriptor {
    std::size_t size = 0;  // octets before the VP9 payload
    bool flexible = false;
    bool is_predicted = false;        // P: refers to an earlier picture
    bool begins_frame = false;        // B: of one spatial layer
    bool ends_frame = false;          // E
    bool unused_by_upper_layers = false;  // Z: upper spatial layers of this picture do without it
    std::optional<std::uint16_t> picture_id;
    bool long_picture_id = false;  // 15 bits instead of 7
    std::size_t picture_id_offset = 0;
    bool has_layers = false;
    std::uint8_t temporal_layer = 0;
    std::uint8_t spatial_layer = 0;
    bool switching_up_point = false;     // U
    bool uses_lower_layer = false;       // D: refers to the spatial layer below, in the same picture
    std::optional<std::uint8_t> tl0_index;  // TL0PICIDX
    std::size_t tl0_offset = 0;
    std::uint8_t spatial_layers = 0;  // from the scalability structure; 0: there is none in this packet
    PictureSize largest;              // likewise

    // RFC 9628 section 4.2: what decoding can begin with is a frame of the lowest layer without reference to another picture.
    [[nodiscard]] bool begins_picture() const noexcept { return begins_frame && spatial_layer == 0; }
    [[nodiscard]] bool begins_keyframe() const noexcept { return begins_picture() && !is_predicted; }
};

[[nodiscard]] std::optional<Vp9Descriptor> parse_vp9_descriptor(Bytes payload) noexcept;

// Both keep the field's width; what `descriptor` does not have is not written.
void set_vp9_picture_id(MutableBytes payload, const Vp9Descriptor& descriptor, std::uint16_t picture_id) noexcept;
void set_vp9_tl0_index(MutableBytes payload, const Vp9Descriptor& descriptor, std::uint8_t tl0_index) noexcept;

}  // namespace cardea
