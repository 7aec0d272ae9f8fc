#include "media/video_shedding.hpp"

#include <algorithm>
#include <utility>

namespace cardea {
namespace {

// Of 256 places, at each window: the further behind, the more.
constexpr std::int64_t kSmallestStep = 8;
constexpr std::int64_t kLargestStep = 64;
constexpr unsigned kStepBack = 8;

}  // namespace

void VideoShedding::on_read(Instant now, Duration waited) noexcept {
    if (now >= window_end_) {
        // Nothing read for a window: there was nothing to be late for.
        const bool idle = now - window_end_ >= kWindow;
        const auto least = std::exchange(least_wait_, Duration::max());
        judge(now, idle ? Duration::zero() : least);
        window_end_ = now + kWindow;
    }
    least_wait_ = std::min(least_wait_, waited);
}

void VideoShedding::judge(Instant now, Duration least_wait) noexcept {
    if (least_wait > kLate) return shed_more(now, least_wait);
    if ((base_only_ || share_ > 0) && now - changed_at_ >= patience_) shed_less(now);
}

void VideoShedding::shed_more(Instant now, Duration least_wait) noexcept {
    changed_at_ = now;
    if (!std::exchange(base_only_, true)) return;
    const auto step = std::clamp(least_wait / kLate * kSmallestStep, kSmallestStep, kLargestStep);
    share_ = std::min(share_ + static_cast<unsigned>(step), kPlaces);
    // The last ones that came back were too many: the next ones wait longer.
    if (std::exchange(lowered_, false)) patience_ = std::min(2 * patience_, kLongestPatience);
}

void VideoShedding::shed_less(Instant now) noexcept {
    changed_at_ = now;
    lowered_ = true;
    if (share_ == 0) {
        base_only_ = false;
        patience_ = kFirstPatience;
    }
    share_ -= std::min(share_, kStepBack);
}

}  // namespace cardea
