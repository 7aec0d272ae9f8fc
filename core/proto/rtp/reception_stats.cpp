#include "proto/rtp/reception_stats.hpp"

#include <algorithm>

#include "proto/rtp/sender_stats.hpp"
#include "proto/rtp/sequence.hpp"
#include "proto/rtp/stream_limits.hpp"

namespace cardea {

void ReceptionStats::on_packet(const Arrival& packet, Instant now) noexcept {
    ++packets_;
    octets_ += packet.size;
    if (packet.retransmitted) return;
    const Place place = track_sequence(packet.sequence);
    if (place == Place::stray) return;
    ++received_;
    // A late packet's transit time is that of its detour; it would count twice, there and back.
    if (place == Place::newest) track_jitter(packet.timestamp, now);
}

ReceptionStats::Place ReceptionStats::track_sequence(std::uint16_t sequence) noexcept {
    if (!highest_) {
        begin_at(sequence);
        return Place::newest;
    }
    const std::int16_t distance = sequence_distance(sequence, wrap_sequence(*highest_));
    if (is_jump(distance)) {
        if (expected_after_jump_ != sequence) {
            expected_after_jump_ = static_cast<std::uint16_t>(sequence + 1U);
            return Place::stray;
        }
        begin_at(sequence);
        return Place::newest;
    }
    expected_after_jump_.reset();
    if (distance <= 0) return Place::late;
    *highest_ += distance;
    return Place::newest;
}

void ReceptionStats::begin_at(std::uint16_t sequence) noexcept {
    highest_ = sequence;
    base_ = sequence;
    received_ = 0;
    expected_prior_ = 0;
    received_prior_ = 0;
    expected_after_jump_.reset();
    transit_.reset();
}

void ReceptionStats::track_jitter(std::uint32_t timestamp, Instant now) noexcept {
    const auto transit = static_cast<std::uint32_t>(ticks_in(now.time_since_epoch(), clock_rate_)) - timestamp;
    if (transit_) {
        const auto change = static_cast<std::int32_t>(transit - *transit_);
        const std::int64_t distance = std::abs(std::int64_t{change});
        // The timestamp jumped (the sender's clock or source changed): no network delays by seconds from one packet to the next.
        const bool is_jump_of_clock = distance > 5 * std::int64_t{clock_rate_};
        // RFC 3550 appendix A.8, in sixteenths.
        if (!is_jump_of_clock) jitter_q4_ += static_cast<std::uint32_t>(distance) - ((jitter_q4_ + 8U) >> 4U);
    }
    transit_ = transit;
}

void ReceptionStats::on_sender_report(std::uint64_t ntp, Instant now) noexcept {
    last_sr_ = static_cast<std::uint32_t>(ntp >> 16U);
    last_sr_arrival_ = now;
}

std::int64_t ReceptionStats::lost() const noexcept { return expected() - received_; }

ReportBlock ReceptionStats::next_report(Ssrc ssrc, Instant now) noexcept {
    // RFC 3550 appendix A.3.
    const std::int64_t expected_since = expected() - expected_prior_;
    const std::int64_t lost_since = expected_since - (received_ - received_prior_);
    expected_prior_ = expected();
    received_prior_ = received_;

    ReportBlock block;
    block.ssrc = ssrc;
    if (expected_since > 0 && lost_since > 0)
        block.fraction_lost = static_cast<std::uint8_t>(std::min<std::int64_t>(255, lost_since * 256 / expected_since));
    block.cumulative_lost = static_cast<std::int32_t>(std::clamp<std::int64_t>(lost(), -0x80'0000, 0x7f'ffff));
    block.highest_sequence = extended_highest_sequence();
    block.jitter = jitter();
    block.last_sr = last_sr_;
    if (last_sr_ != 0) block.delay_since_last_sr = static_cast<std::uint32_t>(ticks_in(now - last_sr_arrival_, 65536));
    return block;
}

std::optional<Duration> round_trip_of(const ReportBlock& block, std::uint64_t ntp) noexcept {
    if (block.last_sr == 0) return std::nullopt;
    const auto now = static_cast<std::uint32_t>(ntp >> 16U);
    const std::uint32_t units = now - block.last_sr - block.delay_since_last_sr;  // 1/65536 s
    // Clocks round: a negative time is one too short to measure.
    if (units >= 0x8000'0000U) return Duration{0};
    return Duration{static_cast<std::int64_t>(std::uint64_t{units} * 1'000'000'000U >> 16U)};
}

}  // namespace cardea
