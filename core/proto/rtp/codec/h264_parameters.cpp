#include "proto/rtp/codec/h264_parameters.hpp"

#include "proto/rtp/codec/bit_reader.hpp"

namespace cardea {
namespace {

// ITU-T H.264 section 7.3.1: 00 00 03 stands for 00 00.
std::vector<std::uint8_t> without_emulation_prevention(Bytes nal) {
    std::vector<std::uint8_t> out;
    out.reserve(nal.size());
    unsigned zeros = 0;
    for (const auto octet : nal) {
        if (zeros >= 2 && octet == 3) {
            zeros = 0;
            continue;
        }
        zeros = octet == 0 ? zeros + 1 : 0;
        out.push_back(octet);
    }
    return out;
}

bool has_chroma_fields(std::uint32_t profile) noexcept {
    switch (profile) {
        case 44: case 83: case 86: case 100: case 110: case 118: case 122: case 128: case 134: case 135: case 138: case 139: case 244:
            return true;
        default:
            return false;
    }
}

std::int64_t signed_exp_golomb(BitReader& in) noexcept {
    const std::int64_t code = in.exp_golomb();
    return code % 2 == 0 ? -(code / 2) : code / 2 + 1;
}

// Section 7.3.2.1.1.1: only to get past it.
void skip_scaling_list(BitReader& in, unsigned size) noexcept {
    std::int64_t last = 8;
    std::int64_t next = 8;
    for (unsigned i = 0; i < size && in.ok(); ++i) {
        if (next != 0) next = (last + signed_exp_golomb(in)) & 0xff;
        if (next != 0) last = next;
    }
}

struct Chroma {
    std::uint32_t format = 1;  // 4:2:0
    bool separate_planes = false;
};

Chroma read_chroma(BitReader& in) noexcept {
    Chroma chroma{.format = in.exp_golomb()};
    if (chroma.format == 3) chroma.separate_planes = in.flag();
    static_cast<void>(in.exp_golomb());  // bit depth of luma
    static_cast<void>(in.exp_golomb());  // and of chroma
    in.skip(1);
    if (!in.flag()) return chroma;
    const unsigned lists = chroma.format == 3 ? 12 : 8;
    for (unsigned i = 0; i < lists && in.ok(); ++i)
        if (in.flag()) skip_scaling_list(in, i < 6 ? 16 : 64);
    return chroma;
}

void skip_picture_order(BitReader& in) noexcept {
    const auto type = in.exp_golomb();
    if (type == 0) static_cast<void>(in.exp_golomb());
    if (type != 1) return;
    in.skip(1);
    static_cast<void>(in.exp_golomb());
    static_cast<void>(in.exp_golomb());
    const auto cycle = in.exp_golomb();
    for (std::uint32_t i = 0; i < cycle && in.ok(); ++i) static_cast<void>(in.exp_golomb());
}

}  // namespace

std::optional<PictureSize> h264_picture_size(Bytes sps) {
    if (sps.size() < 4) return std::nullopt;
    const auto clean = without_emulation_prevention(sps.subspan(1));
    BitReader in{clean};
    const auto profile = in.bits(8);
    in.skip(16);  // constraints and level
    static_cast<void>(in.exp_golomb());
    const auto chroma = has_chroma_fields(profile) ? read_chroma(in) : Chroma{};
    static_cast<void>(in.exp_golomb());
    skip_picture_order(in);
    static_cast<void>(in.exp_golomb());
    in.skip(1);
    const std::uint64_t columns = std::uint64_t{in.exp_golomb()} + 1;
    const std::uint64_t rows = std::uint64_t{in.exp_golomb()} + 1;
    const bool frames_only = in.flag();
    if (!frames_only) in.skip(1);
    in.skip(1);
    std::uint64_t crop_x = 0;
    std::uint64_t crop_y = 0;
    if (in.flag()) {
        crop_x = std::uint64_t{in.exp_golomb()} + in.exp_golomb();
        crop_y = std::uint64_t{in.exp_golomb()} + in.exp_golomb();
    }
    if (!in.ok()) return std::nullopt;
    const bool subsampled = !chroma.separate_planes;
    const std::uint64_t unit_x = subsampled && (chroma.format == 1 || chroma.format == 2) ? 2 : 1;
    const std::uint64_t unit_y = (subsampled && chroma.format == 1 ? 2U : 1U) * (frames_only ? 1U : 2U);
    const std::uint64_t width = columns * 16;
    const std::uint64_t height = rows * 16 * (frames_only ? 1U : 2U);
    constexpr std::uint64_t kLargest = 16'384;  // level 6.2 ends at 8192 x 4320
    if (width > kLargest || height > kLargest || crop_x * unit_x >= width || crop_y * unit_y >= height) return std::nullopt;
    return PictureSize{static_cast<std::uint32_t>(width - crop_x * unit_x), static_cast<std::uint32_t>(height - crop_y * unit_y)};
}

std::vector<std::uint8_t> h264_decoder_configuration(Bytes sps, Bytes pps) {
    if (sps.size() < 4 || pps.empty() || sps.size() > 0xffff || pps.size() > 0xffff) return {};
    std::vector<std::uint8_t> out(11 + sps.size() + pps.size());
    ByteWriter writer{out};
    writer.be(std::uint8_t{1});
    writer.bytes(sps.subspan(1, 3));  // profile, constraints, level
    writer.be(std::uint8_t{0xff});    // lengths of four octets
    writer.be(std::uint8_t{0xe1});    // one sequence parameter set
    writer.be(static_cast<std::uint16_t>(sps.size()));
    writer.bytes(sps);
    writer.be(std::uint8_t{1});
    writer.be(static_cast<std::uint16_t>(pps.size()));
    writer.bytes(pps);
    return out;
}

}  // namespace cardea
