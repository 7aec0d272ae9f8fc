// The VP8 payload descriptor (RFC 7741 section 4.2): parsed, and patched in place where a leg numbers pictures itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace cardea {

struct Vp8Descriptor {
    std::size_t size = 0;  // octets before the VP8 payload header
    bool starts_partition = false;
    std::uint8_t partition = 0;
    bool non_reference = false;
    std::optional<std::uint16_t> picture_id;
    bool long_picture_id = false;  // 15 bits instead of 7
    std::size_t picture_id_offset = 0;
    std::optional<std::uint8_t> tl0_index;  // TL0PICIDX
    std::size_t tl0_offset = 0;
    std::optional<std::uint8_t> temporal_layer;
    bool layer_sync = false;

    [[nodiscard]] bool starts_frame() const noexcept { return starts_partition && partition == 0; }
};

[[nodiscard]] std::optional<Vp8Descriptor> parse_vp8_descriptor(Bytes payload) noexcept;

// Both keep the field's width; what `descriptor` does not have is not written.
void set_vp8_picture_id(MutableBytes payload, const Vp8Descriptor& descriptor, std::uint16_t picture_id) noexcept;
void set_vp8_tl0_index(MutableBytes payload, const Vp8Descriptor& descriptor, std::uint8_t tl0_index) noexcept;

}  // namespace cardea
