// What has to be true of an SCTP packet before usrsctp may have it.
#pragma once

#include "base/bytes.hpp"

namespace cardea {

// Whether parameters and error causes say lengths that one can walk by (RFC 9260 section 3.2.1: at least 4). On an INIT of a known
// association with a parameter of length 0 usrsctp 0.9.5 goes round for ever, and with it the thread of all data channels.
[[nodiscard]] bool has_sound_parameters(Bytes packet) noexcept;

}  // namespace cardea
