// What goes into a negotiation and what comes out of it. Directions are the gateway's view, unless the comment says otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "proto/rtp/media_types.hpp"
#include "proto/sdp/session_description.hpp"

namespace cardea {

constexpr int kUnexpectedAnswer = 469;  // JANUS_ERROR_JSEP_UNEXPECTED_ANSWER
constexpr int kNegotiationError = 490;  // a wish of our own side that makes no sense; the client is not to blame

// How a client lists its simulcast rids: highest quality first (Janus' default) or lowest first.
enum class RidOrder : std::uint8_t { hml, lmh };

// ---- The client's offer, as a plugin sees it --------------------------------------------------------------------------
struct OfferedCodec {
    std::string name;  // Janus' lower case name
    Codec codec = Codec::unknown;
    std::uint8_t pt = 0;
    std::uint32_t clock_rate = 0;
    std::uint8_t channels = 1;
    std::string fmtp;
};
struct OfferedMedia {
    std::string mid;
    std::uint8_t mindex = 0;
    MediaKind kind = MediaKind::audio;
    MediaDirection direction = MediaDirection::inactive;  // the client's
    std::vector<OfferedCodec> codecs;                     // those the gateway can forward, in the client's order
    std::vector<std::string> rids;                        // simulcast, highest quality first
    std::vector<Ssrc> simulcast_ssrcs;                    // SIM group, lowest quality first; only without rids
    Msid msid;
    std::uint64_t bandwidth = 0;  // bits per second, 0: not said
    bool disabled = false;        // port 0
};
// M-lines that are no audio, video or data are answered with port 0 and not listed.
struct OfferSummary {
    bool update = false;   // the peer connection was negotiated before
    bool restart = false;  // new ICE credentials: the answer needs new local ones too
    std::vector<OfferedMedia> media;
};

// ---- The gateway's transport -------------------------------------------------------------------------------------------
struct LocalCandidate {
    std::string ip;
    std::uint16_t port = 0;
    std::uint32_t priority = 0;
    std::string foundation;
};
// A host candidate over UDP; rank 0 is the best (RFC 8445 section 5.1.2.1). Up to 65,536 of them keep distinct priorities.
[[nodiscard]] LocalCandidate host_candidate(const SocketAddress& address, std::size_t rank);

struct LocalTransport {
    std::string ufrag;
    std::string pwd;
    std::string fingerprint;  // "sha-256 AB:CD:..."
    std::vector<LocalCandidate> candidates;
    bool ice_lite = true;
};
struct RemoteTransport {
    std::string ufrag;
    std::string pwd;
    std::string fingerprint_algorithm;  // "sha-256", "sha-384" or "sha-512"
    std::vector<std::uint8_t> fingerprint;
    SetupRole local_setup = SetupRole::passive;  // the gateway's: active = DTLS client, passive = DTLS server
};

// ---- What the gateway wants --------------------------------------------------------------------------------------------
// mid, rid and repaired-rid are always accepted.
struct ExtensionWish {
    bool audio_level = true;
    bool abs_send_time = true;
    bool transport_cc = true;  // for what the gateway receives; towards a receiver only when there is an estimator
    bool video_orientation = true;
    bool playout_delay = true;
    bool dependency_descriptor = true;
};
struct KindPolicy {
    MediaDirection direction = MediaDirection::sendrecv;  // the most; the offer may allow less
    std::vector<Codec> codecs;                            // preferred first; empty: every codec, in the client's order
    std::string vp9_profile;                              // profile-id; empty: any
    std::string h264_profile;  // profile-level-id; compared by profile (RFC 6184 section 8.1), not by level; empty: any
    bool opus_fec = true;
    bool opus_dtx = false;
    bool opus_stereo = true;      // when the client offers it
    std::uint64_t bandwidth = 0;  // bits per second, written as b=; 0: none
};
// Overrides for one m-line of an answer.
struct MediaPolicy {
    std::string mid;
    std::optional<MediaDirection> direction;
    std::optional<std::vector<Codec>> codecs;
    Msid msid;            // of what the gateway sends; empty: made up
    bool reject = false;  // port 0
};
struct AnswerPolicy {
    KindPolicy audio;
    KindPolicy video;
    bool data = false;  // m=application is answered with port 0 unless true
    ExtensionWish extensions;
    std::vector<MediaPolicy> media;
};

// One m-line of the state that offer() is to bring about.
struct OfferTrack {
    std::string mid;  // an existing m-line; empty: a free one of this kind, or a new one
    MediaKind kind = MediaKind::audio;
    MediaDirection direction = MediaDirection::sendonly;
    // Of the source: codec, clock_rate, channels and fmtp count; rtx.has_value() asks for RTX; number is chosen here.
    // nack, pli, fir, remb, transport_cc are offered as set.
    PayloadType payload_type;
    Msid msid;  // empty: made up
    ExtensionWish extensions;
    std::uint64_t bandwidth = 0;
};
// A payload type with the usual clock rate, channels, fmtp and feedback of the codec, for OfferTrack.
[[nodiscard]] PayloadType default_payload_type(Codec codec);

// ---- What was agreed ---------------------------------------------------------------------------------------------------
struct NegotiatedMedia {
    std::string mid;
    std::uint8_t mindex = 0;
    MediaKind kind = MediaKind::audio;
    MediaDirection direction = MediaDirection::inactive;
    bool rejected = false;                          // port 0
    std::optional<PayloadType> payload_type;        // codec, number and fmtp; absent when rejected, and for data
    std::optional<ReceiveTrack> receive;            // encodings lowest quality first (index = Janus' substream)
    std::optional<SendTrack> send;                  // in a LocalOffer: as offered, the answer may change numbers
    std::vector<std::string> rids;                  // accepted simulcast rids, highest quality first
    std::vector<Ssrc> simulcast_ssrcs;              // lowest quality first
    Msid msid;                                      // the client's
    std::uint64_t bandwidth = 0;                    // the client's b=, bits per second
    std::optional<std::uint16_t> sctp_port;         // the client's, for data
    std::optional<std::uint64_t> max_message_size;  // the client's, for data
};
struct LocalAnswer {
    std::string sdp;
    std::vector<NegotiatedMedia> media;
    RemoteTransport remote;
    bool restart = false;
};
struct LocalOffer {
    std::string sdp;
    std::vector<NegotiatedMedia> media;     // one per m-line, in order
    std::vector<std::uint8_t> track_lines;  // tracks[i] of the call is on m-line track_lines[i]
};
struct RemoteAnswer {
    std::vector<NegotiatedMedia> media;
    RemoteTransport remote;
    bool restart = false;  // our offer was a restart, or the client's ICE credentials changed
};

}  // namespace cardea
