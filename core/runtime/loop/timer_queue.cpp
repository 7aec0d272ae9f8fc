#include "runtime/loop/timer_queue.hpp"

namespace cardea {

TimerQueue::Id TimerQueue::add(Instant at, Task task) {
    const auto id = ++last_;
    tasks_.emplace(Key{at, id}, std::move(task));
    due_.emplace(id, at);
    return id;
}

bool TimerQueue::cancel(Id id) {
    const auto found = due_.find(id);
    if (found == due_.end()) return false;
    tasks_.erase(Key{found->second, id});
    due_.erase(found);
    return true;
}

void TimerQueue::cancel_all() {
    tasks_.clear();
    due_.clear();
}

std::optional<Instant> TimerQueue::next() const {
    if (tasks_.empty()) return std::nullopt;
    return tasks_.begin()->first.first;
}

void TimerQueue::run_due(Instant now) {
    const Id newest = last_;
    while (!tasks_.empty()) {
        auto first = tasks_.begin();
        if (first->first.first > now) return;
        if (first->first.second > newest) {
            // Added by a task of this call: left for the next turn, so that a timer that re-arms itself for now cannot spin.
            while (first != tasks_.end() && first->first.first <= now && first->first.second > newest) ++first;
            if (first == tasks_.end() || first->first.first > now) return;
        }
        auto node = tasks_.extract(first);
        due_.erase(node.key().second);
        node.mapped()();
    }
}

}  // namespace cardea
