// One received stream: does every sequence number and every stamp arrive, intact? Asks for what is missing.
#pragma once

#include <cardea/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "gap_tracker.hpp"
#include "payload.hpp"
#include "rtcp.hpp"
#include "rtp.hpp"

namespace cardea::testpeer {

class StreamReceiver {
  public:
    struct Identity {
        std::string kind;
        std::string mid;
        std::string feed;
    };
    StreamReceiver(Identity identity, Instant now) : identity_{std::move(identity)}, born_{now} {}

    void set_identity(Identity identity) { identity_ = std::move(identity); }
    void receive(const RtpPacket& packet, Instant now);
    void receive_repair(RtpPacket packet, unsigned media_type, Instant now);  // RFC 4588
    void on_sender_info(const SenderInfo& info, Instant now);
    [[nodiscard]] bool has_ssrc() const noexcept { return ssrc_ != 0; }
    void write_requests(RtcpWriter& to, std::uint32_t own_ssrc, Instant now);
    [[nodiscard]] ReportBlock report_block(Instant now);
    [[nodiscard]] const Identity& identity() const noexcept { return identity_; }
    [[nodiscard]] Json report(Instant now) const;

  private:
    void accept_payload(const RtpPacket& packet, Instant now);
    void count_stamp(const StampReading& reading, Instant now);
    void measure_jitter(const RtpPacket& packet, Instant now);

    Identity identity_;
    Instant born_;
    std::uint32_t ssrc_ = 0;
    std::int64_t last_sequence_ = 0;
    GapTracker sequences_;
    GapTracker stamps_;
    std::uint64_t packets_ = 0, unique_ = 0, octets_ = 0, duplicates_ = 0, late_ = 0, recovered_ = 0, repairs_ = 0;
    std::uint64_t stamped_ = 0, damaged_ = 0, frames_ = 0, keyframes_ = 0, nacks_ = 0, plis_ = 0, ssrc_changes_ = 0, stamp_duplicates_ = 0;
    std::optional<Instant> first_packet_, first_keyframe_, last_packet_;
    Duration longest_pause_{};
    Duration worst_delay_{};
    double delay_sum_ = 0;
    double jitter_ = 0;
    std::optional<double> transit_;
    std::optional<Instant> pli_at_;
    std::vector<std::int64_t> keyframe_stamps_;
    std::uint32_t last_sr_ = 0;
    Instant last_sr_at_{};
    std::uint64_t reported_expected_ = 0, reported_unique_ = 0;
};

}  // namespace cardea::testpeer
