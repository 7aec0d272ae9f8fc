// How often this thread has asked for memory. Linking allocations.cpp replaces the allocation functions of the whole executable, so only
// benchmarks and the test of the media path do. C libraries are counted too (OpenSSL, libnice, usrsctp), since malloc itself is ours;
// under a sanitizer, which wants malloc for itself, only operator new is counted.
#pragma once

#include <cstdint>

namespace cardea::bench {

[[nodiscard]] std::uint64_t allocations() noexcept;

// malloc is counted, not only operator new.
[[nodiscard]] bool counts_malloc() noexcept;

}  // namespace cardea::bench
