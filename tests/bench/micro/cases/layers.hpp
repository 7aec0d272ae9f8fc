// Reading a packet's layers and choosing among them, for streams as encoders make them.
#pragma once

#include <span>

#include "common.hpp"
#include "media/layer_filter.hpp"
#include "proto/rtp/codec/frame_start.hpp"
#include "unit/media/layer_streams.hpp"

namespace cardea::bench {

inline std::vector<test::StreamPacket> packets_of_vp8() {
    test::Vp8Stream stream;
    std::vector<test::StreamPacket> packets;
    for (int i = 0; i < 64; ++i) packets.push_back(stream.next(i == 0));
    return packets;
}
// Of a stream whose pictures are several packets.
template <class Stream>
std::vector<test::StreamPacket> packets_of_svc(Stream stream) {
    std::vector<test::StreamPacket> packets;
    for (int i = 0; i < 64; ++i) std::ranges::move(stream.next(i == 0), std::back_inserter(packets));
    return packets;
}

// 64 pictures round and round, the first a keyframe; a leg that wants the lowest spatial and every second temporal layer.
class LayerChoice {
  public:
    static constexpr int kWarmUp = 512;
    LayerChoice(Codec codec, std::vector<test::StreamPacket> packets) : codec_{codec}, packets_{std::move(packets)} {
        filter_.set_target({.spatial = 0, .temporal = 1});
    }
    std::size_t step() {
        const auto& packet = packets_[place_];
        place_ = (place_ + 1) % packets_.size();
        const auto start = frame_start_of(codec_, packet.payload, packet.descriptor);
        const auto tag = read_layer_tag(codec_, packet.payload, packet.descriptor, stream_);
        const auto verdict = filter_.on_packet(tag, ++sequence_, stream_);
        // The base layer is never left out, and a keyframe is told.
        const bool right = tag.by != LayerTag::By::nothing && (packet.spatial > 0 || packet.temporal > 0 || verdict.forward);
        return right && (start.keyframe == Answer::yes) == (packet.key && packet.spatial == 0) ? 1 : 0;
    }

  private:
    Codec codec_;
    std::vector<test::StreamPacket> packets_;
    std::size_t place_ = 0;
    StreamLayers stream_;
    LayerFilter filter_;
    std::uint16_t sequence_ = 0;
};

}  // namespace cardea::bench
