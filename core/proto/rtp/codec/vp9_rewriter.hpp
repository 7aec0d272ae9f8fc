// VP9's own numbers (RFC 9628 section 4.2), as Vp8Rewriter: continuous over source switches. One per leg.
#pragma once

#include "proto/rtp/codec/picture_offsets.hpp"
#include "proto/rtp/codec/vp9_descriptor.hpp"

namespace cardea {

class Vp9Rewriter {
  public:
    // What goes before the numbers and the numbers themselves lie in this many octets of a payload.
    static constexpr std::size_t kPrefix = 5;

    // Patches the leg's own copy of a payload, or its first kPrefix octets. Retransmissions too, with the epoch
    // RtpRewriter::original() named. False: too long ago, the numbers it was sent with are not known any more.
    [[nodiscard]] bool rewrite(SourceEpoch epoch, const Vp9Descriptor& descriptor, MutableBytes prefix) noexcept {
        if (descriptor.picture_id) {
            const auto picture = pictures_.map(epoch, *descriptor.picture_id, descriptor.long_picture_id ? 15 : 7);
            if (!picture) return false;
            set_vp9_picture_id(prefix, descriptor, *picture);
        }
        if (descriptor.tl0_index) {
            const auto tl0 = base_pictures_.map(epoch, *descriptor.tl0_index, 8);
            if (!tl0) return false;
            set_vp9_tl0_index(prefix, descriptor, static_cast<std::uint8_t>(*tl0));
        }
        return true;
    }

  private:
    PictureOffsets pictures_;
    PictureOffsets base_pictures_;
};

}  // namespace cardea
