#include "proto/rtp/rewriter.hpp"

#include <algorithm>

#include "proto/rtp/sender_stats.hpp"
#include "proto/rtp/sequence.hpp"
#include "proto/rtp/stream_limits.hpp"

namespace cardea {

RtpRewriter::RtpRewriter(const Start& start) noexcept
    : map_{start.sequence}, clock_rate_{start.clock_rate}, last_timestamp_{start.timestamp} {}

void RtpRewriter::TimestampOffsets::put(SourceEpoch epoch, std::uint32_t offset) noexcept {
    entries_[epoch.value % entries_.size()] = {epoch, offset};
}

std::optional<std::uint32_t> RtpRewriter::TimestampOffsets::of(SourceEpoch epoch) const noexcept {
    const Entry& entry = entries_[epoch.value % entries_.size()];
    if (entry.epoch != epoch) return std::nullopt;
    return entry.offset;
}

std::optional<RtpRewriter::Numbers> RtpRewriter::forward(const SourcePacket& packet, Instant now) noexcept {
    if (!map_.is_started() || packet.epoch > map_.epoch()) {
        continue_timestamp(packet, now);
        return begin_run(packet, now);
    }
    if (packet.epoch < map_.epoch()) return std::nullopt;
    switch (place_of(packet.sequence)) {
        case Place::in_range:
            return send_in_run(packet, now);
        case Place::stray:
            return std::nullopt;
        case Place::restart:
            break;
    }
    continue_timestamp(packet, now);
    return begin_run(packet, now);
}

RtpRewriter::Place RtpRewriter::place_of(std::uint16_t sequence) noexcept {
    if (!is_jump(sequence_distance(sequence, wrap_sequence(map_.highest_in())))) {
        expected_after_jump_.reset();
        return Place::in_range;
    }
    if (expected_after_jump_ == sequence) return Place::restart;
    expected_after_jump_ = static_cast<std::uint16_t>(sequence + 1U);
    return Place::stray;
}

// The receiver plays the new source as if it had gone on from the old one. It never sees time stand still or go back.
void RtpRewriter::continue_timestamp(const SourcePacket& packet, Instant now) noexcept {
    std::uint32_t first = last_timestamp_;
    if (map_.is_started()) {
        const auto passed = std::max<std::int64_t>(1, ticks_in(now - last_sent_, clock_rate_));
        first += static_cast<std::uint32_t>(passed);
        if (packet.timestamp_offset) {
            const std::uint32_t told = packet.timestamp + *packet.timestamp_offset;
            const auto difference = static_cast<std::int32_t>(told - first);
            const bool is_plausible = difference > -static_cast<std::int64_t>(clock_rate_) && difference < static_cast<std::int64_t>(clock_rate_);
            if (is_plausible) first = static_cast<std::int32_t>(told - last_timestamp_) > 0 ? told : last_timestamp_ + 1U;
        }
    }
    timestamps_.put(packet.epoch, first - packet.timestamp);
}

RtpRewriter::Numbers RtpRewriter::begin_run(const SourcePacket& packet, Instant now) noexcept {
    expected_after_jump_.reset();
    const std::int64_t in = unwrap_sequence(packet.sequence, map_.highest_in());
    map_.start(packet.epoch, in);
    const std::int64_t before = map_.highest_out();
    const std::int64_t out = map_.map(packet.epoch, in).value_or(before + 1);
    mark_sent(before, out);
    const std::uint32_t timestamp = packet.timestamp + timestamp_offset();
    last_timestamp_ = timestamp;
    last_sent_ = now;
    return Numbers{wrap_sequence(out), timestamp, true};
}

std::optional<RtpRewriter::Numbers> RtpRewriter::send_in_run(const SourcePacket& packet, Instant now) noexcept {
    const std::int64_t before = map_.highest_out();
    const auto out = map_.map(packet.epoch, unwrap_sequence(packet.sequence, map_.highest_in()));
    if (!out) return std::nullopt;
    const bool is_new = *out > before;
    const bool may_repeat =
        !is_new && (before - *out >= static_cast<std::int64_t>(kSentWindow) || sent_[static_cast<std::size_t>(*out) % kSentWindow]);
    if (may_repeat) return std::nullopt;
    mark_sent(before, *out);
    const std::uint32_t timestamp = packet.timestamp + timestamp_offset();
    remember_newest(timestamp, now);
    return Numbers{wrap_sequence(*out), timestamp, is_new};
}

void RtpRewriter::remember_newest(std::uint32_t timestamp, Instant now) noexcept {
    if (static_cast<std::int32_t>(timestamp - last_timestamp_) <= 0) return;
    last_timestamp_ = timestamp;
    last_sent_ = now;
}

void RtpRewriter::mark_sent(std::int64_t from, std::int64_t out) noexcept {
    const std::int64_t oldest_stale = std::max(from + 1, out - static_cast<std::int64_t>(kSentWindow) + 1);
    for (std::int64_t skipped = oldest_stale; skipped < out; ++skipped) sent_.reset(static_cast<std::size_t>(skipped) % kSentWindow);
    sent_.set(static_cast<std::size_t>(out) % kSentWindow);
}

void RtpRewriter::drop(const SourcePacket& packet) noexcept {
    if (!map_.is_started() || packet.epoch != map_.epoch()) return;
    if (is_jump(sequence_distance(packet.sequence, wrap_sequence(map_.highest_in())))) return;
    map_.drop(unwrap_sequence(packet.sequence, map_.highest_in()));
}

std::optional<RtpRewriter::Numbers> RtpRewriter::leave_out(const SourcePacket& packet, Instant now) noexcept {
    if (!map_.is_started() || packet.epoch != map_.epoch()) return std::nullopt;
    if (is_jump(sequence_distance(packet.sequence, wrap_sequence(map_.highest_in())))) return std::nullopt;
    const auto in = unwrap_sequence(packet.sequence, map_.highest_in());
    if (in <= map_.highest_in()) return send_in_run(packet, now);
    map_.drop(in);
    return std::nullopt;
}

std::optional<RtpRewriter::Original> RtpRewriter::original(std::uint16_t outgoing_sequence) const noexcept {
    const std::int64_t out = unwrap_sequence(outgoing_sequence, map_.highest_out());
    if (map_.highest_out() - out >= static_cast<std::int64_t>(kSentWindow)) return std::nullopt;
    const auto found = map_.original(out);
    if (!found) return std::nullopt;
    const auto offset = timestamps_.of(found->epoch);
    if (!offset) return std::nullopt;
    return Original{found->epoch, wrap_sequence(found->in), *offset, sent_[static_cast<std::size_t>(out) % kSentWindow]};
}

}  // namespace cardea
