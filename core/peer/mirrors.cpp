#include "peer/mirrors.hpp"

#include <algorithm>
#include <utility>

#include "media/source.hpp"
#include "media/source_tap.hpp"
#include "peer/peer_hub.hpp"
#include "peer/source_owner.hpp"

namespace cardea {
namespace {

// Clocks drift slowly, and sender reports come about that often; a mirror without legs is looked at as often.
constexpr Duration kTick = 1s;

MirrorState state_of(const Source& source) {
    MirrorState state{.config = {source.id(), source.track()}, .active = source.is_active(), .remote_clock = source.remote_clock(), .encodings = {}};
    state.config.track.encodings.clear();
    for (const auto& encoding : source.encodings())
        state.encodings.push_back({encoding->ssrc, encoding->rtx_ssrc, encoding->rid, encoding->clock});
    return state;
}

}  // namespace

// ---- at home -----------------------------------------------------------------------------------------------------------

class MirrorTap final : public SourceTap {
  public:
    MirrorTap(Mirrors& mirrors, Source& source, std::uint32_t worker, Instant now)
        : mirrors_{mirrors}, source_{&source}, id_{source.id()}, worker_{worker}, next_state_{now + kTick} {
        source.add_tap(*this);
    }
    ~MirrorTap() override {
        if (source_ != nullptr) source_->remove_tap(*this);
    }
    void on_packet(Instant now, Source& source, Encoding& encoding, const PacketRef& packet, SendBatch&) override {
        mirrors_.add_outgoing(worker_, {id_, encoding.rank, packet->header, packet->arrival}, packet->bytes());
        if (now < next_state_) return;
        next_state_ = now + kTick;
        mirrors_.post_state(*this, source);
    }
    void on_source_gone() noexcept override { source_ = nullptr; }

    [[nodiscard]] bool is_of(SourceId source, std::uint32_t worker) const noexcept { return id_ == source && worker_ == worker; }
    [[nodiscard]] SourceId id() const noexcept { return id_; }
    [[nodiscard]] std::uint32_t worker() const noexcept { return worker_; }
    [[nodiscard]] const Source* source() const noexcept { return source_; }
    std::uint64_t routes = 0;  // that were sent to the mirror

  private:
    Mirrors& mirrors_;
    Source* source_;
    SourceId id_;
    std::uint32_t worker_;
    Instant next_state_;
};

// ---- where the mirror is -------------------------------------------------------------------------------------------------

class Mirror final : public SourceOwner {
  public:
    Mirror(Mirrors& mirrors, std::uint32_t home, const MirrorState& state)
        : mirrors_{mirrors}, home_{home}, remote_clock_{state.remote_clock}, source_{state.config, remote_clock_} {
        take(state);
        mirrors_.hub_.register_source(source_.id(), source_, *this);
    }
    ~Mirror() { mirrors_.hub_.forget_source(source_.id()); }

    void take(const MirrorState& state) {
        remote_clock_ = state.remote_clock;
        source_.reconfigure(state.config);
        for (std::size_t rank = 0; rank < state.encodings.size(); ++rank) {
            auto* encoding = source_.encoding_at(static_cast<std::uint8_t>(rank));
            if (encoding == nullptr) break;
            const auto& known = state.encodings[rank];
            encoding->ssrc = known.ssrc;
            encoding->rtx_ssrc = known.rtx_ssrc;
            encoding->rid = known.rid;
            encoding->clock = known.clock;
        }
        if (source_.is_active() != state.active) source_.set_active(state.active);
    }

    void on_packet(Instant now, const MirrorLabel& label, const PacketRef& packet) {
        auto* encoding = source_.encoding_at(label.rank);
        if (encoding == nullptr) return;
        packet->header = label.header;
        packet->arrival = label.arrival;
        encoding->ssrc = label.header.ssrc;
        packet->extensions = read_extensions(packet->bytes(), packet->header, source_.track().extensions);
        auto& hub = mirrors_.hub_;
        if (source_.on_packet(now, *encoding, packet, hub.batch())) hub.hold(now, source_, *this);
        if (source_.has_due_request()) send_keyframe_requests(now, source_);
    }

    // Asked for at home, where those of all workers meet and are one.
    void send_keyframe_requests(Instant now, Source& source) override {
        while (const auto* encoding = source.take_due_request(now))
            mirrors_.plane_->post(home_, [id = source.id(), rank = encoding->rank](PeerHub& hub, Instant then) {
                hub.request_keyframe(then, id, rank);
            });
        mirrors_.arm(source.next_request());
    }

