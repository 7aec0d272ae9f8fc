// An SDP as it may be logged.
#pragma once

#include <string>
#include <string_view>

namespace cardea {

// Without the values of a=ice-pwd, a=crypto and k= lines: who has those could pose as the peer. Any bytes go in.
[[nodiscard]] std::string redacted(std::string_view sdp);

}  // namespace cardea
