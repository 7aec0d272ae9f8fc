// What the negotiation (a plugin's thread) tells the worker about one peer connection. Workers never see SDP.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/strong_id.hpp"
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
class PeerObserver {
  public:
    virtual ~PeerObserver() = default;
    virtual void on_webrtc_up(PeerId peer) = 0;
    // The last event of a peer. reason in Janus' words: "ICE failed", "DTLS alert", "Close PC", ...; detail is for the log: what
    // an admin wants to know of a call that failed, without addresses; empty when the reason says all.
    virtual void on_hangup(PeerId peer, const std::string& reason, const std::string& detail) = 0;
    virtual void on_media(PeerId peer, const MediaStateEvent& event) = 0;
    virtual void on_slow_link(PeerId peer, const SlowLinkEvent& event) = 0;
};

}  // namespace cardea
