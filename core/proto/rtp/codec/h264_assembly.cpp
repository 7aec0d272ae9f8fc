#include "proto/rtp/codec/h264_parameters.hpp"
#include "proto/rtp/codec/payload_assembly.hpp"

namespace cardea {
namespace {

enum Nal : std::uint8_t { sps = 7, pps = 8, last_single = 23, stap_a = 24, fu_a = 28 };
constexpr std::size_t kLengthSize = 4;

void put_length(FrameBytes& frame, std::size_t at, std::size_t length) {
    ByteWriter writer{MutableBytes{frame}.subspan(at, kLengthSize)};
    writer.be(static_cast<std::uint32_t>(length));
}

}  // namespace

void H264Assembly::note_parameters(Bytes nal) {
    const auto type = nal[0] & 0x1fU;
    if (type == sps) sps_.assign(nal.begin(), nal.end());
    if (type == pps) pps_.assign(nal.begin(), nal.end());
}

void H264Assembly::add_nal(Bytes nal, FrameBytes& frame) {
    note_parameters(nal);
    const auto at = frame.size();
    frame.resize(at + kLengthSize);
    put_length(frame, at, nal.size());
    frame.insert(frame.end(), nal.begin(), nal.end());
}

bool H264Assembly::add_aggregate(ByteReader reader, FrameBytes& frame) {
    while (reader.left() > 0) {
        const auto nal = reader.take(reader.be<std::uint16_t>());
        if (!reader.ok() || nal.empty()) return false;
        add_nal(nal, frame);
    }
    return true;
}

bool H264Assembly::add_fragment(std::uint8_t indicator, ByteReader reader, FrameBytes& frame) {
    const auto header = reader.be<std::uint8_t>();
    if (!reader.ok() || reader.left() == 0) return false;
    const bool begins = (header & 0x80U) != 0;
    const bool ends = (header & 0x40U) != 0;
    if (begins != (open_fragment_ == kNone)) return false;
    if (begins) {
        open_fragment_ = frame.size();
        frame.resize(frame.size() + kLengthSize);
        frame.push_back(static_cast<std::uint8_t>((indicator & 0xe0U) | (header & 0x1fU)));
    }
    const auto data = reader.rest();
    frame.insert(frame.end(), data.begin(), data.end());
    if (!ends) return true;
    const auto start = open_fragment_ + kLengthSize;
    put_length(frame, open_fragment_, frame.size() - start);
    note_parameters(Bytes{frame}.subspan(start));
    open_fragment_ = kNone;
    return true;
}

bool H264Assembly::add(Bytes payload, FrameBytes& frame) {
    ByteReader reader{payload};
    const auto header = reader.be<std::uint8_t>();
    if (!reader.ok() || (header & 0x80U) != 0) return false;
    const auto type = header & 0x1fU;
    if (type == fu_a) return add_fragment(header, reader, frame);
    if (open_fragment_ != kNone) return false;
    if (type == stap_a) return add_aggregate(reader, frame);
    if (type == 0 || type > last_single) return false;  // interleaved modes are not negotiated in WebRTC
    add_nal(payload, frame);
    return true;
}

bool H264Assembly::finish(FrameBytes& frame, bool keyframe, StreamSetup& setup) {
    if (open_fragment_ != kNone || frame.empty()) return false;
    if (!keyframe) return true;
    const auto size = h264_picture_size(sps_);
    if (!size || pps_.empty()) return false;
    setup.size = *size;
    setup.configuration = h264_decoder_configuration(sps_, pps_);
    return !setup.configuration.empty();
}

}  // namespace cardea
