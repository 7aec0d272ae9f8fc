#include "recording/frame_clock.hpp"

#include <algorithm>

namespace cardea {
namespace {

// A report that places a frame further from its arrival is about timestamps that have stood still since, or is wrong.
constexpr Duration kBelievable = 2s;
// A smaller lag is caught up by a tenth of the time that passes; a larger one is a pause, and shown as one.
constexpr Duration kStep = 200ms;
constexpr Duration kShortestFrame = 1ms;  // players want every frame to have a time of its own
constexpr int kSlewDivisor = 10;

Duration magnitude(Duration d) noexcept { return d < Duration::zero() ? -d : d; }

Duration elapsed(std::uint32_t from, std::uint32_t to, std::uint32_t clock_rate) noexcept {
    const auto ticks = std::int64_t{static_cast<std::int32_t>(to - from)};
    return Duration{ticks * 1'000'000'000 / std::max<std::int64_t>(clock_rate, 1)};
}

}  // namespace

Instant FrameClock::begin(const Sample& sample, std::optional<Instant> reported) const noexcept {
    return reported.value_or(sample.arrival - transit_);
}

Instant FrameClock::go_on(const Sample& sample, std::optional<Instant> reported) const noexcept {
    const auto advance = elapsed(timestamp_, sample.timestamp, sample.clock_rate);
    const auto natural = last_ + advance;
    const auto by_arrival = sample.arrival - transit_;
    auto target = reported.value_or(natural);
    if (!reported && magnitude(by_arrival - natural) > kBelievable) target = by_arrival;
    const auto error = target - natural;
    if (error > kStep) return target;
    const auto limit = magnitude(advance) / kSlewDivisor;
    return natural + std::clamp(error, -limit, limit);
}

Instant FrameClock::on_frame(const Sample& sample) noexcept {
    auto reported = sample.capture;
    if (reported && magnitude(sample.arrival - *reported) > kBelievable) reported.reset();
    const bool is_new = !has_started_ || sample.epoch != epoch_;
    auto time = is_new ? begin(sample, reported) : go_on(sample, reported);
    // Nothing arrives before it was captured: a sender whose timestamps run too fast does not run away from our clock.
    time = std::min(time, sample.arrival + kStep);
    if (has_started_) time = std::max(time, last_ + kShortestFrame);
    has_started_ = true;
    epoch_ = sample.epoch;
    timestamp_ = sample.timestamp;
    last_ = time;
    // A late frame says nothing about the way it usually takes.
    if (const auto transit = sample.arrival - time; is_new || magnitude(transit) < kStep) transit_ = transit;
    return time;
}

}  // namespace cardea
