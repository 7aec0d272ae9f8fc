#include "base/mailbox.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

#include "base/assert.hpp"

namespace cardea {

WakeFd::WakeFd() : fd_{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} { CARDEA_ASSERT(fd_ >= 0); }
WakeFd::~WakeFd() { close(fd_); }

void WakeFd::signal() noexcept {
    const std::uint64_t one = 1;
    // A full counter (EAGAIN) means the reader is to be woken already.
    static_cast<void>(!write(fd_, &one, sizeof(one)));
}

void WakeFd::drain() noexcept {
    std::uint64_t count = 0;
    static_cast<void>(!read(fd_, &count, sizeof(count)));
}

}  // namespace cardea
