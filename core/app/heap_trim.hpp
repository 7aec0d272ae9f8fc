// When to give memory back to the kernel. The allocator keeps what is freed between blocks still in use: after thousands of
// handles or a full outbox have gone, that is megabytes which nobody sees again until the next such load.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cardea::app {

// Octets.
struct HeapState {
    std::int64_t unused = 0;  // resident in memory without being in use; some of it is not the allocator's: stacks, variables
    std::int64_t free = 0;    // what the allocator has free, given back or not
};

// Decides only. What the allocator calls free is no measure: it stays free when it is given back, and may have been used and freed
// again between two looks.
class HeapTrim {
  public:
    explicit HeapTrim(std::int64_t worthwhile = std::int64_t{2} << 20U) noexcept : worthwhile_{worthwhile} {}

    // After true the caller trims, looks again and says what stayed.
    [[nodiscard]] bool is_due(const HeapState& now) noexcept;
    void trimmed(const HeapState& now) noexcept { stays_ = now.unused; }

  private:
    std::int64_t worthwhile_;
    std::int64_t stays_ = 0;  // of the unused, whatever one does
    std::int64_t last_free_ = 0;
};

// Now and then, on a thread that may be busy for milliseconds.
void trim_heap(HeapTrim& when);

}  // namespace cardea::app
