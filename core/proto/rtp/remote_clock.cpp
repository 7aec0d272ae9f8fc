#include "proto/rtp/remote_clock.hpp"

#include <algorithm>

#include "proto/rtp/sender_stats.hpp"

namespace cardea {

namespace {

// Fits: 2^32 seconds are 4.3e18 nanoseconds.
constexpr std::int64_t nanoseconds_of_ntp(std::uint64_t ntp) noexcept {
    const std::uint64_t fraction = (ntp & 0xffff'ffffU) * 1'000'000'000U >> 32U;
    return static_cast<std::int64_t>((ntp >> 32U) * 1'000'000'000U + fraction);
}

constexpr std::int64_t kClockWasSet = 1'000'000'000;

}  // namespace

void RemoteClock::on_sender_report(std::uint64_t ntp, Instant arrival) noexcept {
    const std::int64_t offset = ns_of(arrival) - nanoseconds_of_ntp(ntp);
    const std::int64_t last = offsets_[(count_ + kSamples - 1) % kSamples];
    if (count_ > 0 && std::abs(offset - last) > kClockWasSet) count_ = 0;
    offsets_[count_ % kSamples] = offset;
    // Counts on for the place in the ring, but never back to 0, which means "none".
    count_ = count_ + 1 == 2 * kSamples ? kSamples : count_ + 1;
}

std::optional<Instant> RemoteClock::local_time_of(std::uint64_t ntp) const noexcept {
    if (count_ == 0) return std::nullopt;
    const auto known = static_cast<std::ptrdiff_t>(std::min(count_, kSamples));
    return instant_of_ns(nanoseconds_of_ntp(ntp) + *std::min_element(offsets_.begin(), offsets_.begin() + known));
}

void SourceClock::on_sender_report(std::uint64_t ntp, std::uint32_t rtp_timestamp) noexcept {
    ntp_ = ntp;
    rtp_timestamp_ = rtp_timestamp;
}

std::optional<std::uint32_t> SourceClock::timestamp_at(Instant now, const RemoteClock& clock) const noexcept {
    if (!ntp_) return std::nullopt;
    const auto reported = clock.local_time_of(*ntp_);
    if (!reported) return std::nullopt;
    return rtp_timestamp_ + static_cast<std::uint32_t>(ticks_in(now - *reported, clock_rate_));
}

std::optional<Instant> SourceClock::time_of(std::uint32_t timestamp, const RemoteClock& clock) const noexcept {
    if (!ntp_) return std::nullopt;
    const auto reported = clock.local_time_of(*ntp_);
    if (!reported) return std::nullopt;
    const auto ticks = std::int64_t{static_cast<std::int32_t>(timestamp - rtp_timestamp_)};
    return *reported + Duration{ticks * 1'000'000'000 / std::max<std::int64_t>(clock_rate_, 1)};
}

}  // namespace cardea
