#include "peer/data_router.hpp"

#include <algorithm>

namespace cardea {
namespace {

// The one channel of a source of another gateway.
constexpr StreamId kRemoteStream{};
const ChannelOptions& remote_channel() {
    static const ChannelOptions kOptions;
    return kOptions;
}

}  // namespace

struct DataRouter::Association final : DataObserver {
    Association(DataRouter& owner, const DataPeer& described) : router{owner}, peer{described} {}
    // Sends: from now on the router has to know this peer.
    void begin() { channels = std::make_unique<DataChannels>(router.stack_, config_of(peer), *this, router.statistics_); }

    static DataChannels::Config config_of(const DataPeer& peer) {
        return {.sctp = {.id = AssociationId{peer.id.value}, .remote_port = peer.remote_port},
                .even_streams = peer.even_streams,
                .max_message = peer.max_message == 0 ? kMaxMessage : static_cast<std::size_t>(std::min<std::uint64_t>(peer.max_message, kMaxMessage))};
    }

    void on_data_up() override { router.on_up(*this); }
    void on_channel_open(StreamId stream, const ChannelOptions& options) override { router.on_channel_open(*this, stream, options); }
    void on_channel_closed(StreamId stream) override { router.on_channel_closed(*this, stream); }
    void on_message(StreamId stream, DataFormat format, Bytes message) override { router.on_message(*this, stream, format, message); }
    void on_data_down() override { router.on_down(*this); }

