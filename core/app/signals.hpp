// SIGTERM, SIGINT and SIGHUP as a file descriptor for the control thread's epoll set.
#pragma once

#include <csignal>
#include <optional>

namespace cardea::app {

// Made before the first thread starts, because threads inherit the mask; only then does no thread die of a signal.
// Whoever spawns a process gives it back the mask that was (POSIX_SPAWN_SETSIGMASK).
class SignalFd {
  public:
    SignalFd();
    ~SignalFd();  // restores the mask of this thread
    SignalFd(const SignalFd&) = delete;
    SignalFd& operator=(const SignalFd&) = delete;

    [[nodiscard]] int fd() const noexcept { return fd_; }
    // The next signal that came, nullopt when there is none. Never blocks.
    [[nodiscard]] std::optional<int> next() noexcept;

  private:
    sigset_t before_{};
    int fd_ = -1;
};

}  // namespace cardea::app
