#include "base/mailbox.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "base/assert.hpp"

namespace cardea {

namespace {
thread_local WakeLater* later = nullptr;
}

class WakeFd::Owned {
  public:
    Owned() : fd_{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} { CARDEA_ASSERT(fd_ >= 0); }
    ~Owned() { close(fd_); }
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;
    [[nodiscard]] int fd() const noexcept { return fd_; }
    void signal() const noexcept {
        const std::uint64_t one = 1;
        // A full counter (EAGAIN) means the reader is to be woken already.
        static_cast<void>(!write(fd_, &one, sizeof(one)));
    }

  private:
    int fd_;
};

WakeFd::WakeFd() : owned_{std::make_shared<const Owned>()} {}
int WakeFd::fd() const noexcept { return owned_->fd(); }

void WakeFd::signal() { later == nullptr ? owned_->signal() : later->waiting_.push_back(owned_); }

void WakeFd::drain() noexcept {
    std::uint64_t count = 0;
    static_cast<void>(!read(fd(), &count, sizeof(count)));
}

WakeLater::WakeLater() {
    CARDEA_ASSERT(later == nullptr);
    later = this;
}

WakeLater::~WakeLater() {
    wake_now();
    later = nullptr;
}

void WakeLater::wake_now() noexcept {
    for (const auto& each : waiting_) each->signal();
    waiting_.clear();
}

}  // namespace cardea
