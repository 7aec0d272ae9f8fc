// A temporal unit of OBUs with their sizes, without temporal delimiters: what Matroska and MP4 keep.
#include "proto/rtp/codec/av1_sequence.hpp"
#include "proto/rtp/codec/payload_assembly.hpp"

namespace cardea {
namespace {

enum Obu : std::uint8_t { sequence_header = 1, temporal_delimiter = 2, tile_list = 8 };

// AV1 specification section 4.10.5.
std::size_t read_leb128(ByteReader& in, bool& good) noexcept {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 5; ++i) {
        const auto octet = in.be<std::uint8_t>();
        value |= std::uint64_t{octet & 0x7fU} << (7 * i);
        if ((octet & 0x80U) == 0) {
            good = in.ok() && value <= 0xffff'ffffU;
            return static_cast<std::size_t>(value);
        }
    }
    good = false;
    return 0;
}

void append_leb128(FrameBytes& frame, std::size_t value) {
    do {
        const auto low = static_cast<std::uint8_t>(value & 0x7fU);
        value >>= 7U;
        frame.push_back(static_cast<std::uint8_t>(low | (value != 0 ? 0x80U : 0U)));
    } while (value != 0);
}

struct ObuParts {
    std::uint8_t type = 0;
    Bytes head;  // one octet or two
    Bytes payload;
};

bool split_obu(Bytes obu, ObuParts& parts) noexcept {
    ByteReader in{obu};
    const auto header = in.be<std::uint8_t>();
    const bool has_extension = (header & 0x04U) != 0;
    const bool has_size = (header & 0x02U) != 0;
    if (has_extension) in.skip(1);
    parts.type = header >> 3U & 0x0fU;
    if (!in.ok() || (header & 0x80U) != 0) return false;
    parts.head = obu.first(has_extension ? 2 : 1);
    if (!has_size) {
        parts.payload = in.rest();
        return true;
    }
    bool good = false;
    const auto size = read_leb128(in, good);
    if (!good) return false;
    parts.payload = in.take(size);
    return in.ok();
}

}  // namespace

bool Av1Assembly::close_obu(FrameBytes& frame) {
    open_ = false;
    ObuParts parts;
    if (!split_obu(obu_, parts)) return false;
    if (parts.type == temporal_delimiter || parts.type == tile_list) {
        obu_.clear();
        return true;
    }
    const auto start = frame.size();
    frame.push_back(static_cast<std::uint8_t>(parts.head[0] | 0x02U));
    if (parts.head.size() == 2) frame.push_back(parts.head[1]);
    append_leb128(frame, parts.payload.size());
    frame.insert(frame.end(), parts.payload.begin(), parts.payload.end());
    if (parts.type == sequence_header) sequence_.assign(frame.begin() + static_cast<std::ptrdiff_t>(start), frame.end());
    obu_.clear();
    return true;
}

bool Av1Assembly::add(Bytes payload, FrameBytes& frame) {
    ByteReader in{payload};
    const auto aggregation = in.be<std::uint8_t>();
    const bool continues = (aggregation & 0x80U) != 0;
    const bool goes_on = (aggregation & 0x40U) != 0;
    const unsigned count = aggregation >> 4U & 3U;  // 0: every element has a size
    if (!in.ok() || in.left() == 0 || continues != open_) return false;
    for (unsigned element = 1; in.left() > 0; ++element) {
        auto size = in.left();
        if (element != count) {
            bool good = false;
            size = read_leb128(in, good);
            if (!good) return false;
        }
        const auto part = in.take(size);
        if (!in.ok() || (count != 0 && element > count)) return false;
        obu_.insert(obu_.end(), part.begin(), part.end());
        open_ = true;
        const bool is_last = in.left() == 0;
        if (is_last && goes_on) return true;
        if (!close_obu(frame)) return false;
    }
    return true;
}

bool Av1Assembly::finish(FrameBytes& frame, bool keyframe, StreamSetup& setup) {
    if (open_ || frame.empty()) return false;
    if (!keyframe) return true;
    ObuParts parts;
    if (sequence_.empty() || !split_obu(sequence_, parts)) return false;
    const auto sequence = parse_av1_sequence(parts.payload);
    if (!sequence) return false;
    setup.size = sequence->size;
    setup.configuration = av1_configuration(*sequence, sequence_);
    return true;
}

}  // namespace cardea
