#include "proto/rtp/header_extensions.hpp"

#include <algorithm>

namespace cardea {

namespace {

[[nodiscard]] bool is_name_character(std::uint8_t c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

}  // namespace

std::optional<AudioLevel> read_audio_level(Bytes value) noexcept {
    if (value.empty()) return std::nullopt;
    return AudioLevel{static_cast<std::uint8_t>(value[0] & 0x7fU), (value[0] & 0x80U) != 0};
}

std::optional<std::uint32_t> read_abs_send_time(Bytes value) noexcept {
    if (value.size() != 3) return std::nullopt;
    return ByteReader{value}.be24();
}

std::optional<std::uint16_t> read_transport_sequence(Bytes value) noexcept {
    // Version 2 of the extension appends a feedback request; the number comes first in both.
    if (value.size() < 2) return std::nullopt;
    return ByteReader{value}.be<std::uint16_t>();
}

std::optional<VideoOrientation> read_video_orientation(Bytes value) noexcept {
    if (value.empty()) return std::nullopt;
    const auto bits = value[0];
    return VideoOrientation{(bits & 0x08U) != 0, (bits & 0x04U) != 0, static_cast<std::uint8_t>(bits & 0x03U)};
}

std::optional<PlayoutDelay> read_playout_delay(Bytes value) noexcept {
    if (value.size() != 3) return std::nullopt;
    const auto both = ByteReader{value}.be24();
    return PlayoutDelay{static_cast<std::uint16_t>(both >> 12U), static_cast<std::uint16_t>(both & 0xfffU)};
}

std::string_view read_stream_name(Bytes value) noexcept {
    constexpr std::size_t kLongest = 16;
    if (value.size() > kLongest || !std::all_of(value.begin(), value.end(), is_name_character)) return {};
    return as_text(value);
}

std::uint32_t abs_send_time_of(Instant t) noexcept {
    constexpr std::uint64_t kSecond = 1'000'000'000;
    const auto within_64_seconds = static_cast<std::uint64_t>(ns_of(t)) % (64 * kSecond);
    return static_cast<std::uint32_t>((within_64_seconds << 18U) / kSecond) & 0xff'ffffU;
}

HeaderExtensions read_extensions(Bytes packet, const RtpHeader& header, const ExtensionIds& ids) noexcept {
    HeaderExtensions found;
    // An id of 0 is "not negotiated" and never on the wire as an element, so the comparisons below need no second condition.
    for_each_extension(packet, header, [&](std::uint8_t id, Bytes value) noexcept {
        if (id == ids.mid)
            found.mid = read_stream_name(value);
        else if (id == ids.rid)
            found.rid = read_stream_name(value);
        else if (id == ids.repaired_rid)
            found.repaired_rid = read_stream_name(value);
        else if (id == ids.audio_level)
            found.audio_level = read_audio_level(value);
        else if (id == ids.abs_send_time)
            found.abs_send_time = read_abs_send_time(value);
        else if (id == ids.transport_cc)
            found.transport_sequence = read_transport_sequence(value);
        else if (id == ids.video_orientation)
            found.video_orientation = read_video_orientation(value);
        else if (id == ids.playout_delay)
            found.playout_delay = read_playout_delay(value);
        else if (id == ids.dependency_descriptor)
            found.dependency_descriptor = value;
    });
    return found;
}

}  // namespace cardea
