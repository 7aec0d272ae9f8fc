#include "gap_tracker.hpp"

namespace cardea::testpeer {
namespace {
constexpr std::int64_t kWidestGap = 4096;
constexpr int kRequests = 12;
}  // namespace

Arrival GapTracker::arrived(std::int64_t number, Instant now) {
    if (!highest_) {
        first_ = highest_ = number;
        return Arrival::first;
    }
    if (number > *highest_) {
        std::int64_t from = *highest_ + 1;
        if (number - from > kWidestGap) {
            given_up_ += static_cast<std::uint64_t>(number - kWidestGap - from);
            from = number - kWidestGap;
        }
        for (; from < number; ++from) missing_.emplace(from, Missing{now});
        highest_ = number;
        return Arrival::in_order;
    }
    if (number < *first_) return Arrival::before_start;
    return missing_.erase(number) > 0 ? Arrival::late : Arrival::duplicate;
}

std::vector<std::int64_t> GapTracker::poll_requests(Instant now) {
    std::vector<std::int64_t> due;
    for (auto& [number, gap] : missing_) {
        const bool again = gap.requests == 0 ? now - gap.noticed >= 10ms : now - gap.requested >= 60ms;
        if (!again || gap.requests >= kRequests) continue;
        gap.requested = now;
        ++gap.requests;
        due.push_back(number);
    }
    return due;
}

bool GapTracker::was_requested(std::int64_t number) const {
    const auto found = missing_.find(number);
    return found != missing_.end() && found->second.requests > 0;
}

std::uint64_t GapTracker::lost(Instant before) const {
    std::uint64_t count = given_up_;
    for (const auto& [number, gap] : missing_) count += gap.noticed < before ? 1U : 0U;
    return count;
}

std::vector<std::int64_t> GapTracker::lost_positions(Instant before, std::size_t most) const {
    std::vector<std::int64_t> positions;
    for (const auto& [number, gap] : missing_)
        if (gap.noticed < before && positions.size() < most) positions.push_back(number - *first_);
    return positions;
}

std::uint64_t GapTracker::expected() const noexcept { return first_ ? static_cast<std::uint64_t>(*highest_ - *first_ + 1) : 0; }

}  // namespace cardea::testpeer
