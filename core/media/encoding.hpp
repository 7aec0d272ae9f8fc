// One simulcast encoding of a source, or its only one: what has arrived of it, and the keyframes asked of its sender.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "media/packet_store.hpp"
#include "proto/rtp/codec/layer_tag.hpp"
#include "proto/rtp/nack_tracker.hpp"
#include "proto/rtp/reception_stats.hpp"
#include "proto/rtp/remote_clock.hpp"

namespace cardea {

// Keyframe requests to the sender, one stream of them for all who ask.
class KeyframeRequests {
  public:
    // Somebody wants one. True: send a PLI now.
    [[nodiscard]] bool want(Instant now) noexcept;
    // Due because it had to wait for the floor, or none came. True: send a PLI now.
    [[nodiscard]] bool poll(Instant now) noexcept;
    [[nodiscard]] Instant next() const noexcept { return wanted_ ? due_ : Instant::max(); }
    void on_keyframe() noexcept { wanted_ = false; }

  private:
    static constexpr Duration kFloor = 300ms;  // requests closer together than this are one
    static constexpr Duration kRetry = 1s;
    static constexpr int kTries = 11;          // a sender that never makes one is left alone until asked anew
    std::optional<Instant> last_;
    Instant due_{};
    int tries_ = 0;
    bool wanted_ = false;
};

struct Encoding {
    // What is asked for later than this comes too late: a receiver shows or plays something else by then.
    static constexpr Duration kVideoKept = 1s;
    static constexpr Duration kAudioKept = 500ms;
    Encoding(std::size_t store_capacity, std::uint32_t clock_rate, std::uint8_t place, bool is_video)
        : rank{place}, store{store_capacity, is_video ? kVideoKept : kAudioKept}, stats{clock_rate}, clock{clock_rate},
          layers{is_video ? std::make_unique<StreamLayers>() : nullptr} {}
    Ssrc ssrc{};         // 0: not seen yet
    Ssrc rtx_ssrc{};     // 0: none
    std::string rid;
    std::uint8_t rank;   // among the source's encodings, 0 is the lowest
    PacketStore store;
    NackTracker nacks;
    ReceptionStats stats;
    SourceClock clock;
    std::unique_ptr<StreamLayers> layers;  // of video
    KeyframeRequests keyframes;
    bool request_due = false;      // its owner has to send one
    Instant last_packet{};
    Instant silence_noted{};       // since when others arrive and this one does not; see is_silent()
    std::uint16_t newest_sequence = 0;  // that was passed on to the legs
    bool has_packets = false;
    bool at_keyframe = false;      // the packet that just arrived may begin decoding
};

}  // namespace cardea
