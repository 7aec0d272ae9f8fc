#include "runtime/loop/event_loop.hpp"

#include <pthread.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/assert.hpp"

namespace cardea {
namespace {

// With much to do, the readers of what is posted begin before all of it is done.
constexpr std::size_t kTasksBeforeWake = 16;

}  // namespace

EventLoop::EventLoop() : epoll_{epoll_create1(EPOLL_CLOEXEC)} {
    CARDEA_ASSERT(epoll_ >= 0);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = mailbox_.fd();
    CARDEA_ASSERT(epoll_ctl(epoll_, EPOLL_CTL_ADD, mailbox_.fd(), &event) == 0);
}

EventLoop::~EventLoop() { close(epoll_); }

void EventLoop::stop() {
    post([this] { stopping_ = true; });
}

void EventLoop::run() {
    while (!stopping_) run_once(1h);
}

int EventLoop::wait_ms(Duration longest_wait) const {
    auto wait = longest_wait;
    if (const auto next = timers_.next()) wait = std::min(wait, std::max(*next - MonotonicClock::now(), Duration{0}));
    // Rounded up: waking a fraction of a millisecond early would spin.
    return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
}

void EventLoop::run_once(Duration longest_wait) {
    std::array<epoll_event, 64> events{};
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms(longest_wait));
    WakeLater later;
    for (int i = 0; i < count; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        if (event.data.fd == mailbox_.fd()) continue;
        const auto found = handlers_.find(event.data.fd);
        if (found == handlers_.end()) continue;  // unwatched by a handler of this turn
        const auto handler = found->second;      // a copy: the handler may unwatch itself
        handler(event.events);
    }
    run_mailbox(later);
    timers_.run_due(MonotonicClock::now());
}

void EventLoop::run_mailbox(WakeLater& later) {
    mailbox_.take_all(batch_);
    std::size_t run = 0;
    for (auto& task : batch_) {
        task();
        if (++run % kTasksBeforeWake == 0) later.wake_now();
    }
    batch_.clear();
}

void EventLoop::drain_and_close() {
    WakeLater later;
    do run_mailbox(later);
    while (!mailbox_.close_if_empty());
}

bool EventLoop::watch(int fd, std::uint32_t events, FdHandler handler) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0 && epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) != 0) return false;
    handlers_[fd] = std::move(handler);
    return true;
}

void EventLoop::unwatch(int fd) {
    if (handlers_.erase(fd) != 0) epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
}

void name_thread(const std::string& name) { pthread_setname_np(pthread_self(), name.substr(0, 15).c_str()); }

}  // namespace cardea
