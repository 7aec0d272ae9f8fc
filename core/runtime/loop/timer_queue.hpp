// Timers of one thread, ordered by time. The caller says what time it is.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/clock.hpp"
#include "base/mailbox.hpp"

namespace cardea {

class TimerQueue {
  public:
    using Id = std::uint64_t;  // never reused; 0 names no timer

    Id add(Instant at, Task task);
    // False when it has run or was cancelled before. A cancelled timer does not run.
    bool cancel(Id id);
    void cancel_all();
    [[nodiscard]] std::optional<Instant> next() const;
    // Runs what is due in order of time. A task may add and cancel; what it adds for `now` runs at the next call.
    void run_due(Instant now);
    [[nodiscard]] std::size_t size() const noexcept { return tasks_.size(); }

  private:
    using Key = std::pair<Instant, Id>;
    std::map<Key, Task> tasks_;
    std::unordered_map<Id, Instant> due_;
    Id last_ = 0;
};

}  // namespace cardea
