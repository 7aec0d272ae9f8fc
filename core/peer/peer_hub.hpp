// All peers of one worker, sans-IO: datagrams, commands and time go in; datagrams leave through the batch, events through
// the observer. Finds the peer of a datagram (ICE-lite mux: by checked path, for STUN by user name) and the legs of a source.
// Owned and called by exactly one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/clock.hpp"
#include "base/timer_wheel.hpp"
#include "media/drops.hpp"
#include "media/packet.hpp"
#include "media/send_batch.hpp"
#include "media/video_shedding.hpp"
#include "peer/data_plane.hpp"
#include "peer/peer_config.hpp"
#include "proto/dtls/dtls_context.hpp"
#include "proto/srtp/srtp.hpp"
#include "proto/stun/stun_server.hpp"
#include "recording/recorded_track.hpp"

namespace cardea {

class Peer;
class MirrorPlane;
class PlainRtp;
class Mirrors;
class SourceOwner;
class RecorderTap;
class RecordingIntake;
class Source;
class Sink;

struct HubOptions {
    Duration consent_timeout = 30s;
    Duration dtls_timeout = 20s;
    Duration no_media_timer = 1s;
    Duration twcc_period = 100ms;
    Duration statistics_period = 1s;
    std::uint32_t slow_link_threshold = 0;
    SrtpBackend srtp_backend = SrtpBackend::openssl;
    std::size_t peers = 20'000;
    std::size_t paths_per_peer = 8;
    std::vector<SocketAddress> sockets;  // their local addresses, for event handlers
    std::uint32_t worker = 0;            // which one this is
    DataPlane* data = nullptr;           // without it data channels are agreed to and never come up
    MirrorPlane* mirrors = nullptr;      // without it there is no other worker
};

struct HubStatistics {
    std::uint64_t peers = 0;
    std::uint64_t packets_in = 0, bytes_in = 0;    // media datagrams
    std::uint64_t packets_out = 0, bytes_out = 0;  // media datagrams, retransmissions included
    std::uint64_t retransmitted = 0;               // answered NACKs
    std::uint64_t nacks_sent = 0, keyframe_requests_sent = 0;
    std::uint64_t forwarders = 0, forwarded_packets = 0;  // packets: as of the last second
    std::uint64_t remote_publishers = 0;
    std::uint64_t mirrors = 0;  // sources of other workers that have legs here
    std::uint64_t video_left_out = 0;  // packets that legs were not sent because their worker was late; as of the last second
    DropCounters drops;
};

class PeerHub {
  public:
    PeerHub(HubOptions options, DtlsContext& dtls, PeerObserver& observer, DatagramOutput& output);
    ~PeerHub();
    PeerHub(const PeerHub&) = delete;
    PeerHub& operator=(const PeerHub&) = delete;

    void on_datagram(Instant now, std::uint32_t socket, const SocketAddress& from, const PacketRef& packet);
    void on_timer(Instant now);
    // How long the newest datagram that was read had waited in its socket, of the socket that is furthest behind: whether the worker keeps up.
    void on_read(Instant now, Duration waited);
    // When to come back at the latest; in the past while handshake work is waiting.
    [[nodiscard]] Instant next_timer() const noexcept;
    // A handshake step costs up to 0.4 ms, a packet 1 us: a storm of joins must not hold media back, so a turn runs only a few.
    void run_handshakes(Instant now, std::size_t steps);
    // What sources hold goes to their legs. Before a command, or it would meet legs that are not what they were when it arrived.
    void release();
    void flush();
    // Some of what is held is the beginning of a frame: it costs less with the rest of it.
    [[nodiscard]] bool awaits_packets() const noexcept;

    void open(Instant now, PeerConfig config);
    void update(Instant now, PeerConfig config);
    void close(Instant now, PeerId id, const std::string& reason, const std::string& detail = {});
    void close_all(Instant now, const std::string& reason);

    void route(Instant now, SinkId sink, SourceId source);
    // Routes of one sink may come by different workers: one that comes behind a younger one is over.
    void route_in_order(Instant now, std::uint64_t order, SinkId sink, SourceId source);
    void set_sink_active(Instant now, SinkId sink, bool active);
    void set_source_active(SourceId source, bool active);
    void limit_bitrate(Instant now, PeerId peer, std::uint64_t bits_per_second);
    void request_keyframe(Instant now, SourceId source);  // of all its encodings
    void request_keyframe(Instant now, SourceId source, std::uint8_t encoding);
    void request_keyframe(Instant now, Sink& sink);       // of what this leg gets
    void set_layers(Instant now, SinkId sink, const LayerWish& wish);
    void set_playout_delay(SinkId sink, std::optional<PlayoutDelay> delay);
    void watch_talking(SourceId source, const TalkingRule& rule);

