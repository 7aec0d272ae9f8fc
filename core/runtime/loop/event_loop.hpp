// One thread's loop: file descriptors, timers and a mailbox of tasks. The control thread and every plugin have one;
// the media workers have a loop of their own.
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/mailbox.hpp"
#include "runtime/loop/timer_queue.hpp"

namespace cardea {

class EventLoop {
  public:
    using FdHandler = std::function<void(std::uint32_t events)>;
    using TimerId = TimerQueue::Id;

    EventLoop();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    // Any thread. False once the loop is closed: the task is dropped.
    bool post(Task task) { return mailbox_.push(std::move(task)); }
    // Any thread: run() returns once everything that was posted before has run.
    void stop();

    // Everything below on the loop's own thread (or before run()).
    void run();
    void run_once(Duration longest_wait);
    // Runs what is in the mailbox, tasks posted meanwhile included; then refuses further ones.
    void drain_and_close();

    TimerId start_timer(Duration delay, Task task) { return timers_.add(MonotonicClock::now() + delay, std::move(task)); }
    bool cancel_timer(TimerId id) { return timers_.cancel(id); }
    void cancel_timers() { timers_.cancel_all(); }

    // events: EPOLLIN and the like, level-triggered. The descriptor stays the caller's. False: epoll refused it.
    bool watch(int fd, std::uint32_t events, FdHandler handler);
    void unwatch(int fd);

  private:
    void run_mailbox(WakeLater& later);
    [[nodiscard]] int wait_ms(Duration longest_wait) const;

    int epoll_;
    bool stopping_ = false;
    TaskMailbox mailbox_;
    std::vector<Task> batch_;
    TimerQueue timers_;
    std::unordered_map<int, FdHandler> handlers_;
};

// The name as ps and gdb show it; the kernel keeps 15 characters.
void name_thread(const std::string& name);

}  // namespace cardea
