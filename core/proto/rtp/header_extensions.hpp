// RTP header extensions (RFC 8285): the walk over both forms of the block, and typed values of those the gateway knows.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "proto/rtp/media_types.hpp"
#include "proto/rtp/rtp_header.hpp"

namespace cardea {

// RFC 6464: 0 is the loudest, 127 is silence; `voice` is the sender's own voice activity detection.
struct AudioLevel {
    std::uint8_t below_full_scale = 127;  // -dBov
    bool voice = false;
    friend bool operator==(const AudioLevel&, const AudioLevel&) = default;
};

// 3GPP TS 26.114 section 7.4.5 (CVO).
struct VideoOrientation {
    bool back_camera = false;
    bool flipped = false;
    std::uint8_t quarter_turns = 0;  // 0..3, how far the picture was rotated
    friend bool operator==(const VideoOrientation&, const VideoOrientation&) = default;
};

// In units of 10 ms, 12 bits each.
struct PlayoutDelay {
    std::uint16_t min = 0;
    std::uint16_t max = 0;
    friend bool operator==(const PlayoutDelay&, const PlayoutDelay&) = default;
};

// What a packet's header extensions say. Texts and bytes are views into the packet that was read.
struct HeaderExtensions {
    std::string_view mid;
    std::string_view rid;
    std::string_view repaired_rid;
    std::optional<AudioLevel> audio_level;
    std::optional<std::uint32_t> abs_send_time;       // 24 bits: seconds modulo 64, with 18 bits of fraction
    std::optional<std::uint16_t> transport_sequence;  // transport-wide congestion control
    std::optional<VideoOrientation> video_orientation;
    std::optional<PlayoutDelay> playout_delay;
    Bytes dependency_descriptor;  // opaque; empty = absent
};

[[nodiscard]] std::optional<AudioLevel> read_audio_level(Bytes value) noexcept;
[[nodiscard]] std::optional<std::uint32_t> read_abs_send_time(Bytes value) noexcept;
[[nodiscard]] std::optional<std::uint16_t> read_transport_sequence(Bytes value) noexcept;
[[nodiscard]] std::optional<VideoOrientation> read_video_orientation(Bytes value) noexcept;
[[nodiscard]] std::optional<PlayoutDelay> read_playout_delay(Bytes value) noexcept;
// RFC 8852 section 3.3: letters and digits, plus - and _ that mids use; anything else, or more than 16, reads as empty.
[[nodiscard]] std::string_view read_stream_name(Bytes value) noexcept;

[[nodiscard]] std::uint32_t abs_send_time_of(Instant t) noexcept;

constexpr std::uint16_t kOneByteExtensions = 0xbede;  // RFC 8285 section 4.2
constexpr std::uint16_t kTwoByteExtensions = 0x1000;  // section 4.3, the low four bits are application bits

namespace detail {

template <class Callback>
void for_each_one_byte_extension(Bytes block, Callback& on_extension) {
    ByteReader reader{block};
    while (reader.left() > 0) {
        const auto head = reader.be<std::uint8_t>();
        const auto id = static_cast<std::uint8_t>(head >> 4U);
        if (head == 0) continue;  // padding
        if (id == 15) return;     // section 4.2: stop reading
        const Bytes value = reader.take((head & 0x0fU) + 1U);
        if (!reader.ok()) return;
        if (id != 0) on_extension(id, value);
    }
}

template <class Callback>
void for_each_two_byte_extension(Bytes block, Callback& on_extension) {
    ByteReader reader{block};
    while (reader.left() > 0) {
        const auto id = reader.be<std::uint8_t>();
        if (id == 0) continue;  // padding
        const auto size = reader.be<std::uint8_t>();
        const Bytes value = reader.take(size);
        if (!reader.ok()) return;
        on_extension(id, value);
    }
}

}  // namespace detail

// Calls on_extension(std::uint8_t id, Bytes value) for each element. An element that runs over the block's end stops the walk:
// what came before it is good. `header` is what parse_rtp_header said of this packet.
template <class Callback>
void for_each_extension(Bytes packet, const RtpHeader& header, Callback&& on_extension) {
    const Bytes block = packet.subspan(header.extension_offset, header.extension_size);
    if (header.extension_profile == kOneByteExtensions) return detail::for_each_one_byte_extension(block, on_extension);
    if ((header.extension_profile & 0xfff0U) == kTwoByteExtensions) detail::for_each_two_byte_extension(block, on_extension);
}

[[nodiscard]] HeaderExtensions read_extensions(Bytes packet, const RtpHeader& header, const ExtensionIds& ids) noexcept;

}  // namespace cardea
