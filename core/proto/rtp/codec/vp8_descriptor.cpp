#include "proto/rtp/codec/vp8_descriptor.hpp"

namespace cardea {

namespace {

void read_extension_fields(ByteReader& reader, std::size_t payload_size, Vp8Descriptor& descriptor) noexcept {
    const auto present = reader.be<std::uint8_t>();
    if ((present & 0x80U) != 0) {  // I
        descriptor.picture_id_offset = payload_size - reader.left();
        const auto first = reader.be<std::uint8_t>();
        descriptor.long_picture_id = (first & 0x80U) != 0;
        descriptor.picture_id = first & 0x7fU;
        if (descriptor.long_picture_id)
            descriptor.picture_id = static_cast<std::uint16_t>((first & 0x7fU) << 8U | reader.be<std::uint8_t>());
    }
    if ((present & 0x40U) != 0) {  // L
        descriptor.tl0_offset = payload_size - reader.left();
        descriptor.tl0_index = reader.be<std::uint8_t>();
    }
    if ((present & 0x30U) != 0) {  // T or K share one octet
        const auto octet = reader.be<std::uint8_t>();
        if ((present & 0x20U) != 0) {
            descriptor.temporal_layer = static_cast<std::uint8_t>(octet >> 6U);
            descriptor.layer_sync = (octet & 0x20U) != 0;
        }
    }
}

}  // namespace

std::optional<Vp8Descriptor> parse_vp8_descriptor(Bytes payload) noexcept {
    ByteReader reader{payload};
    const auto first = reader.be<std::uint8_t>();
    Vp8Descriptor descriptor;
    descriptor.non_reference = (first & 0x20U) != 0;
    descriptor.starts_partition = (first & 0x10U) != 0;
    descriptor.partition = first & 0x07U;
    if ((first & 0x80U) != 0) read_extension_fields(reader, payload.size(), descriptor);
    descriptor.size = payload.size() - reader.left();
    if (!reader.ok() || reader.left() == 0) return std::nullopt;  // a descriptor without a picture is none
    return descriptor;
}

void set_vp8_picture_id(MutableBytes payload, const Vp8Descriptor& descriptor, std::uint16_t picture_id) noexcept {
    if (!descriptor.picture_id) return;
    ByteWriter writer{payload.subspan(descriptor.picture_id_offset)};
    if (descriptor.long_picture_id)
        writer.be(static_cast<std::uint16_t>(0x8000U | picture_id));
    else
        writer.be(static_cast<std::uint8_t>(picture_id & 0x7fU));
}

void set_vp8_tl0_index(MutableBytes payload, const Vp8Descriptor& descriptor, std::uint8_t tl0_index) noexcept {
    if (descriptor.tl0_index) payload[descriptor.tl0_offset] = tl0_index;
}

}  // namespace cardea
