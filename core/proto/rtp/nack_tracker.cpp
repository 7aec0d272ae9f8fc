#include "proto/rtp/nack_tracker.hpp"

#include <algorithm>
#include <utility>

#include "proto/rtp/sequence.hpp"
#include "proto/rtp/stream_limits.hpp"

namespace cardea {

namespace {
// As TCP's third duplicate acknowledgement: with this many packets behind it, a packet is lost rather than late.
constexpr std::int64_t kSurelyLost = 3;
}  // namespace

NackTracker::Arrival NackTracker::on_packet(std::uint16_t sequence, Instant now) noexcept {
    if (!highest_) {
        restart_at(sequence);
        return Arrival::newest;
    }
    const std::int16_t distance = sequence_distance(sequence, wrap_sequence(*highest_));
    if (is_jump(distance)) return on_jump(sequence);
    expected_after_jump_.reset();
    const std::int64_t unwrapped = *highest_ + distance;
    if (distance <= 0) return on_older(unwrapped);
    const std::int64_t first_missing = *highest_ + 1;
    highest_ = unwrapped;
    if (first_missing < unwrapped) add_gap(first_missing, unwrapped, now);
    return Arrival::newest;
}

NackTracker::Arrival NackTracker::on_older(std::int64_t sequence) noexcept {
    const auto at = std::lower_bound(missing_.begin(), missing_.end(), sequence,
                                     [](const Missing& m, std::int64_t wanted) { return m.sequence < wanted; });
    if (at == missing_.end() || at->sequence != sequence) return Arrival::duplicate;
    const bool was_requested = at->tries > 0;
    missing_.erase(at);
    ++(was_requested ? counters_.recovered : counters_.reordered);
    return was_requested ? Arrival::recovered : Arrival::reordered;
}

// RFC 3550 appendix A.1: two packets in a row say that the stream began anew, one is a stray.
NackTracker::Arrival NackTracker::on_jump(std::uint16_t sequence) noexcept {
    if (expected_after_jump_ != sequence) {
        expected_after_jump_ = static_cast<std::uint16_t>(sequence + 1U);
        return Arrival::duplicate;
    }
    give_up_all();
    keyframe_needed_ = true;
    ++counters_.resets;
    restart_at(sequence);
    return Arrival::newest;
}

void NackTracker::restart_at(std::uint16_t sequence) noexcept {
    highest_ = sequence;
    expected_after_jump_.reset();
}

void NackTracker::add_gap(std::int64_t first, std::int64_t end, Instant now) noexcept {
    const auto size = static_cast<std::size_t>(end - first);
    if (missing_.size() + size > limits_.missing) {
        counters_.given_up += size;
        give_up_all();
        keyframe_needed_ = true;
        return;
    }
    if (missing_.capacity() == 0) missing_.reserve(limits_.missing);
    for (std::int64_t sequence = first; sequence < end; ++sequence) missing_.push_back({sequence, now + limits_.reorder_grace, 0});
}

void NackTracker::give_up_all() noexcept {
    counters_.given_up += missing_.size();
    missing_.clear();
}

std::span<const std::uint16_t> NackTracker::poll_nacks(Instant now, Duration rtt, std::span<std::uint16_t> out) noexcept {
    const auto given_up = std::erase_if(missing_, [&](const Missing& m) { return m.tries >= limits_.tries && m.due <= now; });
    counters_.given_up += given_up;
    if (given_up > 0) keyframe_needed_ = true;

    const Instant retry = now + std::max(rtt, limits_.retry_floor);
    std::size_t count = 0;
    for (auto& m : missing_) {
        if (count == out.size()) break;
        const bool surely_lost = m.tries == 0 && *highest_ - m.sequence >= kSurelyLost;
        if (m.due > now && !surely_lost) continue;
        m.due = retry;
        ++m.tries;
        out[count++] = wrap_sequence(m.sequence);
    }
    counters_.requested += count;
    return out.first(count);
}

bool NackTracker::poll_keyframe_needed() noexcept { return std::exchange(keyframe_needed_, false); }

void NackTracker::forget_before(std::uint16_t sequence) noexcept {
    if (!highest_) return;
    const std::int64_t first_kept = unwrap_sequence(sequence, *highest_);
    std::erase_if(missing_, [&](const Missing& m) { return m.sequence < first_kept; });
}

}  // namespace cardea
