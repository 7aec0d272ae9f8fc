// VP8 numbers its pictures inside the payload (RFC 7741 section 4.2); a decoder that sees them jump at a source switch waits for
// pictures that never come. One per leg, beside RtpRewriter, fed with the same decisions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "proto/rtp/codec/vp8_descriptor.hpp"
#include "proto/rtp/gap_free_map.hpp"
#include "proto/rtp/source_epoch.hpp"

namespace cardea {

class Vp8Rewriter {
  public:
    Vp8Rewriter() noexcept : pictures_{0} {}

    // The descriptor lies in this many octets of a payload at most.
    static constexpr std::size_t kPrefix = 6;

    // Patches the leg's own copy of a payload, or its first kPrefix octets. Retransmissions too, with the epoch
    // RtpRewriter::original() named. A payload without PictureID stays as it is.
    // False: it cannot be told what its numbers were, or they were left out.
    [[nodiscard]] bool rewrite(SourceEpoch epoch, const Vp8Descriptor& descriptor, MutableBytes prefix) noexcept;
    // A picture that is left out on purpose: its number is closed up. Call for each of its packets.
    void drop(SourceEpoch epoch, Bytes payload) noexcept;

  private:
    struct Epoch {
        SourceEpoch id{};
        std::int64_t newest_picture = 0;  // of the source, unwrapped
        std::uint8_t tl0_offset = 0;
    };
    [[nodiscard]] Epoch* find(SourceEpoch epoch) noexcept;
    Epoch& begin(SourceEpoch epoch, const Vp8Descriptor& descriptor) noexcept;
    [[nodiscard]] static std::int64_t unwrap(const Vp8Descriptor& descriptor, std::int64_t reference) noexcept;

    GapFreeMap pictures_;
    std::array<Epoch, 4> epochs_{};
    std::size_t newest_ = 0;
    std::uint8_t last_tl0_ = 0;
};

}  // namespace cardea
