// When to give memory back to the kernel. The allocator keeps what is freed between blocks still in use: after thousands of
// handles or a full outbox have gone, that is megabytes which nobody sees again until the next such load.
#pragma once

#include <cstddef>

namespace cardea::app {

// Decides only. Free memory that has been given back still counts as free for the allocator, so what matters is what has
// been added since.
class HeapTrim {
  public:
    explicit HeapTrim(std::size_t worthwhile = std::size_t{2} << 20U) noexcept : worthwhile_{worthwhile} {}

    // `free_bytes`: what the allocator has free now. After true the caller gives it back.
    [[nodiscard]] bool is_due(std::size_t free_bytes) noexcept;

  private:
    std::size_t worthwhile_;
    std::size_t given_back_ = 0;  // of the free bytes, at most
    std::size_t last_ = 0;
};

// Now and then, on a thread that may be busy for milliseconds.
void trim_heap(HeapTrim& when);

}  // namespace cardea::app
