// AV1 bitstream specification, section 5.5.
#include "proto/rtp/codec/av1_sequence.hpp"

#include "proto/rtp/codec/bit_reader.hpp"

namespace cardea {
namespace {

struct DecoderModel {
    bool present = false;
    unsigned delay_bits = 0;
};

DecoderModel read_timing(BitReader& in) noexcept {
    DecoderModel model;
    if (!in.flag()) return model;
    in.skip(64);
    if (in.flag()) static_cast<void>(in.exp_golomb());  // equal_picture_interval
    model.present = in.flag();
    if (!model.present) return model;
    model.delay_bits = in.bits(5) + 1;
    in.skip(32 + 5 + 5);
    return model;
}

void read_operating_points(BitReader& in, Av1Sequence& sequence) noexcept {
    const auto model = read_timing(in);
    const bool has_display_delay = in.flag();
    const auto count = in.bits(5) + 1;
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
        in.skip(12);
        const auto level = static_cast<std::uint8_t>(in.bits(5));
        const bool tier = level > 7 && in.flag();
        if (i == 0) {
            sequence.level = level;
            sequence.high_tier = tier;
        }
        if (model.present && in.flag()) in.skip(2 * model.delay_bits + 1);
        if (has_display_delay && in.flag()) in.skip(4);
    }
}

void skip_tools(BitReader& in) noexcept {
    in.skip(4);  // interintra, masked compound, warped motion, dual filter
    const bool has_order_hint = in.flag();
    if (has_order_hint) in.skip(2);
    const bool chooses_screen_content = in.flag();
    const bool screen_content = chooses_screen_content || in.flag();
    if (screen_content && !in.flag()) in.skip(1);
    if (has_order_hint) in.skip(3);
}

void read_color(BitReader& in, Av1Sequence& sequence) noexcept {
    sequence.high_bitdepth = in.flag();
    if (sequence.profile == 2 && sequence.high_bitdepth) sequence.twelve_bit = in.flag();
    if (sequence.profile != 1) sequence.monochrome = in.flag();
    std::uint32_t description = 0;
    if (in.flag()) description = in.bits(24);
    if (sequence.monochrome) {
        in.skip(1);
        sequence.subsampling_x = sequence.subsampling_y = true;
        return;
    }
    constexpr std::uint32_t kSrgb = 0x010d00;  // BT.709 primaries, sRGB transfer, identity matrix
    if (description == kSrgb) return;
    in.skip(1);
    if (sequence.profile == 0) {
        sequence.subsampling_x = sequence.subsampling_y = true;
    } else if (sequence.profile == 2) {
        sequence.subsampling_x = !sequence.twelve_bit || in.flag();
        sequence.subsampling_y = sequence.twelve_bit && sequence.subsampling_x && in.flag();
    }
    if (sequence.subsampling_x && sequence.subsampling_y) sequence.chroma_position = static_cast<std::uint8_t>(in.bits(2));
}

}  // namespace

std::optional<Av1Sequence> parse_av1_sequence(Bytes payload) noexcept {
    BitReader in{payload};
    Av1Sequence sequence;
    sequence.profile = static_cast<std::uint8_t>(in.bits(3));
    in.skip(1);
    const bool reduced = in.flag();
    if (reduced)
        sequence.level = static_cast<std::uint8_t>(in.bits(5));
    else
        read_operating_points(in, sequence);
    const auto width_bits = in.bits(4) + 1;
    const auto height_bits = in.bits(4) + 1;
    sequence.size.width = in.bits(width_bits) + 1;
    sequence.size.height = in.bits(height_bits) + 1;
    if (!reduced && in.flag()) in.skip(7);  // frame ids
    in.skip(3);                             // 128x128 superblocks, intra filter, intra edge
    if (!reduced) skip_tools(in);
    in.skip(3);  // super resolution, CDEF, restoration
    read_color(in, sequence);
    if (!in.ok() || sequence.profile > 2) return std::nullopt;
    return sequence;
}

std::vector<std::uint8_t> av1_configuration(const Av1Sequence& sequence, Bytes obu) {
    std::vector<std::uint8_t> out(4 + obu.size());
    ByteWriter writer{out};
    const auto bit = [](bool value, unsigned place) { return static_cast<unsigned>(value) << place; };
    writer.be(std::uint8_t{0x81});
    writer.be(static_cast<std::uint8_t>(unsigned{sequence.profile} << 5U | sequence.level));
    writer.be(static_cast<std::uint8_t>(bit(sequence.high_tier, 7) | bit(sequence.high_bitdepth, 6) | bit(sequence.twelve_bit, 5) |
                                        bit(sequence.monochrome, 4) | bit(sequence.subsampling_x, 3) | bit(sequence.subsampling_y, 2) |
                                        sequence.chroma_position));
    writer.be(std::uint8_t{0});
    writer.bytes(obu);
    return out;
}

}  // namespace cardea
