// Impossible states end the process, in release builds too: crash early, restart fast.
#pragma once

namespace cardea {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;
}

#define CARDEA_ASSERT(condition) \
    (static_cast<bool>(condition) ? static_cast<void>(0) : ::cardea::assertion_failed(#condition, __FILE__, __LINE__))
