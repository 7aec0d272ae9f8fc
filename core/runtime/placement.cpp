#include "runtime/placement.hpp"

namespace cardea {

std::uint32_t Placement::place(std::string_view group) {
    const std::lock_guard lock{mutex_};
    auto found = groups_.find(group);
    if (found == groups_.end()) {
        std::uint32_t best = next_ % static_cast<std::uint32_t>(load_.size());
        for (std::uint32_t i = 0; i < load_.size(); ++i) {
            const auto candidate = static_cast<std::uint32_t>((next_ + i) % load_.size());
            if (load_[candidate] < load_[best]) best = candidate;
        }
        next_ = best + 1;
        found = groups_.emplace(std::string{group}, Group{best, 0}).first;
    }
    ++found->second.peers;
    ++load_[found->second.worker];
    return found->second.worker;
}

void Placement::release(std::string_view group) {
    const std::lock_guard lock{mutex_};
    const auto found = groups_.find(group);
    if (found == groups_.end()) return;
    --load_[found->second.worker];
    if (--found->second.peers == 0) groups_.erase(found);
}

}  // namespace cardea
