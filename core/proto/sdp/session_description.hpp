// The part of an SDP session description that WebRTC uses (RFC 8866, RFC 8829), as plain values. Whatever the gateway has
// no use for is not in here: the parser skips it. sdp_parser.hpp makes it from text, sdp_writer.hpp makes text from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strong_id.hpp"
#include "proto/rtp/media_types.hpp"

namespace cardea {

enum class MediaDirection : std::uint8_t { sendrecv, sendonly, recvonly, inactive };

[[nodiscard]] std::string_view to_text(MediaDirection direction) noexcept;
[[nodiscard]] std::optional<MediaDirection> direction_of(std::string_view text) noexcept;
[[nodiscard]] MediaDirection direction_of(bool sending, bool receiving) noexcept;
[[nodiscard]] MediaDirection reversed(MediaDirection direction) noexcept;  // as the other side sees it
[[nodiscard]] constexpr bool sends(MediaDirection d) noexcept { return d == MediaDirection::sendrecv || d == MediaDirection::sendonly; }
[[nodiscard]] constexpr bool receives(MediaDirection d) noexcept { return d == MediaDirection::sendrecv || d == MediaDirection::recvonly; }

// a=setup (RFC 4145): active begins the DTLS handshake.
enum class SetupRole : std::uint8_t { actpass, active, passive, holdconn };
[[nodiscard]] std::string_view to_text(SetupRole role) noexcept;
[[nodiscard]] std::optional<SetupRole> setup_role_of(std::string_view text) noexcept;

struct SdpFingerprint {
    std::string algorithm;  // lower case: "sha-256"
    std::string value;      // "AB:CD:..."
    friend bool operator==(const SdpFingerprint&, const SdpFingerprint&) = default;
};

// ICE and DTLS attributes; they stand at session level, on an m-line, or both.
struct SdpTransport {
    std::string ufrag;
    std::string pwd;
    std::vector<SdpFingerprint> fingerprints;
    std::optional<SetupRole> setup;
    std::string ice_options;
    friend bool operator==(const SdpTransport&, const SdpTransport&) = default;
};

// One payload type of an m-line. Without a=rtpmap the encoding of a static type (RFC 3551) is filled in, of others it is empty.
struct SdpFormat {
    std::uint8_t number = 0;
    std::string encoding;          // as written: "VP8"
    std::uint32_t clock_rate = 0;  // Hz
    std::uint8_t channels = 1;
    std::string fmtp;
    std::vector<std::string> feedback;  // after "a=rtcp-fb:<pt> "
    friend bool operator==(const SdpFormat&, const SdpFormat&) = default;
};

struct SdpExtension {
    std::uint8_t id = 0;
    std::string uri;
    std::optional<MediaDirection> direction;  // "a=extmap:3/sendonly"
    friend bool operator==(const SdpExtension&, const SdpExtension&) = default;
};

struct Msid {
    std::string stream;
    std::string track;
    [[nodiscard]] bool empty() const noexcept { return stream.empty() && track.empty(); }
    friend bool operator==(const Msid&, const Msid&) = default;
};

struct SdpSsrc {
    Ssrc ssrc;
    std::string cname;
    Msid msid;
    friend bool operator==(const SdpSsrc&, const SdpSsrc&) = default;
};
struct SdpSsrcGroup {
    std::string semantics;  // "FID", "SIM"
    std::vector<Ssrc> ssrcs;
    friend bool operator==(const SdpSsrcGroup&, const SdpSsrcGroup&) = default;
};

struct SdpRid {
    std::string id;
    bool send = false;  // else recv
    friend bool operator==(const SdpRid&, const SdpRid&) = default;
};
// a=simulcast (RFC 8853): the first alternative of every stream, in order.
struct SdpSimulcast {
    std::vector<std::string> send;
    std::vector<std::string> recv;
    [[nodiscard]] bool empty() const noexcept { return send.empty() && recv.empty(); }
    friend bool operator==(const SdpSimulcast&, const SdpSimulcast&) = default;
};

struct MediaDescription {
    std::string media;              // "audio", "video", "application", or whatever it said
    std::optional<MediaKind> kind;  // of `media`; nullopt: not ours
    std::uint16_t port = 0;
    std::string protocol;
    std::vector<std::string> format_names;  // of an m-line without RTP: "webrtc-datachannel", "5000"
    std::vector<SdpFormat> formats;         // of an RTP m-line, in order of preference, each number once
    std::string connection;                 // "IN IP4 0.0.0.0"
    std::uint64_t bandwidth = 0;            // bits per second, from b=TIAS or b=AS; 0: not said

    std::string mid;
    MediaDirection direction = MediaDirection::sendrecv;
    SdpTransport transport;
    bool bundle_only = false;
    bool rtcp_mux = false;
    bool rtcp_rsize = false;
    bool extmap_allow_mixed = false;
    std::vector<SdpExtension> extensions;
    std::vector<std::string> feedback;  // "a=rtcp-fb:* ..."
    Msid msid;
    std::vector<SdpSsrc> ssrcs;
    std::vector<SdpSsrcGroup> ssrc_groups;
    std::vector<SdpRid> rids;
    SdpSimulcast simulcast;
    std::vector<std::string> candidates;  // after "a=candidate:"; written only: remote candidates mean nothing to an ICE-lite agent
    bool end_of_candidates = false;
    std::optional<std::uint16_t> sctp_port;  // a=sctp-port, or a=sctpmap of old clients
    bool sctpmap = false;                    // the old form (draft-ietf-mmusic-sctp-sdp-05)
    std::optional<std::uint64_t> max_message_size;

    // Port 0 refuses or ends an m-line, unless it only waits for its bundle (RFC 8843 section 7.2.1).
    [[nodiscard]] bool is_disabled() const noexcept { return port == 0 && !bundle_only; }
    [[nodiscard]] bool is_rtp() const noexcept { return kind == MediaKind::audio || kind == MediaKind::video; }
    [[nodiscard]] const SdpFormat* find_format(std::uint8_t number) const noexcept;
    friend bool operator==(const MediaDescription&, const MediaDescription&) = default;
};

struct SessionDescription {
    std::string origin_user = "-";
    std::uint64_t session_id = 0;
    std::uint64_t version = 0;
    std::string session_name = "-";
    SdpTransport transport;
    bool ice_lite = false;
    bool extmap_allow_mixed = false;
    std::string msid_semantic;                      // " WMS *"
    std::vector<std::vector<std::string>> bundles;  // the mids of every a=group:BUNDLE
    std::vector<MediaDescription> media;
    friend bool operator==(const SessionDescription&, const SessionDescription&) = default;
};

}  // namespace cardea