    // Data channels: the sink's peer is of this hub, the source's may be of another.
    void route_data(SinkId sink, SourceId source, DataRouteOptions options);
    void unroute_data(SinkId sink, SourceId source);
    void send_data(PeerId peer, Bytes packet);  // SCTP for the client

    // Hands what a source gives to the disk thread from now on. The track ends there when the source does.
    void record(Instant now, SourceId source, std::shared_ptr<RecordedTrack> track, RecordingIntake& intake);
    void end_record(RecordedTrackId track);

    [[nodiscard]] HubStatistics& statistics() noexcept { return statistics_; }

    // For the peers of this hub: registries and the way out.
    [[nodiscard]] const HubOptions& options() const noexcept { return options_; }
    [[nodiscard]] SendBatch& batch() noexcept { return batch_; }
    [[nodiscard]] VideoShedding& shedding() noexcept { return shedding_; }
    [[nodiscard]] DtlsContext& dtls() noexcept { return dtls_; }
    [[nodiscard]] PeerObserver& observer() noexcept { return observer_; }
    void register_source(SourceId id, Source& source, SourceOwner& owner) { sources_[id] = {&source, &owner}; }
    void register_sink(SinkId id, Sink& sink) { sinks_[id] = &sink; }
    void forget_source(SourceId id);
    void hold(Instant now, Source& source, SourceOwner& owner);  // to be released by the end of the turn
    void forget_sink(SinkId id) { sinks_.erase(id); }
    [[nodiscard]] Source* find_source(SourceId id) const noexcept;
    [[nodiscard]] PlainRtp& plain_rtp() noexcept { return *plain_rtp_; }
    void arm_plain_rtp(Instant at);
    [[nodiscard]] Mirrors& mirrors() noexcept { return *mirrors_; }
    void register_data_source(SourceId id) { data_sources_.insert(id); }
    void forget_data_source(SourceId id) { data_sources_.erase(id); }
    [[nodiscard]] bool has_data_source(SourceId id) const { return data_sources_.contains(id); }
    void register_data(const DataConfig& data);
    void forget_data(const DataConfig& data);
    [[nodiscard]] TimerWheel<Peer>& timers() noexcept { return timers_; }

  private:
    struct PathHash {
        std::size_t operator()(const Path& path) const noexcept { return path.remote.hash() ^ (path.socket * 0x9e3779b97f4a7c15U); }
    };

    void on_stun(Instant now, const Path& path, const PacketRef& packet);
    [[nodiscard]] bool on_check(Instant now, Peer& peer, const Path& path, const std::string& ufrag, bool nominated);
    [[nodiscard]] Peer* find(PeerId id) const noexcept;
    void index_credentials(Peer& peer);
    void unmap(const Peer& peer);
    void remove(PeerId id, const std::string& reason, const std::string& detail);
    void forget_ended_recorders();

    HubOptions options_;
    DtlsContext& dtls_;
    PeerObserver& observer_;
    SendBatch batch_;
    StunServer stun_;
    HubStatistics statistics_;
    VideoShedding shedding_;
    TimerWheel<Peer> timers_;  // each peer has one
    std::unordered_map<PeerId, std::unique_ptr<Peer>> peers_;
    std::unordered_map<std::string, Peer*> by_ufrag_;
    std::unordered_map<Path, Peer*, PathHash> by_path_;
    struct OwnedSource {
        Source* source = nullptr;
        SourceOwner* owner = nullptr;
    };
    std::unordered_map<SourceId, OwnedSource> sources_;
    std::vector<OwnedSource> holding_;
    Instant held_at_{};
    std::unordered_map<SinkId, Sink*> sinks_;
    std::unordered_set<SourceId> data_sources_;
    std::unordered_set<SinkId> data_sinks_;
    std::vector<std::unique_ptr<RecorderTap>> recorders_;
    struct HandshakeStep {
        PeerId peer;
        PacketRef packet;
    };
    std::deque<HandshakeStep> handshakes_;
    std::unique_ptr<Mirrors> mirrors_;
    std::unique_ptr<PlainRtp> plain_rtp_;  // last: it lets go of sources
};

}  // namespace cardea
