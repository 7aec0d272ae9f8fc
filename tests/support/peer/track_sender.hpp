// One published track: packets at their time, a store for NACKs, keyframes on demand, sender reports.
#pragma once

#include <cardea/json.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "payload.hpp"
#include "rtcp.hpp"
#include "rtp.hpp"
#include "sdp.hpp"

namespace cardea::testpeer {

class TrackSender {
  public:
    using Emit = std::function<void(std::vector<std::uint8_t>)>;
    struct Settings {
        std::string kind;
        std::string mid;
        unsigned video_kbps = 1000;
        unsigned hue = 0;
    };
    TrackSender(Settings settings, bool offer_rtx);

    [[nodiscard]] SdpTrack description() const { return {settings_.kind, ssrc_, rtx_ssrc_}; }
    // What the answer agreed on for this m-line; false when it was refused.
    bool agree(const SdpMedia& answered);
    void start(Instant now) { next_ = now; }
    void stop() { next_.reset(); }
    void send_due(Instant now, const Emit& emit);
    void request_keyframe(std::uint32_t ssrc);
    void answer(const Nack& nack, const Emit& emit);
    [[nodiscard]] SenderInfo sender_info(Instant now) const;
    [[nodiscard]] Json report() const;

  private:
    struct Sent {
        RtpFields fields;
        std::vector<std::uint8_t> payload;
    };
    void send(std::vector<std::uint8_t> payload, bool marker, const Emit& emit);
    void resend(const Sent& sent, const Emit& emit);
    [[nodiscard]] bool is_video() const noexcept { return settings_.kind == "video"; }

    Settings settings_;
    std::uint32_t ssrc_;
    std::uint32_t rtx_ssrc_ = 0;
    unsigned type_ = 0;
    std::optional<unsigned> rtx_type_;
    unsigned mid_extension_ = 0;
    Vp8Source video_;
    OpusSource audio_;
    std::vector<Sent> store_;
    std::optional<Instant> next_;
    std::uint16_t sequence_;
    std::uint16_t rtx_sequence_ = 1;
    std::uint32_t timestamp_;
    Instant timestamp_at_{};  // when timestamp_ is due
    bool keyframe_wanted_ = true;
    std::uint32_t packets_ = 0, octets_ = 0;
    unsigned frames_ = 0, keyframes_ = 0, keyframe_requests_ = 0, nacked_ = 0, resent_ = 0, nack_misses_ = 0;
};

}  // namespace cardea::testpeer
