// One handle's peer connection as its plugin's thread sees it: the negotiation, the ids given to its media, the
// descriptions that wait for their event, and the commands to the worker that owns the peer.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "cardea/json.hpp"
#include "modules/peer_router.hpp"
#include "proto/sdp/negotiation.hpp"
#include "runtime/media_control.hpp"

namespace cardea {

class RecordingService;

// What a peer session works with; outlives it.
struct PeerServices {
    MediaControl& media;
    PeerRouter& router;
    SdpLimits sdp;
    RecordingService* recording = nullptr;  // null: nothing is recorded
};

// Media of any peer of this plugin, by id.
struct KnownSource {
    MediaKind kind = MediaKind::audio;
    PayloadType payload_type;
    WorkerIndex worker = 0;
    std::string mid;
    std::uint8_t mindex = 0;
};
class SourceDirectory {
  public:
    virtual ~SourceDirectory() = default;
    [[nodiscard]] virtual const KnownSource* find_source(SourceId id) const = 0;
};

class PeerSession {
  public:
    // observer: whom the workers tell about this peer.
    PeerSession(PeerServices& services, PeerObserver& observer, const SourceDirectory& directory);
    ~PeerSession();  // closes the peer
    PeerSession(const PeerSession&) = delete;
    PeerSession& operator=(const PeerSession&) = delete;

    // The client's description, type and sdp checked. What the plugin gets as `media`; 465 for SDP that cannot be used,
    // 469 for an answer nobody waits for.
    [[nodiscard]] Result<Json> take(const Json& jsep);
    // As cardea_plugin_host.answer and offer. Error codes: a cardea_status.
    [[nodiscard]] Result<Json> answer(const Json& policy);
    [[nodiscard]] Result<Json> offer(const Json& wish);
    // The jsep of a ticket, once; absent: no such ticket.
    [[nodiscard]] Json redeem(std::uint64_t ticket);

    [[nodiscard]] PeerId peer() const noexcept { return peer_; }
    [[nodiscard]] bool is_open() const noexcept { return worker_.has_value(); }  // a worker knows it
    [[nodiscard]] WorkerIndex worker() const noexcept { return worker_.value_or(0); }
    [[nodiscard]] std::vector<std::pair<SourceId, KnownSource>> sources() const;
    [[nodiscard]] std::vector<SinkId> sinks() const;      // of audio and video
    [[nodiscard]] std::optional<SinkId> data_sink() const;  // of the data channels, while there are any
    // The worker is told; it needs not be heard again.
    void close(const std::string& reason);

  private:
    struct Jsep {
        std::uint64_t ticket = 0;
        Json json;
    };

    [[nodiscard]] Result<Json> take_answer(const std::string& sdp);
    void place(const Json& group, std::uint32_t load);
    [[nodiscard]] LocalTransport transport() const;
    void draw_credentials();
    void give_ids(const std::vector<NegotiatedMedia>& media);
    void apply(const std::vector<NegotiatedMedia>& media, bool in_force);
    [[nodiscard]] PeerConfig config_of(const std::vector<NegotiatedMedia>& media, bool in_force) const;
    [[nodiscard]] Json result(const std::vector<NegotiatedMedia>& media, std::uint64_t ticket) const;
    [[nodiscard]] std::uint64_t keep(const char* type, const std::string& sdp, bool e2ee);
    void route_tracks(const Json& wish, const LocalOffer& offer);
    void route_track(const Json& track, std::uint8_t mindex);
    [[nodiscard]] std::optional<DataConfig> data_config(const std::vector<NegotiatedMedia>& media, bool in_force) const;
    [[nodiscard]] Json line_json(const NegotiatedMedia& line) const;

    PeerServices& services_;
    PeerObserver& observer_;
    const SourceDirectory& directory_;
    Negotiation negotiation_;
    PeerId peer_;
    std::optional<WorkerIndex> worker_;
    bool told_worker_ = false;
    std::string group_;
    IceCredentials local_;
    bool e2ee_ = false;             // of the client's offer
    std::uint32_t offered_load_ = 0;  // by it, packets per second
    bool restart_pending_ = false;  // the client's offer restarts ICE
    std::map<std::uint8_t, SourceId> source_ids_;  // by m-line: stable while the m-line lives
    std::map<std::uint8_t, SinkId> sink_ids_;
    SourceId data_source_;  // there is one m-line of data channels at most
    SinkId data_sink_;
    std::vector<NegotiatedMedia> media_;  // as told to the worker last
    std::deque<Jsep> tickets_;
    std::uint64_t last_ticket_ = 0;
};

}  // namespace cardea
