#include "peer/peer_hub.hpp"

#include <algorithm>
#include <array>

#include "base/log.hpp"
#include "media/source.hpp"
#include "peer/mirrors.hpp"
#include "peer/peer.hpp"
#include "peer/plain_rtp.hpp"
#include "peer/recorder_tap.hpp"
#include "proto/rtp/packet_kind.hpp"

namespace cardea {
namespace {
constexpr std::size_t kMaxWaitingHandshakes = 2048;
// RFC 6347 section 4.1, content type.
constexpr std::uint8_t kApplicationData = 23;
}  // namespace

PeerHub::PeerHub(HubOptions options, DtlsContext& dtls, PeerObserver& observer, DatagramOutput& output)
    : options_{options}, dtls_{dtls}, observer_{observer}, batch_{output}, mirrors_{std::make_unique<Mirrors>(*this, options_.mirrors)}, plain_rtp_{std::make_unique<PlainRtp>(*this)} {}
// Peers' sources end before what may hang on them.
PeerHub::~PeerHub() { peers_.clear(); }

Peer* PeerHub::find(PeerId id) const noexcept {
    const auto found = peers_.find(id);
    return found == peers_.end() ? nullptr : found->second.get();
}

void PeerHub::on_datagram(Instant now, std::uint32_t socket, const SocketAddress& from, const PacketRef& packet) {
    const Path path{socket, from};
    if (plain_rtp_->on_datagram(now, path, packet)) return;
    const auto kind = classify(packet->bytes());
    if (kind == PacketKind::stun) return on_stun(now, path, packet);
    if (kind == PacketKind::unknown) return statistics_.drops.add(Drop::unknown_kind);
    const auto found = by_path_.find(path);
    if (found == by_path_.end()) {
        if (kind == PacketKind::rtcp && plain_rtp_->on_feedback(now, path, packet)) return;
        return statistics_.drops.add(Drop::unchecked_path);
    }
    auto& peer = *found->second;
    switch (kind) {
        case PacketKind::dtls:
            // Data costs about what a media packet does, and must not wait behind other peers' handshakes.
            if (packet->bytes()[0] == kApplicationData && peer.is_up()) return peer.on_dtls(now, packet);
            // Lost like any datagram when too many wait; DTLS sends it again.
            if (handshakes_.size() >= kMaxWaitingHandshakes) return statistics_.drops.add(Drop::handshake_backlog);
            return handshakes_.push_back({peer.id(), packet});
        case PacketKind::rtcp: return peer.on_rtcp(now, packet);
        case PacketKind::rtp:
            ++statistics_.packets_in;
            statistics_.bytes_in += packet->size;
            return peer.on_rtp(now, packet);
        case PacketKind::stun:
        case PacketKind::unknown: return;
    }
}

void PeerHub::on_stun(Instant now, const Path& path, const PacketRef& packet) {
    const auto names = StunServer::peek_username(packet->bytes());
    if (!names) return statistics_.drops.add(Drop::stun_malformed);
    const std::string ufrag{names->local_ufrag};
    const auto found = by_ufrag_.find(ufrag);
    if (found == by_ufrag_.end()) return statistics_.drops.add(Drop::stun_unknown_ufrag);
    auto& peer = *found->second;
    const auto* password = peer.password_of(ufrag);
    if (password == nullptr) return statistics_.drops.add(Drop::stun_unknown_ufrag);
    std::array<std::uint8_t, StunServer::kReplyRoom> reply{};
    const auto answer = stun_.answer(packet->bytes(), path.remote, *password, reply);
    if (!answer) return statistics_.drops.add(Drop::stun_unauthentic);
    if (answer->success && !on_check(now, peer, path, ufrag, answer->use_candidate)) return;
    batch_.add(Bytes{reply}.first(answer->reply_size), path);
}

bool PeerHub::on_check(Instant now, Peer& peer, const Path& path, const std::string& ufrag, bool nominated) {
    const auto previous = peer.previous_local();
    if (!peer.on_check(now, path, ufrag, nominated)) return false;
    by_path_[path] = &peer;
    if (previous && !peer.previous_local()) by_ufrag_.erase(previous->ufrag);
    if (const auto forgotten = peer.take_forgotten_path()) by_path_.erase(*forgotten);
    return true;
}

void PeerHub::index_credentials(Peer& peer) {
    by_ufrag_[peer.local().ufrag] = &peer;
    if (peer.previous_local()) by_ufrag_[peer.previous_local()->ufrag] = &peer;
}

void PeerHub::open(Instant now, PeerConfig config) {
    const auto id = config.id;
    if (peers_.size() >= options_.peers) {
        log::warn("too many peers on a worker", log::kv("limit", options_.peers));
        observer_.on_hangup(id, "Too many peers", {});
        return;
    }
    auto& peer = *peers_.emplace(id, std::make_unique<Peer>(*this, std::move(config), now)).first->second;
    index_credentials(peer);
    statistics_.peers = peers_.size();
}

void PeerHub::update(Instant now, PeerConfig config) {
    auto* peer = find(config.id);
    if (peer == nullptr) return;  // it has just gone; its hangup is on the way
    const auto previous = peer->previous_local();
    std::vector<SourceId> sources;
    for (const auto& source : config.sources) sources.push_back(source.id);
    peer->reconfigure(now, std::move(config));
    for (const auto source : sources) mirrors_->source_changed(source);
    // Two restarts in a row: the credentials before the last are over.
    if (previous && peer->previous_local() && previous->ufrag != peer->previous_local()->ufrag) by_ufrag_.erase(previous->ufrag);
    index_credentials(*peer);
    forget_ended_recorders();
}

void PeerHub::unmap(const Peer& peer) {
    by_ufrag_.erase(peer.local().ufrag);
    if (peer.previous_local()) by_ufrag_.erase(peer.previous_local()->ufrag);
    for (const auto& path : peer.paths()) {
        const auto found = by_path_.find(path);
        // An address can pass from one peer to another: only the present owner unmaps it.
        if (found != by_path_.end() && found->second == &peer) by_path_.erase(found);
    }
}

void PeerHub::remove(PeerId id, const std::string& reason, const std::string& detail) {
    const auto found = peers_.find(id);
    if (found == peers_.end()) return;
    unmap(*found->second);
    peers_.erase(found);
    forget_ended_recorders();
    statistics_.peers = peers_.size();
    observer_.on_hangup(id, reason, detail);
}

void PeerHub::close(Instant now, PeerId id, const std::string& reason, const std::string& detail) {
    auto* peer = find(id);
    if (peer == nullptr) return;
    peer->say_goodbye(now);
    batch_.flush();  // before the path goes
    remove(id, reason, detail);
}

void PeerHub::close_all(Instant now, const std::string& reason) {
    while (!peers_.empty()) close(now, peers_.begin()->first, reason);
}

void PeerHub::run_handshakes(Instant now, std::size_t steps) {
    for (; steps > 0 && !handshakes_.empty(); --steps) {
        const auto step = std::move(handshakes_.front());
        handshakes_.pop_front();
        if (auto* peer = find(step.peer)) peer->on_dtls(now, step.packet);
    }
}

Instant PeerHub::next_timer() const noexcept {
    if (!handshakes_.empty()) return Instant::min();
    return std::min({plain_rtp_->next_timer(), mirrors_->next_timer(), timers_.next()});
}

Source* PeerHub::find_source(SourceId id) const noexcept {
    const auto found = sources_.find(id);
    return found == sources_.end() ? nullptr : found->second.source;
}

void PeerHub::forget_source(SourceId id) {
    const auto found = sources_.find(id);
    if (found == sources_.end()) return;
    std::erase_if(holding_, [&](const auto& held) { return held.source == found->second.source; });
    sources_.erase(found);
    mirrors_->source_ended(id);
}

void PeerHub::hold(Instant now, Source& source, SourceOwner& owner) {
    held_at_ = now;
    holding_.push_back({&source, &owner});
}

void PeerHub::release() {
    for (const auto& [source, owner] : holding_) {
        source->release(held_at_, batch_);
        // A leg may have found that it waits for a layer.
        if (source->has_due_request()) owner->send_keyframe_requests(held_at_, *source);
    }
    holding_.clear();
}

bool PeerHub::awaits_packets() const noexcept {
    return std::any_of(holding_.begin(), holding_.end(), [](const auto& held) { return held.source->awaits_packets(); });
}

void PeerHub::flush() {
    mirrors_->flush();
    release();
    batch_.flush();
}

void PeerHub::arm_plain_rtp(Instant at) { plain_rtp_->arm(at); }

void PeerHub::on_timer(Instant now) {
    plain_rtp_->on_timer(now);
    mirrors_->on_timer(now);
    timers_.advance(now, [&](Peer& peer) {
        peer.on_timer(now);
        if (!peer.ending()) return;
        const auto ending = *peer.ending();
        close(now, peer.id(), ending.reason, ending.detail);
    });
}

void PeerHub::on_read(Instant now, Duration waited) {
    const auto before = shedding_.share();
    shedding_.on_read(now, waited);
    const auto share = shedding_.share();
    if ((before == 0) == (share == 0)) return;
    // Once each time: there is more load than this core can carry, or there is no longer.
    if (share > 0)
        log::warn("a worker is late: video rests on some connections, audio goes on", log::kv("worker", options_.worker));
    else
        log::info("a worker keeps up again: all video is back", log::kv("worker", options_.worker), log::kv("packets_left_out", shedding_.left_out()));
}

void PeerHub::route_in_order(Instant now, std::uint64_t order, SinkId sink, SourceId source) {
    const auto found = sinks_.find(sink);
    if (found != sinks_.end() && found->second->take_route(order)) route(now, sink, source);
}

void PeerHub::route(Instant now, SinkId sink_id, SourceId source_id) {
    const auto sink = sinks_.find(sink_id);
    if (sink == sinks_.end()) return;
    const auto source = sources_.find(source_id);
    sink->second->connect(source == sources_.end() ? nullptr : source->second.source);
    // A leg that is not up yet asks when it is: a picture that came before would be lost on it.
    if (sink->second->is_sending()) request_keyframe(now, *sink->second);
}

void PeerHub::set_sink_active(Instant now, SinkId id, bool active) {
    if (data_sinks_.contains(id)) return options_.data->set_sink_active(id, active);
    const auto found = sinks_.find(id);
    if (found == sinks_.end()) return;
    const bool was_sending = found->second->is_sending();
    found->second->set_active(active);
    if (!was_sending && found->second->is_sending()) request_keyframe(now, *found->second);
}

void PeerHub::set_source_active(SourceId id, bool active) {
    if (data_sources_.contains(id)) return options_.data->set_source_active(id, active);
    const auto found = sources_.find(id);
    if (found == sources_.end()) return;
    found->second.source->set_active(active);
    mirrors_->source_changed(id);
}

void PeerHub::register_data(const DataConfig& data) {
    if (options_.data == nullptr) return;
    data_sources_.insert(data.source);
    data_sinks_.insert(data.sink);
}

void PeerHub::forget_data(const DataConfig& data) {
    data_sources_.erase(data.source);
    data_sinks_.erase(data.sink);
}

// A sink that has just gone gets no routes: they would never be taken away again.
void PeerHub::route_data(SinkId sink, SourceId source, DataRouteOptions options) {
    if (data_sinks_.contains(sink)) options_.data->route(sink, source, std::move(options));
}

void PeerHub::unroute_data(SinkId sink, SourceId source) {
    if (data_sinks_.contains(sink)) options_.data->unroute(sink, source);
}

void PeerHub::send_data(PeerId id, Bytes packet) {
    if (auto* peer = find(id)) return peer->send_data(packet);
    plain_rtp_->on_tapped(ForwarderId{id.value}, packet);
}

void PeerHub::limit_bitrate(Instant now, PeerId id, std::uint64_t bits_per_second) {
    if (auto* peer = find(id)) peer->limit_bitrate(now, bits_per_second);
}

void PeerHub::request_keyframe(Instant now, SourceId id) {
    const auto found = sources_.find(id);
    if (found == sources_.end() || found->second.source->track().kind != MediaKind::video) return;
    found->second.source->want_keyframes(now);
    found->second.owner->send_keyframe_requests(now, *found->second.source);
}

void PeerHub::request_keyframe(Instant now, SourceId id, std::uint8_t encoding) {
    const auto found = sources_.find(id);
    if (found == sources_.end() || found->second.source->track().kind != MediaKind::video) return;
    auto& source = *found->second.source;
    if (encoding >= source.encodings().size()) return;
    source.want_keyframe(now, *source.encodings()[encoding]);
    found->second.owner->send_keyframe_requests(now, source);
}

void PeerHub::request_keyframe(Instant now, Sink& sink) {
    if (sink.source() == nullptr) return;
    const auto found = sources_.find(sink.source()->id());
    if (found == sources_.end()) return;
    sink.want_keyframe(now);
    found->second.owner->send_keyframe_requests(now, *found->second.source);
}

void PeerHub::set_layers(Instant now, SinkId id, const LayerWish& wish) {
    const auto found = sinks_.find(id);
    if (found == sinks_.end()) return;
    auto& sink = *found->second;
    sink.set_layers(wish);
    if (sink.source() == nullptr || !sink.is_sending()) return;
    sink.review(now);
    const auto source = sources_.find(sink.source()->id());
    if (source != sources_.end()) source->second.owner->send_keyframe_requests(now, *source->second.source);
}

void PeerHub::set_playout_delay(SinkId id, std::optional<PlayoutDelay> delay) {
    const auto found = sinks_.find(id);
    if (found != sinks_.end()) found->second->set_playout_delay(delay);
}

void PeerHub::watch_talking(SourceId id, const TalkingRule& rule) {
    if (auto* source = find_source(id)) source->watch_talking(rule);
}

void PeerHub::record(Instant now, SourceId id, std::shared_ptr<RecordedTrack> track, RecordingIntake& intake) {
    const auto found = sources_.find(id);
    if (found == sources_.end()) return intake.end_track(track->id);
    recorders_.push_back(std::make_unique<RecorderTap>(*this, *found->second.source, std::move(track), intake));
    request_keyframe(now, id);  // a recording begins with a picture
}

void PeerHub::end_record(RecordedTrackId track) {
    std::erase_if(recorders_, [&](const auto& recorder) { return recorder->id() == track; });
}

void PeerHub::forget_ended_recorders() {
    std::erase_if(recorders_, [](const auto& recorder) { return recorder->is_over(); });
}

}  // namespace cardea
