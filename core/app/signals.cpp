#include "app/signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include "base/assert.hpp"

namespace cardea::app {

SignalFd::SignalFd() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
    CARDEA_ASSERT(pthread_sigmask(SIG_BLOCK, &set, &before_) == 0);
    fd_ = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    CARDEA_ASSERT(fd_ >= 0);
}

SignalFd::~SignalFd() {
    close(fd_);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

std::optional<int> SignalFd::next() noexcept {
    signalfd_siginfo info{};
    if (read(fd_, &info, sizeof(info)) != static_cast<ssize_t>(sizeof(info))) return std::nullopt;
    return static_cast<int>(info.ssi_signo);
}

}  // namespace cardea::app
