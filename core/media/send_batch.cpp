#include "media/send_batch.hpp"

namespace cardea {

void SendBatch::group_video() {
    groups_.clear();
    slots_.fill(kNone);
    std::size_t latest_group = 0;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const auto& entry = entries_[i];
        if (entry.send_class != SendClass::video) continue;
        const auto index = static_cast<std::uint16_t>(i);
        // Legs send in a row: mostly it goes where the one before went.
        if (!groups_.empty()) {
            auto& latest = groups_[latest_group];
            if (entries_[latest.first].path == entry.path) {
                entries_[latest.last].next_of_path = index;
                latest.last = index;
                continue;
            }
        }
        auto slot = entry.path.remote.hash() & (kSlots - 1);
        while (slots_[slot] != kNone && !(entries_[groups_[slots_[slot]].first].path == entry.path)) slot = (slot + 1) & (kSlots - 1);
        if (slots_[slot] == kNone) {
            slots_[slot] = static_cast<std::uint16_t>(groups_.size());
            groups_.push_back({index, index});
        } else {
            auto& group = groups_[slots_[slot]];
            entries_[group.last].next_of_path = index;
            group.last = index;
        }
        latest_group = slots_[slot];
    }
}

void SendBatch::flush() {
    if (entries_.empty()) return;
    ordered_.clear();
    const auto append = [&](std::size_t i) {
        const auto& entry = entries_[i];
        ordered_.push_back({&entry.path, Bytes{arena_}.subspan(i * kDatagramRoom, entry.size), entry.send_class});
    };
    for (std::size_t i = 0; i < entries_.size(); ++i)
        if (entries_[i].send_class != SendClass::video) append(i);
    if (ordered_.size() < entries_.size()) {
        group_video();
        for (const auto& group : groups_)
            for (auto i = group.first; i != kNone; i = entries_[i].next_of_path) append(i);
    }
    output_.send(ordered_);
    entries_.clear();
}

}  // namespace cardea
