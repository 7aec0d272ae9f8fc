// SessionDescription -> SDP text with CRLF lines in the order of RFC 8866 section 5.
#pragma once

#include <string>

#include "proto/sdp/session_description.hpp"

namespace cardea {

[[nodiscard]] std::string write_sdp(const SessionDescription& description);

}  // namespace cardea
