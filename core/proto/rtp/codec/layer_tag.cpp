#include "proto/rtp/codec/layer_tag.hpp"

#include "proto/rtp/codec/vp8_descriptor.hpp"
#include "proto/rtp/codec/vp9_descriptor.hpp"

namespace cardea {

namespace {

LayerTag tag_of_vp8(Bytes payload) noexcept {
    LayerTag tag;
    const auto descriptor = parse_vp8_descriptor(payload);
    if (!descriptor) return tag;
    tag.by = LayerTag::By::vp8;
    tag.begins_frame = descriptor->starts_frame();
    // RFC 7741 section 4.3: P, the lowest bit of the payload header, is clear in a key frame.
    tag.is_key = tag.begins_frame && (payload[descriptor->size] & 0x01U) == 0;
    tag.has_temporal = descriptor->temporal_layer.has_value();
    tag.temporal = descriptor->temporal_layer.value_or(0);
    tag.switches_up = descriptor->layer_sync;
    return tag;
}

LayerTag tag_of_vp9(Bytes payload, StreamLayers& stream) noexcept {
    LayerTag tag;
    const auto descriptor = parse_vp9_descriptor(payload);
    if (!descriptor) return tag;
    if (descriptor->spatial_layers != 0) stream.spatial_layers = descriptor->spatial_layers;
    tag.by = LayerTag::By::vp9;
    tag.begins_frame = descriptor->begins_frame;
    tag.ends_frame = descriptor->ends_frame;
    tag.is_key = descriptor->begins_keyframe();
    tag.spatial = descriptor->spatial_layer;
    tag.temporal = descriptor->temporal_layer;
    tag.has_temporal = descriptor->has_layers;
    tag.switches_up = descriptor->switching_up_point;
    tag.is_predicted = descriptor->is_predicted;
    tag.unused_above = descriptor->unused_by_upper_layers;
    return tag;
}

LayerTag tag_of_descriptor(Bytes value, StreamLayers& stream) noexcept {
    LayerTag tag;
    const auto descriptor = parse_dependency_descriptor(value, stream.structure);
    if (!descriptor) return tag;
    if (descriptor->active_targets) stream.active_targets = *descriptor->active_targets;
    tag.by = LayerTag::By::descriptor;
    tag.begins_frame = descriptor->begins_frame;
    tag.ends_frame = descriptor->ends_frame;
    tag.is_key = descriptor->begins_frame && descriptor->has_structure;
    tag.spatial = descriptor->frame.spatial;
    tag.temporal = descriptor->frame.temporal;
    tag.has_temporal = true;
    tag.frame_number = descriptor->frame_number;
    tag.present = descriptor->frame.present;
    tag.switches = descriptor->frame.switches;
    tag.references = descriptor->frame.references;
    return tag;
}

}  // namespace

unsigned StreamLayers::spatial_count() const noexcept {
    if (structure.is_known()) return structure.templates[structure.template_count - 1U].spatial + 1U;
    return spatial_layers;
}

LayerTag read_layer_tag(Codec codec, Bytes payload, Bytes dependency_descriptor, StreamLayers& stream) noexcept {
    if (!dependency_descriptor.empty()) return tag_of_descriptor(dependency_descriptor, stream);
    if (codec == Codec::vp8) return tag_of_vp8(payload);
    if (codec == Codec::vp9) return tag_of_vp9(payload, stream);
    return {};
}

}  // namespace cardea
