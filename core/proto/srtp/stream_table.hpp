// State per SSRC in a small bounded flat table: a peer has a handful of streams, and packets of one come in runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace cardea {

template <class State>
class StreamTable {
  public:
    explicit StreamTable(std::size_t limit) noexcept : limit_{limit} {}

    [[nodiscard]] State* find(std::uint32_t ssrc) noexcept {
        if (last_ < entries_.size() && entries_[last_].first == ssrc) return &entries_[last_].second;
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            if (entries_[i].first != ssrc) continue;
            last_ = i;
            return &entries_[i].second;
        }
        return nullptr;
    }
    [[nodiscard]] bool is_full() const noexcept { return entries_.size() >= limit_; }
    // The caller has checked is_full().
    State& add(std::uint32_t ssrc, State state) {
        last_ = entries_.size();
        return entries_.emplace_back(ssrc, std::move(state)).second;
    }
    void erase(std::uint32_t ssrc) noexcept {
        std::erase_if(entries_, [&](const auto& entry) { return entry.first == ssrc; });
        last_ = 0;
    }

  private:
    std::vector<std::pair<std::uint32_t, State>> entries_;
    std::size_t limit_;
    std::size_t last_ = 0;
};

}  // namespace cardea
