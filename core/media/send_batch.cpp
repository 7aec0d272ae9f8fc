#include "media/send_batch.hpp"

namespace cardea {

void SendBatch::flush() {
    if (entries_.empty()) return;
    ordered_.clear();
    const auto collect = [&](bool video) {
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            const auto& entry = entries_[i];
            if ((entry.send_class == SendClass::video) != video) continue;
            ordered_.push_back({&entry.path, Bytes{arena_}.subspan(i * kDatagramRoom, entry.size), entry.send_class});
        }
    };
    collect(false);
    collect(true);
    output_.send(ordered_);
    entries_.clear();
}

}  // namespace cardea
