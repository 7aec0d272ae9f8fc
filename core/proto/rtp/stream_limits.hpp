// How far a stream may jump before it counts as a new start (RFC 3550 appendix A.1; there 3000 and 100).
#pragma once

#include <cstdint>

namespace cardea {

constexpr int kMaxDropout = 3000;   // ahead: ten seconds of a fast video lost
constexpr int kMaxMisorder = 1000;  // behind: retransmissions come this late

[[nodiscard]] constexpr bool is_jump(std::int16_t distance) noexcept { return distance > kMaxDropout || distance < -kMaxMisorder; }

}  // namespace cardea
