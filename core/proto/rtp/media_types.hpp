// The words that SDP negotiation, the media path and the module host share: kinds, codecs, extensions, tracks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strong_id.hpp"

namespace cardea {

enum class MediaKind : std::uint8_t { audio, video, data };
enum class Codec : std::uint8_t { unknown, opus, pcmu, pcma, g722, vp8, vp9, h264, av1, h265 };

[[nodiscard]] std::string_view to_text(MediaKind kind) noexcept;   // "audio"
[[nodiscard]] std::string_view to_text(Codec codec) noexcept;      // Janus' lower case name: "opus", "vp8", "h264"
[[nodiscard]] Codec codec_of(std::string_view name) noexcept;      // any case, SDP or Janus name; unknown if unknown

// One payload type that both sides agreed on.
struct PayloadType {
    std::uint8_t number = 0;
    Codec codec = Codec::unknown;
    std::uint32_t clock_rate = 90000;  // Hz
    std::uint8_t channels = 1;
    std::string fmtp;                      // after "a=fmtp:<pt> "
    std::optional<std::uint8_t> rtx;       // payload type of its retransmissions (RFC 4588)
    bool nack = false, pli = false, fir = false, remb = false, transport_cc = false;
};

// Header extension ids (RFC 8285); 0 = not negotiated.
struct ExtensionIds {
    std::uint8_t mid = 0;                    // urn:ietf:params:rtp-hdrext:sdes:mid
    std::uint8_t rid = 0;                    // urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
    std::uint8_t repaired_rid = 0;           // urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
    std::uint8_t audio_level = 0;            // urn:ietf:params:rtp-hdrext:ssrc-audio-level
    std::uint8_t abs_send_time = 0;          // http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
    std::uint8_t transport_cc = 0;           // http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
    std::uint8_t video_orientation = 0;      // urn:3gpp:video-orientation
    std::uint8_t playout_delay = 0;          // http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
    std::uint8_t dependency_descriptor = 0;  // https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension
    friend bool operator==(const ExtensionIds&, const ExtensionIds&) = default;
};

// One simulcast encoding, or the only one, of what a peer sends on an m-line.
struct RemoteEncoding {
    std::string rid;              // empty: known by SSRC or mid only
    std::optional<Ssrc> ssrc;     // from a=ssrc; absent with RID: learnt from the packets
    std::optional<Ssrc> rtx_ssrc; // from a=ssrc-group:FID
};

// What the gateway receives on one m-line of a peer.
struct ReceiveTrack {
    std::string mid;
    std::uint8_t mindex = 0;
    MediaKind kind = MediaKind::audio;
    std::vector<PayloadType> payload_types;  // first = preferred
    ExtensionIds extensions;
    std::vector<RemoteEncoding> encodings;   // may be empty: any SSRC that carries this mid or an unambiguous payload type
};

// What the gateway sends on one m-line of a peer.
struct SendTrack {
    std::string mid;
    std::uint8_t mindex = 0;
    MediaKind kind = MediaKind::audio;
    PayloadType payload_type;
    ExtensionIds extensions;
    Ssrc ssrc{};
    Ssrc rtx_ssrc{};   // 0: no RTX
    std::string cname;
};

}  // namespace cardea
