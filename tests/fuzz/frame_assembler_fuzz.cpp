// What turns RTP payloads into frames, every codec: the input is a series of packets, each behind two octets of flags and size.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "proto/rtp/codec/av1_sequence.hpp"
#include "proto/rtp/codec/frame_assembler.hpp"
#include "proto/rtp/codec/h264_parameters.hpp"

namespace {

using namespace cardea;

void assemble(Codec codec, Bytes input) {
    FrameAssembler assembler{codec};
    ByteReader reader{input};
    std::uint32_t timestamp = 0;
    std::size_t fed = 0;
    while (reader.left() > 2) {
        const auto flags = reader.be<std::uint8_t>();
        const auto payload = reader.take(std::min<std::size_t>(reader.be<std::uint8_t>(), reader.left()));
        if ((flags & 4U) != 0) ++timestamp;
        fed += payload.size();
        assembler.push({.payload = payload, .timestamp = timestamp, .marker = (flags & 1U) != 0, .after_gap = (flags & 2U) != 0},
                       [&](const EncodedFrame& frame) {
                           CARDEA_ASSERT(!frame.data.empty());
                           CARDEA_ASSERT(frame.data.size() <= 8 * fed + 64);  // lengths and an index, nothing more
                       });
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input{data, size};
    for (const auto codec : {Codec::vp8, Codec::vp9, Codec::h264, Codec::av1, Codec::opus}) assemble(codec, input);
    static_cast<void>(h264_picture_size(input));
    static_cast<void>(parse_av1_sequence(input));
    return 0;
}