    void on_timer(Instant now) {
        send_keyframe_requests(now, source_);
        if (now < next_look_) return mirrors_.arm(next_look_);
        next_look_ = now + kTick;
        mirrors_.arm(next_look_);
        if (!source_.sinks().empty()) {
            idle_ = false;
            return;
        }
        if (!std::exchange(idle_, true) || told_ == routes_) return;
        told_ = routes_;
        mirrors_.plane_->post(home_, [id = source_.id(), worker = mirrors_.hub_.options().worker, routes = routes_](PeerHub& hub, Instant) {
            hub.mirrors().end_idle(id, worker, routes);
        });
    }
    void count_route() noexcept { ++routes_; }

  private:
    Mirrors& mirrors_;
    std::uint32_t home_;
    RemoteClock remote_clock_;
    Source source_;
    std::uint64_t routes_ = 0;
    std::uint64_t told_ = 0;
    Instant next_look_{};
    bool idle_ = false;
};

Mirrors::Mirrors(PeerHub& hub, MirrorPlane* plane) : hub_{hub}, plane_{plane} {}
Mirrors::~Mirrors() = default;

void Mirrors::feed(Instant now, SourceId id, std::uint32_t worker, SinkId sink, std::uint64_t order) {
    auto* source = hub_.find_source(id);
    if (source == nullptr || plane_ == nullptr) {
        if (plane_ != nullptr) plane_->post(worker, [sink, order](PeerHub& hub, Instant then) { hub.route_in_order(then, order, sink, {}); });
        return;
    }
    auto found = std::find_if(taps_.begin(), taps_.end(), [&](const auto& tap) { return tap->is_of(id, worker); });
    if (found == taps_.end()) found = taps_.insert(taps_.end(), std::make_unique<MirrorTap>(*this, *source, worker, now));
    ++(*found)->routes;
    plane_->post(worker, [home = hub_.options().worker, state = state_of(*source), sink, order](PeerHub& hub, Instant then) {
        hub.mirrors().serve(then, home, state, sink, order);
    });
    // A mirror asks for keyframes of the encodings it knows; of one that has sent nothing yet it knows none.
    hub_.request_keyframe(now, id);
}

void Mirrors::post_state(const MirrorTap& tap, const Source& source) {
    plane_->post(tap.worker(), [id = tap.id(), state = state_of(source)](PeerHub& hub, Instant) { hub.mirrors().update(id, state); });
}

void Mirrors::source_changed(SourceId id) {
    for (const auto& tap : taps_)
        if (tap->id() == id && tap->source() != nullptr) post_state(*tap, *tap->source());
}

void Mirrors::end_idle(SourceId id, std::uint32_t worker, std::uint64_t routes) {
    std::erase_if(taps_, [&](const auto& tap) {
        if (!tap->is_of(id, worker) || tap->routes != routes) return false;
        plane_->post(worker, [id](PeerHub& hub, Instant) { hub.mirrors().close(id); });
        return true;
    });
}

void Mirrors::source_ended(SourceId id) {
    std::erase_if(taps_, [&](const auto& tap) {
        if (tap->id() != id) return false;
        plane_->post(tap->worker(), [id](PeerHub& hub, Instant) { hub.mirrors().close(id); });
        return true;
    });
}

void Mirrors::add_outgoing(std::uint32_t worker, const MirrorLabel& label, Bytes packet) {
    auto found = std::find_if(outgoing_.begin(), outgoing_.end(), [&](const Outgoing& each) { return each.worker == worker; });
    if (found == outgoing_.end()) found = outgoing_.insert(outgoing_.end(), Outgoing{worker, {}});
    found->batch.add(label, packet);
}

void Mirrors::flush() {
    for (auto& [worker, batch] : outgoing_) {
        if (batch.empty()) continue;
        const auto packets = batch.size();
        if (plane_->push(worker, batch)) continue;
        for (std::size_t i = 0; i < packets; ++i) hub_.statistics().drops.add(Drop::worker_behind);
    }
}

void Mirrors::serve(Instant now, std::uint32_t home, MirrorState state, SinkId sink, std::uint64_t order) {
    const auto id = state.config.id;
    auto& mirror = mirrors_[id];
    if (!mirror) {
        mirror = std::make_unique<Mirror>(*this, home, state);
        arm(now + kTick);
    } else {
        mirror->take(state);
    }
    mirror->count_route();
    hub_.route_in_order(now, order, sink, id);
}

void Mirrors::update(SourceId source, MirrorState state) {
    if (const auto found = mirrors_.find(source); found != mirrors_.end()) found->second->take(state);
}

void Mirrors::close(SourceId source) { mirrors_.erase(source); }

void Mirrors::on_packet(Instant now, const MirrorLabel& label, const PacketRef& packet) {
    if (const auto found = mirrors_.find(label.source); found != mirrors_.end()) found->second->on_packet(now, label, packet);
}

void Mirrors::on_timer(Instant now) {
    if (now < next_timer_) return;
    next_timer_ = Instant::max();
    for (const auto& [id, mirror] : mirrors_) mirror->on_timer(now);
}

}  // namespace cardea
