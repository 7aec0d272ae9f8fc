#include "proto/rtp/media_types.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace cardea {
namespace {
constexpr std::array<std::pair<std::string_view, Codec>, 9> kCodecs{{
    {"opus", Codec::opus}, {"pcmu", Codec::pcmu}, {"pcma", Codec::pcma}, {"g722", Codec::g722}, {"vp8", Codec::vp8},
    {"vp9", Codec::vp9}, {"h264", Codec::h264}, {"av1", Codec::av1}, {"h265", Codec::h265}}};
}

std::string_view to_text(MediaKind kind) noexcept {
    switch (kind) {
        case MediaKind::audio: return "audio";
        case MediaKind::video: return "video";
        case MediaKind::data: break;
    }
    return "data";
}

std::string_view to_text(Codec codec) noexcept {
    for (const auto& [name, value] : kCodecs)
        if (value == codec) return name;
    return "unknown";
}

Codec codec_of(std::string_view name) noexcept {
    const auto same = [&](std::string_view known) {
        return std::equal(name.begin(), name.end(), known.begin(), known.end(),
                          [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
    };
    for (const auto& [known, value] : kCodecs)
        if (same(known)) return value;
    return Codec::unknown;
}

}  // namespace cardea
