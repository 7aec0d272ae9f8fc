// A media plane that only notes what it is told.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/media_control.hpp"

namespace cardea {

class FakeMedia : public MediaControl {
  public:
    struct Route {
        SinkId sink;
        SourceId source;
        friend bool operator==(const Route&, const Route&) = default;
    };

    [[nodiscard]] std::uint32_t worker_count() const noexcept override { return 1; }
    [[nodiscard]] const std::vector<CandidateAddress>& candidates(WorkerIndex) const noexcept override { return candidates_; }
    [[nodiscard]] const std::string& fingerprint() const noexcept override { return fingerprint_; }
    [[nodiscard]] WorkerIndex place(std::string_view group, std::uint32_t load) override {
        loads.push_back(load);
        ++placed[std::string{group}];
        return 0;
    }
    void release(std::string_view group, WorkerIndex) override { --placed[std::string{group}]; }
    void open_peer(WorkerIndex, PeerConfig config) override { opened.push_back(std::move(config)); }
    void update_peer(WorkerIndex, PeerConfig config) override { updated.push_back(std::move(config)); }
    void close_peer(WorkerIndex, PeerId peer, std::string reason) override { closed[peer] = std::move(reason); }
    void route(WorkerIndex, SinkId sink, SourceId source, WorkerIndex) override { routes.push_back({sink, source}); }
    void set_sink_active(WorkerIndex, SinkId, bool) override {}
    void set_source_active(WorkerIndex, SourceId, bool) override {}
    void limit_bitrate(WorkerIndex, PeerId, std::uint64_t) override {}
    void request_keyframe(WorkerIndex, SourceId) override {}
    void route_data(WorkerIndex, SinkId sink, SourceId source, DataRouteOptions options) override {
        data_routes[{sink, source}] = std::move(options);
    }
    void unroute_data(WorkerIndex, SinkId sink, SourceId source) override { data_routes.erase({sink, source}); }
    void set_layers(WorkerIndex, SinkId sink, LayerWish wish) override { layers[sink] = wish; }
    void set_playout_delay(WorkerIndex, SinkId sink, std::optional<PlayoutDelay> delay) override { playout_delays[sink] = delay; }
    void watch_talking(WorkerIndex, SourceId source, TalkingRule rule) override { talking[source] = rule; }
    [[nodiscard]] Result<ForwardRoute> forward(WorkerIndex, ForwardWish wish) override {
        if (refuse_plain_rtp) return fail(-1, "refused");
        forwards.push_back(std::move(wish));
        return ForwardRoute{10000};
    }
    void stop_forwarding(WorkerIndex, ForwarderId forwarder) override { stopped_forwarders.push_back(forwarder); }
    [[nodiscard]] Result<RemotePorts> open_remote(WorkerIndex, RemoteWish wish) override {
        if (refuse_plain_rtp) return fail(-3, "no port is free");
        remotes.push_back(std::move(wish));
        return RemotePorts{"192.0.2.1", 20000, 20001};
    }
    void update_remote(WorkerIndex, RemoteId, std::vector<SourceConfig> sources) override { remote_updates.push_back(std::move(sources)); }
    void close_remote(WorkerIndex, RemoteId remote) override { closed_remotes.push_back(remote); }
    [[nodiscard]] std::string statistics() const override { return "{}"; }
    [[nodiscard]] std::uint64_t peer_count() const noexcept override { return opened.size() - closed.size(); }

    std::map<std::string, int> placed;
    std::vector<std::uint32_t> loads;  // of each peer placed
    std::vector<PeerConfig> opened;
    std::vector<PeerConfig> updated;
    std::map<PeerId, std::string> closed;
    std::vector<Route> routes;
    std::map<std::pair<SinkId, SourceId>, DataRouteOptions> data_routes;
    std::map<SinkId, LayerWish> layers;
    std::map<SinkId, std::optional<PlayoutDelay>> playout_delays;
    std::map<SourceId, TalkingRule> talking;
    bool refuse_plain_rtp = false;
    std::vector<ForwardWish> forwards;
    std::vector<ForwarderId> stopped_forwarders;
    std::vector<RemoteWish> remotes;
    std::vector<std::vector<SourceConfig>> remote_updates;
    std::vector<RemoteId> closed_remotes;

  private:
    std::vector<CandidateAddress> candidates_{{*SocketAddress::parse("192.0.2.1", 10000)}};
    std::string fingerprint_ = "sha-256 "
        "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF";
};

}  // namespace cardea
