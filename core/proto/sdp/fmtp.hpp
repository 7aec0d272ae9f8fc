// Format parameters of codecs: what "a=fmtp" says, and when two of them can talk to each other.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cardea::sdp {

// "x" of "a=1;name=x"; names in any case.
[[nodiscard]] std::optional<std::string_view> fmtp_parameter(std::string_view fmtp, std::string_view name) noexcept;

enum class H264Profile : std::uint8_t {
    unknown,
    constrained_baseline,
    baseline,
    main,
    constrained_high,
    high,
    extended,
    high10,
    high422,
    high444
};
// RFC 6184 table 5: the profile behind the first four of the six hexadecimal digits of profile-level-id.
[[nodiscard]] H264Profile h264_profile_of(std::string_view profile_level_id) noexcept;
// Of an fmtp; without profile-level-id it is baseline (RFC 6184 section 8.1).
[[nodiscard]] H264Profile h264_profile_in(std::string_view fmtp) noexcept;
// 0 (single NAL unit, also when not said), 1 or 2.
[[nodiscard]] std::uint8_t h264_packetization_mode(std::string_view fmtp) noexcept;

}  // namespace cardea::sdp
