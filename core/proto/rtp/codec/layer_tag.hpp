// What layer selection wants to know of a packet's frame, read once when it arrives: by dependency descriptor if there is one,
// else by the payload descriptors of VP8 and VP9. Of anything else nothing is known, and all of it is forwarded.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "proto/rtp/codec/dependency_descriptor.hpp"
#include "proto/rtp/media_types.hpp"

namespace cardea {

struct LayerTag {
    enum class By : std::uint8_t { nothing, vp8, vp9, descriptor };
    By by = By::nothing;
    bool begins_frame = false;  // of one spatial layer
    bool ends_frame = false;
    bool is_key = false;  // decoding can begin with this frame; only said where begins_frame is
    std::uint8_t spatial = 0;
    std::uint8_t temporal = 0;
    // VP8 and VP9
    bool has_temporal = false;
    bool switches_up = false;     // this layer can be begun here
    bool is_predicted = true;     // VP9: refers to an earlier picture
    bool unused_above = false;    // VP9: upper spatial layers of this picture do without it
    // Descriptor
    std::uint16_t frame_number = 0;
    DecodeTargets present = 0;
    DecodeTargets switches = 0;
    FrameReferences references;
};

// What a stream says of its layers now and then, kept for the packets in between.
struct StreamLayers {
    DependencyStructure structure;
    DecodeTargets active_targets = 0;
    std::uint8_t spatial_layers = 0;  // VP9's scalability structure; 0: not known

    // Spatial layers of the stream: more than one makes it SVC. 0: not known.
    [[nodiscard]] unsigned spatial_count() const noexcept;
};

[[nodiscard]] LayerTag read_layer_tag(Codec codec, Bytes payload, Bytes dependency_descriptor, StreamLayers& stream) noexcept;

}  // namespace cardea
