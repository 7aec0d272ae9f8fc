#include "runtime/placement.hpp"

#include <algorithm>
#include <optional>

namespace cardea {
namespace {

constexpr Duration kMeasuredAfter = 5s;
// A room stays on a worker up to here; the rest is for what its peers grow to.
constexpr std::uint64_t kFullPercent = 70;

}  // namespace

Placement::Load Placement::load_of(std::uint32_t index, std::span<const std::uint64_t> measured, Instant now) {
    auto& worker = workers_[index];
    for (; !worker.expected.empty() && worker.expected.front().until <= now; worker.expected.pop_front())
        worker.expected_packets -= worker.expected.front().load;
    return {(index < measured.size() ? measured[index] : 0) + worker.expected_packets, worker.peers};
}

std::uint32_t Placement::choose(const Group& group, std::span<const std::uint64_t> measured, Instant now) {
    const auto count = static_cast<std::uint32_t>(workers_.size());
    std::optional<std::uint32_t> own;
    Load own_load;
    for (const auto& [worker, peers] : group) {
        const auto load = load_of(worker, measured, now);
        if (load.packets * 100 >= capacity_ * kFullPercent || (own && own_load <= load)) continue;
        own = worker;
        own_load = load;
    }
    if (own) return *own;
    auto best = next_ % count;
    auto best_load = load_of(best, measured, now);
    for (std::uint32_t i = 1; i < count; ++i) {
        const auto candidate = (next_ + i) % count;
        const auto load = load_of(candidate, measured, now);
        if (load >= best_load) continue;
        best = candidate;
        best_load = load;
    }
    next_ = best + 1;
    return best;
}

std::uint32_t Placement::place(std::string_view name, std::uint32_t load, std::span<const std::uint64_t> measured, Instant now) {
    const std::lock_guard lock{mutex_};
    auto found = groups_.find(name);
    if (found == groups_.end()) found = groups_.emplace(std::string{name}, Group{}).first;
    const auto worker = choose(found->second, measured, now);
    ++found->second[worker];
    auto& chosen = workers_[worker];
    ++chosen.peers;
    chosen.expected.push_back({now + kMeasuredAfter, load});
    chosen.expected_packets += load;
    return worker;
}

void Placement::release(std::string_view name, std::uint32_t worker) {
    const std::lock_guard lock{mutex_};
    const auto found = groups_.find(name);
    if (found == groups_.end()) return;
    auto& group = found->second;
    const auto place = group.find(worker);
    if (place == group.end()) return;
    --workers_[worker].peers;
    if (--place->second == 0) group.erase(place);
    if (group.empty()) groups_.erase(found);
}

}  // namespace cardea
