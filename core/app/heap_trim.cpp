#include "app/heap_trim.hpp"

#include <malloc.h>

#include <algorithm>
#include <utility>

namespace cardea::app {

bool HeapTrim::is_due(std::size_t free_bytes) noexcept {
    // What is in use again has been taken from the kernel again.
    given_back_ = std::min(given_back_, free_bytes);
    // Still growing: more is about to be freed, or this is the middle of something.
    const bool settled = free_bytes <= std::exchange(last_, free_bytes) + worthwhile_ / 2;
    if (!settled || free_bytes - given_back_ < worthwhile_) return false;
    given_back_ = free_bytes;
    return true;
}

void trim_heap(HeapTrim& when) {
    const auto heap = mallinfo2();
    if (when.is_due(heap.fordblks)) malloc_trim(0);
}

}  // namespace cardea::app
