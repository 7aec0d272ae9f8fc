// Which way an object with a key works. It works that way only.
#pragma once

#include <cstdint>

namespace cardea {
enum class CryptDirection : std::uint8_t { seal, open };
}
