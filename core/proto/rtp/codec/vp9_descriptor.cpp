#include "proto/rtp/codec/vp9_descriptor.hpp"

namespace cardea {

namespace {

void read_picture_id(ByteReader& in, std::size_t payload_size, Vp9Descriptor& descriptor) noexcept {
    descriptor.picture_id_offset = payload_size - in.left();
    const auto first = in.be<std::uint8_t>();
    descriptor.long_picture_id = (first & 0x80U) != 0;
    descriptor.picture_id = first & 0x7fU;
    if (descriptor.long_picture_id)
        descriptor.picture_id = static_cast<std::uint16_t>((first & 0x7fU) << 8U | in.be<std::uint8_t>());
}

void read_layers(ByteReader& in, std::size_t payload_size, Vp9Descriptor& descriptor) noexcept {
    const auto octet = in.be<std::uint8_t>();
    descriptor.has_layers = true;
    descriptor.temporal_layer = static_cast<std::uint8_t>(octet >> 5U);
    descriptor.switching_up_point = (octet & 0x10U) != 0;
    descriptor.spatial_layer = octet >> 1U & 0x07U;
    descriptor.uses_lower_layer = (octet & 0x01U) != 0;
    if (descriptor.flexible) return;
    descriptor.tl0_offset = payload_size - in.left();
    descriptor.tl0_index = in.be<std::uint8_t>();
}

// P_DIFF with N saying whether another follows, three at most.
bool skip_references(ByteReader& in) noexcept {
    for (int i = 0; i < 3; ++i)
        if ((in.be<std::uint8_t>() & 0x01U) == 0) return true;
    return false;
}

// Section 4.2.1.
void read_scalability(ByteReader& in, Vp9Descriptor& descriptor) noexcept {
    const auto flags = in.be<std::uint8_t>();
    descriptor.spatial_layers = static_cast<std::uint8_t>((flags >> 5U) + 1U);
    if ((flags & 0x10U) != 0) {
        for (unsigned i = 0; i < descriptor.spatial_layers; ++i) {
            descriptor.largest.width = in.be<std::uint16_t>();
            descriptor.largest.height = in.be<std::uint16_t>();
        }
    }
    if ((flags & 0x08U) == 0) return;
    const auto pictures = in.be<std::uint8_t>();
    for (unsigned i = 0; i < pictures && in.ok(); ++i) in.skip(in.be<std::uint8_t>() >> 2U & 3U);
}

}  // namespace

std::optional<Vp9Descriptor> parse_vp9_descriptor(Bytes payload) noexcept {
    ByteReader in{payload};
    Vp9Descriptor descriptor;
    const auto flags = in.be<std::uint8_t>();
    descriptor.is_predicted = (flags & 0x40U) != 0;
    descriptor.flexible = (flags & 0x10U) != 0;
    descriptor.begins_frame = (flags & 0x08U) != 0;
    descriptor.ends_frame = (flags & 0x04U) != 0;
    descriptor.unused_by_upper_layers = (flags & 0x01U) != 0;
    if ((flags & 0x80U) != 0) read_picture_id(in, payload.size(), descriptor);
    if ((flags & 0x20U) != 0) read_layers(in, payload.size(), descriptor);
    if (descriptor.flexible && descriptor.is_predicted && !skip_references(in)) return std::nullopt;
    if ((flags & 0x02U) != 0) read_scalability(in, descriptor);
    descriptor.size = payload.size() - in.left();
    if (!in.ok() || in.left() == 0) return std::nullopt;  // a descriptor without a picture is none
    return descriptor;
}

void set_vp9_picture_id(MutableBytes payload, const Vp9Descriptor& descriptor, std::uint16_t picture_id) noexcept {
    if (!descriptor.picture_id) return;
    ByteWriter writer{payload.subspan(descriptor.picture_id_offset)};
    if (descriptor.long_picture_id)
        writer.be(static_cast<std::uint16_t>(0x8000U | picture_id));
    else
        writer.be(static_cast<std::uint8_t>(picture_id & 0x7fU));
}

void set_vp9_tl0_index(MutableBytes payload, const Vp9Descriptor& descriptor, std::uint8_t tl0_index) noexcept {
    if (descriptor.tl0_index) payload[descriptor.tl0_offset] = tl0_index;
}

}  // namespace cardea
