// SDP text -> SessionDescription. Size first, then line by line; time and memory grow with the text, never faster.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"
#include "proto/sdp/session_description.hpp"

namespace cardea {

constexpr int kInvalidSdp = 465;  // JANUS_ERROR_JSEP_INVALID_SDP

struct SdpLimits {
    std::size_t bytes = 256 * 1024;
    std::size_t lines = 4000;
    std::size_t media = 64;
};

// Lines end with CRLF or LF. Unknown lines and attributes are skipped; what is malformed in a known one is an error 465
// that names the line. Of an attribute that may stand once, the first counts.
[[nodiscard]] Result<SessionDescription> parse_sdp(std::string_view text, const SdpLimits& limits = {});

}  // namespace cardea
