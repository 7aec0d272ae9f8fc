// What the negotiation (a plugin's thread) tells the worker about one peer connection. Workers never see SDP.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"
#include "base/strong_id.hpp"
#include "peer/layers.hpp"
#include "proto/dtls/dtls_role.hpp"
#include "proto/rtp/media_types.hpp"

namespace cardea {

struct IceCredentials {
    std::string ufrag;
    std::string pwd;
    friend bool operator==(const IceCredentials&, const IceCredentials&) = default;
};

struct SourceConfig {
    SourceId id;
    ReceiveTrack track;
};
struct SinkConfig {
    SinkId id;
    SendTrack track;
    bool active = true;  // the m-line's direction lets us send
};

// The m-line of the data channels.
struct DataConfig {
    SourceId source;
    SinkId sink;
    std::uint16_t remote_port = 5000;    // the client's a=sctp-port
    std::uint64_t max_message = 65'536;  // the client's a=max-message-size; 0: any
    bool agreed = false;                 // else only offered so far: it can be routed, SCTP does not begin
};

// The whole desired state: an update carries everything again. A source or sink that is no longer named is removed.
struct PeerConfig {
    PeerId id;
    IceCredentials local;   // a change is an ICE restart: the old ones stay valid until the first check with the new
    IceCredentials remote;  // ufrag may be empty until the client answered our offer
    std::string fingerprint_algorithm;      // "sha-256"; empty until known
    std::vector<std::uint8_t> fingerprint;  // of the peer's certificate
    DtlsRole dtls_role = DtlsRole::server;
    bool remote_known = false;  // the remote description is there: DTLS may begin
    std::vector<SourceConfig> sources;
    std::vector<SinkConfig> sinks;
    std::optional<DataConfig> data;
};

// What a worker tells about its peers; delivered on the worker's thread, receivers must only post.
struct MediaStateEvent {
    std::string mid;
    MediaKind kind = MediaKind::audio;
    bool receiving = false;
    std::uint32_t seconds = 0;  // without a packet, when receiving is false
};
struct SlowLinkEvent {
    std::string mid;
    MediaKind kind = MediaKind::audio;
    bool uplink = false;  // true: loss on the way from the gateway to the peer, as Janus words it
    std::uint32_t lost = 0;
};
// How a peer connection comes about.
enum class IceProgress : std::uint8_t { connecting, connected, failed };
enum class DtlsProgress : std::uint8_t { trying, connected, failed };
struct SelectedPath {
    SocketAddress local;   // of our socket
    SocketAddress remote;  // as the client's checks arrive from
};
using PeerProgress = std::variant<IceProgress, DtlsProgress, SelectedPath>;

// What flowed on one m-line, both directions, since the peer connection began; "interval" figures since the last one.
struct TrackStatistics {
    std::string mid;
    std::uint8_t mindex = 0;
    std::uint8_t layer = 0;  // of simulcast, lowest first
    MediaKind kind = MediaKind::audio;
    Codec codec = Codec::unknown;
    std::uint32_t clock_rate = 0;
    Duration round_trip{};
    std::int64_t lost = 0, lost_by_remote = 0;
    std::uint32_t jitter_local = 0, jitter_remote = 0;  // timestamp units
    std::uint64_t packets_received = 0, packets_sent = 0, bytes_received = 0, bytes_sent = 0;
    std::uint64_t interval_bytes_received = 0, interval_bytes_sent = 0;
    std::uint64_t nacks_received = 0, nacks_sent = 0, retransmissions_received = 0;
    std::uint8_t link_quality_in = 100, link_quality_out = 100;  // per cent of packets that arrived at the first try
    std::uint8_t media_quality_in = 100, media_quality_out = 100;  // after retransmission
    std::uint64_t remb = 0;  // bits per second that we tell the peer; 0: no cap
};

class PeerObserver {
  public:
    virtual ~PeerObserver() = default;
    virtual void on_webrtc_up(PeerId peer) = 0;
    // The last event of a peer. reason in Janus' words: "ICE failed", "DTLS alert", "Close PC", ...; detail is for the log: what
    // an admin wants to know of a call that failed, without addresses; empty when the reason says all.
    virtual void on_hangup(PeerId peer, const std::string& reason, const std::string& detail) = 0;
    virtual void on_media(PeerId peer, const MediaStateEvent& event) = 0;
    virtual void on_slow_link(PeerId peer, const SlowLinkEvent& event) = 0;
    virtual void on_layers(PeerId, const LayersEvent&) {}
    virtual void on_talking(PeerId, const TalkingEvent&) {}
    // What event handlers want to know besides. Any thread may ask wants_*.
    [[nodiscard]] virtual bool wants_progress() const noexcept { return false; }
    virtual void on_progress(PeerId, const PeerProgress&) {}
    [[nodiscard]] virtual bool wants_statistics() const noexcept { return false; }
    virtual void on_statistics(PeerId, const std::vector<TrackStatistics>&) {}
};

}  // namespace cardea
