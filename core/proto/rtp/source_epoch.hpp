// A leg counts its sources: each switch (another source, another encoding, a source that was away) is a new, higher epoch.
#pragma once

#include <cstdint>

#include "base/strong_id.hpp"

namespace cardea {

using SourceEpoch = StrongId<struct SourceEpochTag, std::uint32_t>;  // per leg, never reused; the first is 1

}  // namespace cardea
