#include "app/heap_trim.hpp"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <utility>

namespace cardea::app {
namespace {

// proc_pid_statm(5): pages in memory, and those of them that are of files. 0 when it cannot be read.
std::int64_t resident_anonymous() {
    std::ifstream in{"/proc/self/statm"};
    std::int64_t size = 0, resident = 0, shared = 0;
    if (!(in >> size >> resident >> shared)) return 0;
    return (resident - shared) * sysconf(_SC_PAGESIZE);
}

HeapState look() {
    const auto heap = mallinfo2();
    return {resident_anonymous() - static_cast<std::int64_t>(heap.uordblks + heap.hblkhd), static_cast<std::int64_t>(heap.fordblks)};
}

}  // namespace

bool HeapTrim::is_due(const HeapState& now) noexcept {
    stays_ = std::min(stays_, now.unused);
    // Still growing: more is about to be freed, or this is the middle of something.
    const bool settled = now.free <= std::exchange(last_free_, now.free) + worthwhile_ / 2;
    return settled && std::min(now.unused - stays_, now.free) >= worthwhile_;
}

void trim_heap(HeapTrim& when) {
    if (!when.is_due(look())) return;
    malloc_trim(0);
    when.trimmed(look());
}

}  // namespace cardea::app
