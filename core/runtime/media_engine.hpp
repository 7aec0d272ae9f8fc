// The media plane as the control side sees it: workers, placement, and commands to peers. Every call only posts to the
// worker that owns the peer, the source or the sink; any thread may call.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "peer/peer_config.hpp"
#include "config/address_prefix.hpp"
#include "runtime/media_control.hpp"
#include "runtime/port_range.hpp"

namespace cardea {

struct AnnounceRule {
    SocketAddress local;               // port 0: every worker's port
    std::vector<SocketAddress> announced;  // port 0: the local port
};

// RTP outside of peer connections: forwarders and publishers of other gateways.
struct PlainRtpOptions {
    PortRange ports;                          // to receive on
    std::string address;                      // to receive on; empty: the first media address
    std::vector<config::AddressPrefix> allow; // whom RTP is sent to and taken from
    std::size_t forwarders = 1000;            // at the same time
};

struct MediaOptions {
    std::uint32_t workers = 0;                // 0: one per core of the affinity mask
    std::uint16_t base_port = 10000;          // worker k listens on base_port + k; 0: any free port
    std::vector<std::string> addresses;       // numeric; empty: every address of the host but loopback and link-local
    std::vector<AnnounceRule> announce;
    Duration consent_timeout = 30s;           // without an authenticated check the peer is gone
    Duration dtls_timeout = 20s;
    Duration no_media_timer = 1s;
    std::uint32_t slow_link_threshold = 0;    // lost packets in a second; 0: never
    Duration twcc_period = 100ms;
    Duration statistics_period = 1s;
    std::string srtp_backend = "openssl";     // or "libsrtp2", "ipsec-mb"
    std::string srtp_require;                 // "": any profile; else e.g. "AEAD_AES_256_GCM"
    std::uint32_t peers_per_worker = 20'000;
    std::uint64_t worker_capacity = 250'000;  // packets per second out; see Placement
    PlainRtpOptions plain_rtp;
};

class MediaEngine final : public MediaControl {
  public:
    // Opens the sockets and starts the workers. The observer outlives the engine.
    [[nodiscard]] static Result<std::unique_ptr<MediaEngine>> start(MediaOptions options, PeerObserver& observer);
    ~MediaEngine() override;  // closes every peer and joins the workers

    [[nodiscard]] std::uint32_t worker_count() const noexcept override;
    [[nodiscard]] const std::vector<CandidateAddress>& candidates(WorkerIndex worker) const noexcept override;
    [[nodiscard]] const std::string& fingerprint() const noexcept override;
    [[nodiscard]] WorkerIndex place(std::string_view group, std::uint32_t load) override;
    void release(std::string_view group, WorkerIndex worker) override;

    void open_peer(WorkerIndex worker, PeerConfig config) override;
    void update_peer(WorkerIndex worker, PeerConfig config) override;
    void close_peer(WorkerIndex worker, PeerId peer, std::string reason) override;

    void route(WorkerIndex worker, SinkId sink, SourceId source, WorkerIndex home) override;
    void set_sink_active(WorkerIndex worker, SinkId sink, bool active) override;
    void set_source_active(WorkerIndex worker, SourceId source, bool active) override;
    void limit_bitrate(WorkerIndex worker, PeerId peer, std::uint64_t bits_per_second) override;
    void request_keyframe(WorkerIndex worker, SourceId source) override;
    void route_data(WorkerIndex worker, SinkId sink, SourceId source, DataRouteOptions options) override;
    void unroute_data(WorkerIndex worker, SinkId sink, SourceId source) override;
    void set_layers(WorkerIndex worker, SinkId sink, LayerWish wish) override;
    void set_playout_delay(WorkerIndex worker, SinkId sink, std::optional<PlayoutDelay> delay) override;
    void watch_talking(WorkerIndex worker, SourceId source, TalkingRule rule) override;

    void record(WorkerIndex worker, SourceId source, std::shared_ptr<RecordedTrack> track, RecordingIntake& intake) override;
    void end_record(WorkerIndex worker, RecordedTrackId track) override;

    [[nodiscard]] Result<ForwardRoute> forward(WorkerIndex worker, ForwardWish wish) override;
    void stop_forwarding(WorkerIndex worker, ForwarderId forwarder) override;
    [[nodiscard]] Result<RemotePorts> open_remote(WorkerIndex worker, RemoteWish wish) override;
    void update_remote(WorkerIndex worker, RemoteId remote, std::vector<SourceConfig> sources) override;
    void close_remote(WorkerIndex worker, RemoteId remote) override;

    [[nodiscard]] std::string statistics() const override;
    [[nodiscard]] std::uint64_t peer_count() const noexcept override;

  private:
    struct Impl;
    explicit MediaEngine(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace cardea
