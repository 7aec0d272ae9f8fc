#include "allocations.hpp"

#include <cerrno>
#include <cstdlib>
#include <new>

namespace {
thread_local std::uint64_t counted = 0;
}  // namespace

namespace cardea::bench {

std::uint64_t allocations() noexcept { return counted; }
bool counts_malloc() noexcept { return CARDEA_COUNT_MALLOC == 1; }

}  // namespace cardea::bench

#if CARDEA_COUNT_MALLOC

// glibc lets an executable bring its own malloc, which every library then uses; operator new calls it as well. The memory is glibc's, so
// free stays as it is.
extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) noexcept {
    ++counted;
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
    ++counted;
    return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
    ++counted;
    return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    ++counted;
    return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
    ++counted;
    *memory = __libc_memalign(alignment, size);
    return *memory == nullptr ? ENOMEM : 0;
}

}  // extern "C"

#else

// Out of line: when only one of a pair is inlined, GCC takes it for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++counted;
    if (void* memory = std::malloc(size == 0 ? 1 : size); memory != nullptr) return memory;
    throw std::bad_alloc{};
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

#endif
