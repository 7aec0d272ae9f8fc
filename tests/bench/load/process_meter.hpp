// What another process has used: CPU time of all its threads, memory, threads, descriptors.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "base/clock.hpp"

namespace cardea::load {

struct ProcessUse {
    Duration cpu{};
    std::uint64_t rss_kib = 0;
    std::uint64_t threads = 0;
    std::uint64_t descriptors = 0;
};

// Zeroes for pid 0: nobody is watched. Throws std::runtime_error when there is no such process.
[[nodiscard]] ProcessUse use_of(pid_t pid);

}  // namespace cardea::load
