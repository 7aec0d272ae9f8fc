// H.264 (RFC 6184): one NAL unit, several in a STAP-A, or a fragment of one in an FU-A.
#include "proto/rtp/codec/frame_start.hpp"

namespace cardea {

namespace {

enum Nal : std::uint8_t { slice = 1, idr = 5, sei = 6, sps = 7, pps = 8, delimiter = 9, stap_a = 24, fu_a = 28 };

constexpr FrameStart kMiddle{Answer::no, Answer::no};

// `rest` is what follows the NAL unit's header octet.
FrameStart start_of_nal(std::uint8_t type, Bytes rest) noexcept {
    // first_mb_in_slice is an Exp-Golomb number: a leading 1 bit is 0, the picture's first macroblock.
    const bool first_slice = !rest.empty() && (rest[0] & 0x80U) != 0;
    switch (type) {
        case sps:
            return {Answer::yes, Answer::yes};
        // Some senders give the parameter sets in the SDP only, so an IDR picture without them begins a stream too.
        case idr:
            return first_slice ? FrameStart{Answer::yes, Answer::yes} : kMiddle;
        case slice:
            return first_slice ? FrameStart{Answer::no, Answer::yes} : kMiddle;
        case sei:
        case pps:
        case delimiter:
            return {Answer::no, Answer::yes};
        default:
            return kMiddle;
    }
}

void merge(FrameStart& all, const FrameStart& one) noexcept {
    if (one.keyframe == Answer::yes) all.keyframe = Answer::yes;
    if (one.frame == Answer::yes) all.frame = Answer::yes;
}

FrameStart start_of_aggregate(ByteReader reader) noexcept {
    FrameStart all = kMiddle;
    while (reader.left() > 0) {
        const auto size = reader.be<std::uint16_t>();
        const Bytes nal = reader.take(size);
        if (!reader.ok()) return {};  // not H.264, whatever it is
        if (!nal.empty()) merge(all, start_of_nal(nal[0] & 0x1fU, nal.subspan(1)));
    }
    return all;
}

FrameStart start_of_fragment(ByteReader reader) noexcept {
    const auto header = reader.be<std::uint8_t>();
    if (!reader.ok()) return {};
    const bool is_first = (header & 0x80U) != 0;
    return is_first ? start_of_nal(header & 0x1fU, reader.rest()) : kMiddle;
}

}  // namespace

FrameStart h264_frame_start(Bytes payload) noexcept {
    ByteReader reader{payload};
    const auto header = reader.be<std::uint8_t>();
    if (!reader.ok() || (header & 0x80U) != 0) return {};  // forbidden_zero_bit
    switch (const std::uint8_t type = header & 0x1fU; type) {
        case stap_a:
            return start_of_aggregate(reader);
        case fu_a:
            return start_of_fragment(reader);
        default:
            return start_of_nal(type, reader.rest());
    }
}

}  // namespace cardea
