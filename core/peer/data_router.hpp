// The SCTP associations of all peers and the routes of messages between them. Sans-IO and of one thread: commands and packets go in, packets
// leave through the stack's output.
//
// A route joins a source (channels that a client opened) to a sink (channels towards a client). Every channel of the source has a leg: a
// channel of its own towards the sink, just as ordered and reliable. The one exception is a route from a peer to itself, which answers on
// the channel the message came in on.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "peer/data_plane.hpp"
#include "proto/sctp/data_channels.hpp"

namespace cardea {

// Takes copies of messages for forwarders.
class DataTapOutput {
  public:
    virtual ~DataTapOutput() = default;
    virtual void send_tapped(const DataTap& tap, DataFormat format, Bytes message) = 0;
};

class DataRouter {
  public:
    explicit DataRouter(SctpStack& stack) : DataRouter{stack, nullptr} {}
    DataRouter(SctpStack& stack, DataTapOutput* taps);
    ~DataRouter();
    DataRouter(const DataRouter&) = delete;
    DataRouter& operator=(const DataRouter&) = delete;

    void open(const DataPeer& peer);
    void close(PeerId peer, SourceId source, SinkId sink);
    void on_packet(PeerId peer, Bytes packet);

    void route(SinkId sink, SourceId source, DataRouteOptions options);
    void unroute(SinkId sink, SourceId source);
    void set_sink_active(SinkId sink, bool active);
    void set_source_active(SourceId source, bool active);

    void tap(SourceId source, const DataTap& tap);
    void untap(SourceId source, ForwarderId tap);
    void open_remote(SourceId source);
    void close_remote(SourceId source);
    void on_remote_message(SourceId source, DataFormat format, Bytes message);
    [[nodiscard]] bool is_remote(SourceId source) const { return remote_sources_.contains(source); }

    // The worker of a peer; nullptr: no such peer.
    [[nodiscard]] const DataPeer* find(PeerId peer) const noexcept;
    [[nodiscard]] bool empty() const noexcept { return associations_.empty(); }
    [[nodiscard]] DataStatistics& statistics() noexcept { return statistics_; }
    [[nodiscard]] std::size_t route_count() const noexcept { return routes_.size(); }

  private:
    struct Association;
    struct Leg {
        StreamId from;
        std::optional<StreamId> to;
        bool refused = false;  // the receiver closed it: not opened again
    };
    struct Route {
        DataRouteOptions options;
        std::vector<Leg> legs;
    };
    using RouteKey = std::pair<SourceId, SinkId>;
    using Routes = std::map<RouteKey, Route>;

    // From the associations.
    void on_up(Association& association);
    void on_channel_open(Association& association, StreamId stream, const ChannelOptions& options);
    void on_channel_closed(Association& association, StreamId stream);
    void on_message(Association& association, StreamId stream, DataFormat format, Bytes message);
    void on_down(Association& association);

    template <class F>
    void for_each_route_from(SourceId source, F&& visit);
    void open_legs(Routes::value_type& route);
    Leg* open_leg(Routes::value_type& route, StreamId stream, const ChannelOptions& options);
    void close_legs(Routes::value_type& route);
    void forward(Routes::value_type& route, Association& from, StreamId stream, DataFormat format, Bytes message);
    void forward_on_leg(Routes::value_type& route, Association& to, StreamId stream, const ChannelOptions& options, DataFormat format, Bytes message);
    void copy_to_taps(SourceId source, DataFormat format, Bytes message) const;
    void erase_route(const RouteKey& key);
    [[nodiscard]] Association* by_source(SourceId source) const noexcept;
    [[nodiscard]] Association* by_sink(SinkId sink) const noexcept;

    SctpStack& stack_;
    DataTapOutput* tap_output_;
    DataStatistics statistics_;
    std::unordered_map<PeerId, std::unique_ptr<Association>> associations_;
    std::unordered_map<SourceId, Association*> sources_;
    std::unordered_map<SinkId, Association*> sinks_;
    Routes routes_;
    std::unordered_map<SinkId, std::vector<SourceId>> sources_of_;  // the other way round
    std::unordered_map<SourceId, std::vector<DataTap>> taps_;
    std::unordered_set<SourceId> remote_sources_;
    std::unordered_set<SourceId> muted_sources_;
    std::unordered_set<SinkId> muted_sinks_;
};

}  // namespace cardea
