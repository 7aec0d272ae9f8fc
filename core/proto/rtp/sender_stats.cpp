#include "proto/rtp/sender_stats.hpp"

namespace cardea {

void SenderStats::on_packet(const Sent& packet, Instant now) noexcept {
    const bool is_newest = packets_ == 0 || static_cast<std::int32_t>(packet.timestamp - last_timestamp_) > 0;
    ++packets_;
    octets_ += packet.payload_size;
    // The first packet of a frame is nearest to the moment its timestamp means.
    if (!is_newest) return;
    last_timestamp_ = packet.timestamp;
    last_sent_ = now;
}

std::uint32_t SenderStats::timestamp_at(Instant now) const noexcept {
    return last_timestamp_ + static_cast<std::uint32_t>(ticks_in(now - last_sent_, clock_rate_));
}

SenderInfo SenderStats::report(Ssrc ssrc, std::uint64_t ntp, std::uint32_t timestamp) const noexcept {
    return {ssrc, ntp, timestamp, static_cast<std::uint32_t>(packets_), static_cast<std::uint32_t>(octets_)};
}

}  // namespace cardea
