// The codecs a room may allow, and what an fmtp line says that goes on the wire.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace cardea::videoroom {

inline constexpr std::array<std::string_view, 4> kAudioCodecs{"opus", "g722", "pcmu", "pcma"};
inline constexpr std::array<std::string_view, 4> kVideoCodecs{"vp8", "vp9", "h264", "av1"};

[[nodiscard]] constexpr std::string_view kind_of_codec(std::string_view codec) noexcept {
    for (const auto audio : kAudioCodecs)
        if (audio == codec) return "audio";
    return "video";
}

// The value of one parameter of "a=1;b=2"; empty: it is not there.
[[nodiscard]] inline std::string fmtp_value(std::string_view fmtp, std::string_view name) {
    while (!fmtp.empty()) {
        const auto end = fmtp.find(';');
        auto entry = fmtp.substr(0, end);
        fmtp = end == std::string_view::npos ? std::string_view{} : fmtp.substr(end + 1);
        while (!entry.empty() && entry.front() == ' ') entry.remove_prefix(1);
        if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') return std::string{entry.substr(name.size() + 1)};
    }
    return {};
}

}  // namespace cardea::videoroom
