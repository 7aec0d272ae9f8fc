// Synthetic media whose every packet can be checked at the far end: decodable VP8 and Opus, with a stamp in the bytes that a
// decoder ignores (the tail of VP8's last token partition, RFC 6386 section 9.5; Opus padding, RFC 6716 section 3.2.5).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"

namespace cardea::testpeer {

struct Stamp {
    std::uint64_t counter = 0;  // counts the packets of one track, without gaps and without wrapping
    Instant sent{};
};

enum class StampCheck { absent, intact, damaged };
struct StampReading {
    StampCheck check = StampCheck::absent;
    Stamp stamp;
};
[[nodiscard]] StampReading read_stamp(Bytes media) noexcept;

// What follows the VP8 payload descriptor (RFC 7741 section 4.2): the gateway may rewrite the descriptor, never what follows.
struct Vp8Payload {
    bool starts_frame = false;
    bool keyframe = false;
    Bytes media;
};
[[nodiscard]] std::optional<Vp8Payload> parse_vp8(Bytes payload) noexcept;

// One track's packets, in order.
class Vp8Source {
  public:
    explicit Vp8Source(unsigned hue) : hue_{hue % 4} {}
    // The payloads of one frame of about `frame_size` bytes, at most `packet_size` each.
    [[nodiscard]] std::vector<std::vector<std::uint8_t>> frame(std::size_t frame_size, bool keyframe, Instant now);
    [[nodiscard]] std::uint64_t packets() const noexcept { return counter_; }

  private:
    unsigned hue_;
    std::uint16_t picture_ = 1;
    std::uint64_t counter_ = 0;
};

class OpusSource {
  public:
    [[nodiscard]] std::vector<std::uint8_t> packet(Instant now);
    [[nodiscard]] std::uint64_t packets() const noexcept { return counter_; }

  private:
    std::uint64_t counter_ = 0;
};

}  // namespace cardea::testpeer
