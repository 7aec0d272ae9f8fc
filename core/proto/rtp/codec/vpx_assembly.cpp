// VP8 (RFC 7741) and VP9 (RFC 9628): descriptors off, payloads one after the other.
#include <algorithm>

#include "proto/rtp/codec/bit_reader.hpp"
#include "proto/rtp/codec/payload_assembly.hpp"
#include "proto/rtp/codec/vp8_descriptor.hpp"
#include "proto/rtp/codec/vp9_descriptor.hpp"

namespace cardea {
namespace {

// RFC 6386 section 9.1: three octets of frame tag, a start code, 14 bits each of width and height, little endian.
PictureSize vp8_picture_size(Bytes frame) noexcept {
    ByteReader in{frame};
    in.skip(3);
    const auto start = in.be24();
    const auto width_low = in.be<std::uint8_t>();
    const auto width_high = in.be<std::uint8_t>();
    const auto height_low = in.be<std::uint8_t>();
    const auto height_high = in.be<std::uint8_t>();
    if (!in.ok() || start != 0x9d012a) return {};
    return {(width_high & 0x3fU) << 8U | width_low, (height_high & 0x3fU) << 8U | height_low};
}

// VP9 bitstream specification section 6.2, as far as frame_size().
PictureSize vp9_picture_size(Bytes frame) noexcept {
    BitReader in{frame};
    if (in.bits(2) != 2) return {};
    const unsigned profile_low = in.bits(1);
    const unsigned profile = in.bits(1) << 1U | profile_low;
    if (profile == 3) in.skip(1);
    if (in.flag()) return {};  // shows an earlier frame
    if (in.flag()) return {};  // not a keyframe
    in.skip(2);
    if (in.bits(24) != 0x498342) return {};
    if (profile >= 2) in.skip(1);
    const bool is_rgb = in.bits(3) == 7;
    if (!is_rgb) in.skip(1);
    if (profile == 1 || profile == 3) in.skip(is_rgb ? 1 : 3);
    const PictureSize size{in.bits(16) + 1, in.bits(16) + 1};
    return in.ok() ? size : PictureSize{};
}

constexpr std::size_t kMaxVp9Layers = 8;

// VP9 specification annex B: a decoder of files finds the layers of one picture by the index behind them.
void append_superframe_index(const std::vector<std::size_t>& starts, FrameBytes& frame) {
    const auto end = frame.size();
    const auto marker = static_cast<std::uint8_t>(0xc0U | 3U << 3U | (starts.size() - 1));  // four octets a size
    frame.push_back(marker);
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const auto size = (i + 1 < starts.size() ? starts[i + 1] : end) - starts[i];
        for (unsigned shift = 0; shift < 32; shift += 8) frame.push_back(static_cast<std::uint8_t>(size >> shift));
    }
    frame.push_back(marker);
}

}  // namespace

bool Vp8Assembly::add(Bytes payload, FrameBytes& frame) {
    const auto descriptor = parse_vp8_descriptor(payload);
    if (!descriptor) return false;
    const auto data = payload.subspan(descriptor->size);
    frame.insert(frame.end(), data.begin(), data.end());
    return true;
}

bool Vp8Assembly::finish(FrameBytes& frame, bool keyframe, StreamSetup& setup) {
    if (!keyframe) return true;
    const auto size = vp8_picture_size(frame);
    if (size.is_known()) setup.size = size;
    return size.is_known();
}

bool Vp9Assembly::add(Bytes payload, FrameBytes& frame) {
    const auto descriptor = parse_vp9_descriptor(payload);
    if (!descriptor) return false;
    if (descriptor->begins_frame) layer_starts_.push_back(frame.size());
    if (layer_starts_.empty() || layer_starts_.size() > kMaxVp9Layers) return false;
    if (descriptor->largest.is_known()) largest_ = descriptor->largest;
    const auto data = payload.subspan(descriptor->size);
    frame.insert(frame.end(), data.begin(), data.end());
    return true;
}

bool Vp9Assembly::finish(FrameBytes& frame, bool keyframe, StreamSetup& setup) {
    if (keyframe) {
        const auto size = largest_.is_known() ? largest_ : vp9_picture_size(frame);
        if (size.is_known()) setup.size = size;
        if (!setup.size.is_known()) return false;
    }
    if (layer_starts_.size() > 1) append_superframe_index(layer_starts_, frame);
    return true;
}

}  // namespace cardea
