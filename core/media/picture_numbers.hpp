// A leg's own numbers inside what it sends: picture ids in the payload's first octets, frame numbers in dependency descriptors.
#pragma once

#include <cstddef>
#include <optional>
#include <variant>

#include "base/bytes.hpp"
#include "proto/rtp/codec/picture_offsets.hpp"
#include "proto/rtp/codec/vp8_rewriter.hpp"
#include "proto/rtp/codec/vp9_rewriter.hpp"
#include "proto/rtp/media_types.hpp"

namespace cardea {

class PictureNumbers {
  public:
    explicit PictureNumbers(Codec codec);

    // Writes the payload's first octets with the leg's numbers; gives how many: the rest of the payload follows them as it is.
    // Retransmissions too, with the epoch they were sent in. None: it cannot be told what the numbers were.
    [[nodiscard]] std::optional<std::size_t> write_prefix(SourceEpoch epoch, Bytes payload, MutableBytes out) noexcept;
    // A packet of a picture that is left out.
    void drop(SourceEpoch epoch, Bytes payload) noexcept;
    [[nodiscard]] std::optional<std::uint16_t> frame_number(SourceEpoch epoch, Bytes dependency_descriptor) noexcept;

  private:
    [[nodiscard]] std::optional<std::size_t> write(Vp8Rewriter& rewriter, SourceEpoch epoch, Bytes payload, MutableBytes out) noexcept;
    [[nodiscard]] std::optional<std::size_t> write(Vp9Rewriter& rewriter, SourceEpoch epoch, Bytes payload, MutableBytes out) noexcept;
    std::variant<std::monostate, Vp8Rewriter, Vp9Rewriter> rewriter_;
    PictureOffsets frames_;
};

}  // namespace cardea
