// AV1 (RTP payload format for AV1, sections 4.4 and 4.5): the aggregation header and the first OBU.
#include "proto/rtp/codec/frame_start.hpp"

namespace cardea {

namespace {

enum Obu : std::uint8_t { sequence_header = 1, temporal_delimiter = 2, frame_header = 3, metadata = 5, frame = 6 };

// leb128 of at most eight octets; only its length matters here.
void skip_leb128(ByteReader& reader) noexcept {
    for (int i = 0; i < 8 && (reader.be<std::uint8_t>() & 0x80U) != 0; ++i) {
    }
}

}  // namespace

FrameStart av1_frame_start(Bytes payload) noexcept {
    ByteReader reader{payload};
    const auto aggregation = reader.be<std::uint8_t>();
    const bool continues_obu = (aggregation & 0x80U) != 0;      // Z
    const bool one_element = (aggregation >> 4U & 0x03U) == 1;  // W: the last element has no length
    const bool begins_sequence = (aggregation & 0x08U) != 0;    // N
    if (!one_element) skip_leb128(reader);
    const auto obu = reader.be<std::uint8_t>();
    if (!reader.ok() || (continues_obu && begins_sequence)) return {};  // section 4.4: Z and N exclude each other
    if (continues_obu) return {Answer::no, Answer::no};
    const std::uint8_t type = obu >> 3U & 0x0fU;
    if (begins_sequence || type == sequence_header) return {Answer::yes, Answer::yes};
    const bool begins_frame = type == temporal_delimiter || type == frame_header || type == frame || type == metadata;
    return {Answer::no, begins_frame ? Answer::yes : Answer::no};
}

}  // namespace cardea
