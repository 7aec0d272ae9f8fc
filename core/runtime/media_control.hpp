// The media plane as the control side calls it. MediaEngine implements it; tests of the module host put a recorder in its
// place. Every call only posts to the worker that owns the peer, the source or the sink; any thread may call.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/strong_id.hpp"
#include "base/result.hpp"
#include "peer/data_plane.hpp"
#include "peer/peer_config.hpp"
#include "proto/rtp/header_extensions.hpp"
#include "runtime/plain_rtp_control.hpp"
#include "recording/recorded_track.hpp"

namespace cardea {

class RecordingIntake;

using WorkerIndex = std::uint32_t;

// Packets per second of an m-line that has not been measured yet.
inline constexpr std::uint32_t kVideoLoad = 110;
inline constexpr std::uint32_t kAudioLoad = 50;

struct CandidateAddress {
    SocketAddress address;  // as announced
};

class MediaControl {
  public:
    MediaControl() = default;
    MediaControl(const MediaControl&) = delete;
    MediaControl& operator=(const MediaControl&) = delete;
    virtual ~MediaControl() = default;

    [[nodiscard]] virtual std::uint32_t worker_count() const noexcept = 0;
    // Candidates of a worker, best first.
    [[nodiscard]] virtual const std::vector<CandidateAddress>& candidates(WorkerIndex worker) const noexcept = 0;
    // "sha-256 AB:CD:..." of the process' DTLS certificate.
    [[nodiscard]] virtual const std::string& fingerprint() const noexcept = 0;
    // The worker for a new peer: peers of one group (a room of a plugin, as text) share a worker while it has room for them. load: packets
    // per second that are expected of it. release() when the peer is gone.
    [[nodiscard]] virtual WorkerIndex place(std::string_view group, std::uint32_t load) = 0;
    virtual void release(std::string_view group, WorkerIndex worker) = 0;

    virtual void open_peer(WorkerIndex worker, PeerConfig config) = 0;
    virtual void update_peer(WorkerIndex worker, PeerConfig config) = 0;
    virtual void close_peer(WorkerIndex worker, PeerId peer, std::string reason) = 0;

    // worker: the sink's; home: the source's. Source 0 ends the route.
    virtual void route(WorkerIndex worker, SinkId sink, SourceId source, WorkerIndex home) = 0;
    virtual void set_sink_active(WorkerIndex worker, SinkId sink, bool active) = 0;
    virtual void set_source_active(WorkerIndex worker, SourceId source, bool active) = 0;
    virtual void limit_bitrate(WorkerIndex worker, PeerId peer, std::uint64_t bits_per_second) = 0;
    virtual void request_keyframe(WorkerIndex worker, SourceId source) = 0;
    virtual void set_layers(WorkerIndex worker, SinkId sink, LayerWish wish) = 0;
    virtual void set_playout_delay(WorkerIndex worker, SinkId sink, std::optional<PlayoutDelay> delay) = 0;
    virtual void watch_talking(WorkerIndex worker, SourceId source, TalkingRule rule) = 0;

    // Data channels. `worker` is the sink's; the source may live anywhere. Routing a pair again replaces its options.
    virtual void route_data(WorkerIndex worker, SinkId sink, SourceId source, DataRouteOptions options) = 0;
    virtual void unroute_data(WorkerIndex worker, SinkId sink, SourceId source) = 0;

    // Hands what a source sends to the disk thread until end_record, or until the source ends; the intake is that worker's.
    virtual void record(WorkerIndex, SourceId, std::shared_ptr<RecordedTrack>, RecordingIntake&) {}
    virtual void end_record(WorkerIndex, RecordedTrackId) {}

    // RTP outside of peer connections. Errors: a cardea_status, and words for whoever asked.
    [[nodiscard]] virtual Result<ForwardRoute> forward(WorkerIndex worker, ForwardWish wish) = 0;
    virtual void stop_forwarding(WorkerIndex worker, ForwarderId forwarder) = 0;
    [[nodiscard]] virtual Result<RemotePorts> open_remote(WorkerIndex worker, RemoteWish wish) = 0;
    virtual void update_remote(WorkerIndex worker, RemoteId remote, std::vector<SourceConfig> sources) = 0;
    virtual void close_remote(WorkerIndex worker, RemoteId remote) = 0;

    // Sums over the workers, as JSON text for admins: peers, packets and bytes in and out, drops by reason.
    [[nodiscard]] virtual std::string statistics() const = 0;
    [[nodiscard]] virtual std::uint64_t peer_count() const noexcept = 0;
};

}  // namespace cardea
