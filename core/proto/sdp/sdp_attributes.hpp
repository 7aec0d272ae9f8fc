// The "a=" lines that WebRTC knows, one reader each. Between the line loop of sdp_parser.cpp and the model.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "proto/sdp/session_description.hpp"

namespace cardea::sdp {

// What an m-line needs while it is read, beside its description.
struct MediaReading {
    MediaDescription* media = nullptr;
    std::array<std::uint8_t, 128> format_index{};  // payload type -> 1 + index in media->formats; keeps lookups constant
    bool direction_seen = false;
};

// False: the value is malformed. An attribute nobody knows is fine.
[[nodiscard]] bool read_session_attribute(SessionDescription& session, std::string_view name, std::string_view value);
[[nodiscard]] bool read_media_attribute(MediaReading& reading, std::string_view name, std::string_view value);

// Fills in the encodings of static payload types (RFC 3551 section 6) that no rtpmap named.
void complete_formats(MediaDescription& media);

}  // namespace cardea::sdp
