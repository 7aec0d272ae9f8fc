// AV1 sequence header: the picture size, and the codec configuration that files carry.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "proto/rtp/codec/picture_size.hpp"

namespace cardea {

struct Av1Sequence {
    PictureSize size;
    std::uint8_t profile = 0, level = 0;
    bool high_tier = false, high_bitdepth = false, twelve_bit = false, monochrome = false;
    bool subsampling_x = false, subsampling_y = false;
    std::uint8_t chroma_position = 0;
};

// `payload`: of the OBU, without its header. None: it cannot be read.
[[nodiscard]] std::optional<Av1Sequence> parse_av1_sequence(Bytes payload) noexcept;

// "AV1 Codec ISO Media File Format Binding" section 2.3.3; Matroska uses the same. `obu`: the sequence header with header and size.
[[nodiscard]] std::vector<std::uint8_t> av1_configuration(const Av1Sequence& sequence, Bytes obu);

}  // namespace cardea