    DataRouter& router;
    DataPeer peer;
    std::unique_ptr<DataChannels> channels;
};

DataRouter::DataRouter(SctpStack& stack, DataTapOutput* taps) : stack_{stack}, tap_output_{taps} {}
// Their last packets find nobody: the peers go with their DTLS.
DataRouter::~DataRouter() { const auto ended = std::exchange(associations_, {}); }

void DataRouter::open(const DataPeer& peer) {
    if (associations_.contains(peer.id)) return;
    auto& association = *associations_.emplace(peer.id, std::make_unique<Association>(*this, peer)).first->second;
    sources_[peer.source] = &association;
    sinks_[peer.sink] = &association;
    association.begin();
}

void DataRouter::close(PeerId peer, SourceId source, SinkId sink) {
    // Its receivers' channels close with it; towards itself there is nobody left to tell.
    std::vector<RouteKey> over;
    for_each_route_from(source, [&](auto& route) { over.push_back(route.first); });
    if (const auto found = sources_of_.find(sink); found != sources_of_.end())
        for (const auto from : found->second) over.emplace_back(from, sink);
    sinks_.erase(sink);
    for (const auto& key : over) erase_route(key);
    sources_.erase(source);
    taps_.erase(source);
    muted_sources_.erase(source);
    muted_sinks_.erase(sink);
    const auto ended = associations_.extract(peer);  // and its last packet finds nobody
}

void DataRouter::on_packet(PeerId peer, Bytes packet) {
    if (!associations_.contains(peer)) return statistics_.drop(DataDrop::no_peer);
    if (!stack_.on_packet(AssociationId{peer.value}, packet)) statistics_.drop(DataDrop::malformed);
}

const DataPeer* DataRouter::find(PeerId peer) const noexcept {
    const auto found = associations_.find(peer);
    return found == associations_.end() ? nullptr : &found->second->peer;
}

DataRouter::Association* DataRouter::by_source(SourceId source) const noexcept {
    const auto found = sources_.find(source);
    return found == sources_.end() ? nullptr : found->second;
}
DataRouter::Association* DataRouter::by_sink(SinkId sink) const noexcept {
    const auto found = sinks_.find(sink);
    return found == sinks_.end() ? nullptr : found->second;
}

// ---- routes ------------------------------------------------------------------------------------------------------------

void DataRouter::route(SinkId sink, SourceId source, DataRouteOptions options) {
    const RouteKey key{source, sink};
    if (const auto found = routes_.find(key); found != routes_.end()) {
        if (found->second.options == options) return;
        close_legs(*found);
        found->second.options = std::move(options);
        return open_legs(*found);
    }
    sources_of_[sink].push_back(source);
    open_legs(*routes_.emplace(key, Route{std::move(options), {}}).first);
}

void DataRouter::unroute(SinkId sink, SourceId source) { erase_route({source, sink}); }

void DataRouter::erase_route(const RouteKey& key) {
    const auto found = routes_.find(key);
    if (found == routes_.end()) return;
    close_legs(*found);
    routes_.erase(found);
    const auto sources = sources_of_.find(key.second);
    std::erase(sources->second, key.first);
    if (sources->second.empty()) sources_of_.erase(sources);
}

void DataRouter::set_sink_active(SinkId sink, bool active) {
    if (active)
        muted_sinks_.erase(sink);
    else
        muted_sinks_.insert(sink);
}
void DataRouter::set_source_active(SourceId source, bool active) {
    if (active)
        muted_sources_.erase(source);
    else
        muted_sources_.insert(source);
}

template <class F>
void DataRouter::for_each_route_from(SourceId source, F&& visit) {
    for (auto route = routes_.lower_bound({source, SinkId{}}); route != routes_.end() && route->first.first == source; ++route) visit(*route);
}

// ---- legs --------------------------------------------------------------------------------------------------------------

void DataRouter::open_legs(Routes::value_type& route) {
    if (remote_sources_.contains(route.first.first)) {
        open_leg(route, kRemoteStream, remote_channel());
        return;
    }
    const auto* from = by_source(route.first.first);
    if (from == nullptr) return;
    from->channels->for_each_of_peer([&](StreamId stream, const ChannelOptions& options) { open_leg(route, stream, options); });
}

DataRouter::Leg* DataRouter::open_leg(Routes::value_type& route, StreamId stream, const ChannelOptions& options) {
    auto* const to = by_sink(route.first.second);
    if (to == nullptr || to == by_source(route.first.first) || !to->channels->is_up()) return nullptr;
    auto& legs = route.second.legs;
    const auto known = std::find_if(legs.begin(), legs.end(), [&](const Leg& leg) { return leg.from == stream; });
    if (known != legs.end()) return &*known;
    auto wanted = options;
    if (route.second.options.label) {
        wanted.label = *route.second.options.label;
        wanted.protocol = route.second.options.protocol;
    }
    const auto opened = to->channels->open(std::move(wanted));
    if (!opened) return nullptr;
    return &legs.emplace_back(Leg{stream, opened});
}

void DataRouter::close_legs(Routes::value_type& route) {
    if (auto* to = by_sink(route.first.second))
        for (const auto& leg : route.second.legs)
            if (leg.to) to->channels->close(*leg.to);
    route.second.legs.clear();
}

// ---- from the associations ---------------------------------------------------------------------------------------------

void DataRouter::on_up(Association& association) {
    const auto found = sources_of_.find(association.peer.sink);
    if (found == sources_of_.end()) return;
    for (const auto source : found->second) open_legs(*routes_.find({source, association.peer.sink}));
}

void DataRouter::on_channel_open(Association& association, StreamId stream, const ChannelOptions& options) {
    for_each_route_from(association.peer.source, [&](auto& route) { open_leg(route, stream, options); });
}

// Either a channel that the client opened, whose legs close with it, or a leg that the client did not want.
void DataRouter::on_channel_closed(Association& association, StreamId stream) {
    for_each_route_from(association.peer.source, [&](auto& route) {
        std::erase_if(route.second.legs, [&](const Leg& leg) {
            if (leg.from != stream) return false;
            auto* const to = by_sink(route.first.second);
            if (to != nullptr && leg.to) to->channels->close(*leg.to);
            return true;
        });
    });
    const auto found = sources_of_.find(association.peer.sink);
    if (found == sources_of_.end()) return;
    for (const auto source : found->second)
        for (auto& leg : routes_.find({source, association.peer.sink})->second.legs)
            if (leg.to == stream) leg = {.from = leg.from, .to = std::nullopt, .refused = true};
}

void DataRouter::on_message(Association& association, StreamId stream, DataFormat format, Bytes message) {
    if (muted_sources_.contains(association.peer.source)) return;
    if (association.channels->options_of_peer(stream) != nullptr) copy_to_taps(association.peer.source, format, message);
    for_each_route_from(association.peer.source, [&](auto& route) { forward(route, association, stream, format, message); });
}

void DataRouter::forward(Routes::value_type& route, Association& from, StreamId stream, DataFormat format, Bytes message) {
    const auto sink = route.first.second;
    auto* const to = by_sink(sink);
    if (to == nullptr || !to->channels->is_up() || muted_sinks_.contains(sink)) return;
    if (to == &from) {
        to->channels->send(stream, format, message);
        return;
    }
    const auto* options = from.channels->options_of_peer(stream);
    if (options == nullptr) return;  // an answer on a channel of ours: nobody's publication
    forward_on_leg(route, *to, stream, *options, format, message);
}

void DataRouter::forward_on_leg(Routes::value_type& route, Association& to, StreamId stream, const ChannelOptions& options, DataFormat format,
                                Bytes message) {
    const auto* leg = open_leg(route, stream, options);
    if (leg == nullptr) return statistics_.drop(DataDrop::no_stream);
    if (leg->to) to.channels->send(*leg->to, format, message);
}

// ---- outside of peer connections ---------------------------------------------------------------------------------------

void DataRouter::tap(SourceId source, const DataTap& tap) { taps_[source].push_back(tap); }

void DataRouter::untap(SourceId source, ForwarderId tap) {
    const auto found = taps_.find(source);
    if (found == taps_.end()) return;
    std::erase_if(found->second, [&](const DataTap& each) { return each.id == tap; });
    if (found->second.empty()) taps_.erase(found);
}

void DataRouter::copy_to_taps(SourceId source, DataFormat format, Bytes message) const {
    const auto found = taps_.find(source);
    if (found == taps_.end() || tap_output_ == nullptr) return;
    for (const auto& tap : found->second) tap_output_->send_tapped(tap, format, message);
}

void DataRouter::open_remote(SourceId source) {
    remote_sources_.insert(source);
    for_each_route_from(source, [&](auto& route) { open_legs(route); });
}

void DataRouter::close_remote(SourceId source) {
    std::vector<RouteKey> over;
    for_each_route_from(source, [&](auto& route) { over.push_back(route.first); });
    for (const auto& key : over) erase_route(key);
    remote_sources_.erase(source);
    taps_.erase(source);
    muted_sources_.erase(source);
}

void DataRouter::on_remote_message(SourceId source, DataFormat format, Bytes message) {
    if (!remote_sources_.contains(source)) return statistics_.drop(DataDrop::no_peer);
    if (muted_sources_.contains(source)) return;
    copy_to_taps(source, format, message);
    for_each_route_from(source, [&](auto& route) {
        auto* const to = by_sink(route.first.second);
        if (to == nullptr || !to->channels->is_up() || muted_sinks_.contains(route.first.second)) return;
        forward_on_leg(route, *to, kRemoteStream, remote_channel(), format, message);
    });
}

void DataRouter::on_down(Association& association) {
    const auto found = sources_of_.find(association.peer.sink);
    if (found == sources_of_.end()) return;
    for (const auto source : found->second) routes_.find({source, association.peer.sink})->second.legs.clear();
}

}  // namespace cardea
