// What a load generator sends and how it knows it again: packets as Chromium spaces them, each with a stamp at its end.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"

namespace cardea::load {

struct Profile {
    double video_kbps = 1000;  // 0: no video
    bool audio = true;
    bool spread = false;       // packets of a frame 2 to 4 ms apart: no trains at the gateway
};

struct MediaPacket {
    bool video = false;
    std::uint32_t timestamp = 0;
    bool marker = false;
    std::size_t size = 0;       // of the RTP packet
    bool starts_frame = false;
    bool keyframe = false;
};

struct TracePacket;

// When the next packet of one publisher is due, and which. Publishers begin at different places of the trace and between each other's
// frames.
class Schedule {
  public:
    // Of simulcast: how often the octets of this encoding go into those of the full one. Its frames are smaller, and as many.
    static constexpr std::array<unsigned, 3> kSimulcastDivisors{10, 3, 1};

    Schedule(const Profile& profile, Instant start, std::uint32_t seed, unsigned divisor = 1);
    [[nodiscard]] Instant next() const noexcept;
    [[nodiscard]] MediaPacket take() noexcept;
    void want_keyframe() noexcept { keyframe_wanted_ = true; }  // from the next frame on

  private:
    void advance_video() noexcept;
    Profile profile_;
    std::span<const TracePacket> trace_;
    double speed_;  // of the trace, to reach the bitrate
    Instant start_;
    std::size_t position_;
    Instant video_due_, audio_due_, frame_began_;
    std::uint32_t frame_timestamp_ = 0;
    std::uint32_t audio_timestamp_;
    std::uint32_t random_;
    bool at_frame_start_ = true;
    bool keyframe_wanted_ = true;
    bool keyframe_ = false;
};

inline constexpr std::size_t kStampSize = 24;
inline constexpr std::size_t kAudioPacket = 125;

// Fills what follows the RTP header: a VP8 payload descriptor (RFC 7741) or Opus' first byte, a pattern, the stamp.
void fill_payload(MutableBytes payload, const MediaPacket& packet, std::uint16_t picture, std::uint64_t counter, Instant now) noexcept;

struct Stamp {
    std::uint64_t counter = 0;
    Instant sent{};
};
// Nothing when the pattern or the stamp is damaged. `video`: a payload descriptor comes first, which a gateway may rewrite.
[[nodiscard]] std::optional<Stamp> read_payload(Bytes payload, bool video) noexcept;

}  // namespace cardea::load
