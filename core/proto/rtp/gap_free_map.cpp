#include "proto/rtp/gap_free_map.hpp"

#include <algorithm>
#include <limits>

namespace cardea {

void GapFreeMap::push(const Run& run) noexcept {
    const bool nothing_in_newest = count_ > 0 && runs_[newest_].first_out == run.first_out;
    if (nothing_in_newest) {
        const bool same_start = runs_[newest_].is_start && runs_[newest_].epoch == run.epoch;
        runs_[newest_] = run;
        runs_[newest_].is_start |= same_start;
        return;
    }
    newest_ = (newest_ + 1) % kRuns;
    runs_[newest_] = run;
    count_ = std::min(count_ + 1, kRuns);
}

void GapFreeMap::start(SourceEpoch epoch, std::int64_t in) noexcept {
    const std::int64_t first_out = highest_out_ + 1;
    push({first_out, in - first_out, epoch, true});
    highest_in_ = in - 1;
}

// Not only from the newest run: behind a gap, a drop opens a run before anything of the last one's end has been given out.
void GapFreeMap::move_on(std::int64_t in, std::int64_t out) noexcept {
    highest_in_ = std::max(highest_in_, in);
    highest_out_ = std::max(highest_out_, out);
}

std::optional<std::int64_t> GapFreeMap::map(SourceEpoch epoch, std::int64_t in) noexcept {
    std::int64_t taken = std::numeric_limits<std::int64_t>::max();  // newer runs begin here
    for (std::size_t age = 0; age < count_; ++age) {
        const Run& candidate = run(age);
        if (candidate.epoch < epoch) return std::nullopt;
        if (candidate.epoch == epoch) {
            const std::int64_t out = in - candidate.offset;
            if (out >= taken) return std::nullopt;  // left out
            if (out >= candidate.first_out) {
                if (epoch == run(0).epoch) move_on(in, out);
                return out;
            }
            if (candidate.is_start) return std::nullopt;
        }
        taken = std::min(taken, candidate.first_out);
    }
    return std::nullopt;
}

void GapFreeMap::drop(std::int64_t in) noexcept {
    if (!is_started() || in <= highest_in_) return;
    const Run& current = run(0);
    push({in - current.offset, current.offset + 1, current.epoch, false});
    highest_in_ = in;
}

std::optional<GapFreeMap::Original> GapFreeMap::original(std::int64_t out) const noexcept {
    if (out > highest_out_) return std::nullopt;
    for (std::size_t age = 0; age < count_; ++age)
        if (const Run& candidate = run(age); candidate.first_out <= out) return Original{candidate.epoch, out + candidate.offset};
    return std::nullopt;
}

}  // namespace cardea
