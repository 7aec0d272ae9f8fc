// H.264 parameter sets: the picture size in a sequence parameter set, and the decoder configuration record that files carry.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "proto/rtp/codec/picture_size.hpp"

namespace cardea {

// `sps` is the whole NAL unit with its header octet. None: it cannot be read.
[[nodiscard]] std::optional<PictureSize> h264_picture_size(Bytes sps);

// ISO/IEC 14496-15 section 5.3.3.1, with four octets of length before each NAL unit. Empty when a set is missing.
[[nodiscard]] std::vector<std::uint8_t> h264_decoder_configuration(Bytes sps, Bytes pps);

}  // namespace cardea
