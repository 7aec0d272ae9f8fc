// A peer's life: credentials and paths, DTLS, keys, consent, time.
#include "peer/peer.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/random.hpp"
#include "peer/peer_hub.hpp"

namespace cardea {
namespace {

// A ClientHello of today is two datagrams; more before we know the client's description is not needed.
constexpr std::size_t kEarlyDtls = 4;
// A selected path that has been silent this long loses to one that is being checked: the peer's NAT has moved it.
constexpr Duration kPathSilence = 3s;

template <class Owned, class Config, class Make, class Forget>
void reconcile(std::vector<std::unique_ptr<Owned>>& owned, std::vector<Config>& wanted, Make&& make, Forget&& forget) {
    std::erase_if(owned, [&](const auto& object) {
        const bool gone = std::none_of(wanted.begin(), wanted.end(), [&](const auto& config) { return config.id == object->id(); });
        if (gone) forget(*object);
        return gone;
    });
    for (auto& config : wanted) {
        const auto found = std::find_if(owned.begin(), owned.end(), [&](const auto& object) { return object->id() == config.id; });
        if (found != owned.end()) {
            (*found)->reconfigure(std::move(config));
        } else {
            owned.push_back(make(std::move(config)));
        }
    }
}

}  // namespace

Peer::Peer(PeerHub& hub, PeerConfig config, Instant now)
    : hub_{hub},
      created_{now},
      last_check_{now},
      fallback_ssrc_{random_u32() | 1U},
      watch_{hub.options().no_media_timer},
      timer_{hub.timers(), *this} {
    transport_.observer = this;
    transport_.shedding = &hub.shedding();
    next_report_ = now + 1s;
    config_.id = config.id;
    config_.local = config.local;
    reconfigure(now, std::move(config));
    arm(next_report_);
    tell_progress(IceProgress::connecting);
}

Peer::~Peer() {
    for (const auto& source : sources_) hub_.forget_source(source->id());
    for (const auto& sink : sinks_) hub_.forget_sink(sink->id());
    end_data();
}

void Peer::reconfigure(Instant now, PeerConfig config) {
    if (config.local != config_.local) previous_local_ = config_.local;
    apply_media(now, config);
    apply_data(config.data);
    config_ = std::move(config);
    begin_data();
    if (!config_.remote_known) return;
    if (selected_) begin_dtls(now);
    for (auto& packet : std::exchange(early_dtls_, {})) on_dtls(now, packet);
}

void Peer::apply_media(Instant now, PeerConfig& config) {
    const auto forget_source = [&](Source& source) {
        std::erase_if(streams_, [&](const auto& stream) {
            if (stream.source == &source && srtp_in_) srtp_in_->forget(stream.ssrc);
            return stream.source == &source;
        });
        hub_.forget_source(source.id());
    };
    reconcile(sources_, config.sources, [&](SourceConfig&& wanted) {
        auto made = std::make_unique<Source>(std::move(wanted), remote_clock_);
        hub_.register_source(made->id(), *made, *this);
        return made;
    }, forget_source);
    std::vector<SinkId> sending;
    for (const auto& sink : sinks_)
        if (sink->is_sending()) sending.push_back(sink->id());
    reconcile(sinks_, config.sinks, [&](SinkConfig&& wanted) {
        auto made = std::make_unique<Sink>(std::move(wanted), transport_);
        hub_.register_sink(made->id(), *made);
        return made;
    }, [&](Sink& sink) { hub_.forget_sink(sink.id()); });
    // A leg that a renegotiation opened begins with a picture.
    for (const auto& sink : sinks_)
        if (sink->is_sending() && std::find(sending.begin(), sending.end(), sink->id()) == sending.end())
            hub_.request_keyframe(now, *sink);
    const bool wants_twcc = std::any_of(sources_.begin(), sources_.end(), [](const auto& s) { return s->track().extensions.transport_cc != 0; });
    if (wants_twcc && !twcc_) twcc_ = std::make_unique<TwccRecorder>();
}

const std::string* Peer::password_of(std::string_view local_ufrag) const noexcept {
    if (local_ufrag == config_.local.ufrag) return &config_.local.pwd;
    if (previous_local_ && local_ufrag == previous_local_->ufrag) return &previous_local_->pwd;
    return nullptr;
}

bool Peer::on_check(Instant now, const Path& path, std::string_view local_ufrag, bool nominated) {
    last_check_ = now;
    // RFC 8445 section 9: after a restart the old pair serves until a check with the new credentials has come.
    if (previous_local_ && local_ufrag == config_.local.ufrag) previous_local_.reset();
    auto found = std::find(path_list_.begin(), path_list_.end(), path);
    if (found == path_list_.end()) {
        if (path_list_.size() >= hub_.options().paths_per_peer) {
            // The path checked longest ago makes room, but never the one in use.
            std::size_t oldest = selected_ == 0U ? 1 : 0;
            for (std::size_t i = 0; i < path_list_.size(); ++i)
                if (i != selected_ && path_states_[i].last_check < path_states_[oldest].last_check) oldest = i;
            if (oldest >= path_list_.size()) return false;
            forgotten_path_ = path_list_[oldest];
            path_list_[oldest] = path;
            path_states_[oldest] = {};
            found = path_list_.begin() + static_cast<std::ptrdiff_t>(oldest);
        } else {
            path_list_.push_back(path);
            path_states_.emplace_back();
            found = path_list_.end() - 1;
        }
    }
    const auto index = static_cast<std::size_t>(found - path_list_.begin());
    path_states_[index].last_check = now;
    const bool silent = selected_ && now - path_states_[*selected_].last_check > kPathSilence;
    if (!selected_ || nominated || silent) {
        if (selected_ != index && log::enabled(log::Level::debug))
            log::debug("path selected", log::kv("peer", id()), log::kv("address", path.remote.to_text()), log::kv("nominated", nominated));
        if (selected_ != index) {
            if (!selected_) tell_progress(IceProgress::connected);
            const auto& sockets = hub_.options().sockets;
            tell_progress(SelectedPath{path.socket < sockets.size() ? sockets[path.socket] : SocketAddress{}, path.remote});
        }
        selected_ = index;
        transport_.path = path;
    }
    if (config_.remote_known) begin_dtls(now);
    return true;
}

std::optional<Path> Peer::take_forgotten_path() { return std::exchange(forgotten_path_, std::nullopt); }

void Peer::begin_dtls(Instant now) {
    if (dtls_) return;
    const auto fingerprint = Fingerprint::from(config_.fingerprint_algorithm, config_.fingerprint);
    if (!fingerprint) return end("DTLS error", "unusable fingerprint");  // negotiation lets none through that is not of a strong hash
    dtls_ = std::make_unique<DtlsTransport>(
        hub_.dtls(), DtlsTransport::Config{.role = config_.dtls_role, .remote = *fingerprint, .timeout = hub_.options().dtls_timeout});
    tell_progress(DtlsProgress::trying);
    dtls_->start(now);
    poll_dtls(now);
}

void Peer::on_dtls(Instant now, const PacketRef& packet) {
    if (!config_.remote_known) {
        if (early_dtls_.size() < kEarlyDtls) early_dtls_.push_back(packet);
        return;
    }
    begin_dtls(now);
    if (!dtls_) return;
    dtls_->on_datagram(now, packet->bytes());
    poll_dtls(now);
}

void Peer::poll_dtls(Instant now) {
    while (const auto datagram = dtls_->poll_transmit()) hub_.batch().add(*datagram, transport_.path);
    if (const auto* keys = dtls_->connected(); keys != nullptr && !srtp_out_) on_keys(now, *keys);
    take_data();
    if (!config_.data) dtls_->trim();
    if (std::holds_alternative<DtlsClosed>(dtls_->state())) end("DTLS alert", "closed by the client");
    if (const auto* failed = std::get_if<DtlsFailed>(&dtls_->state()))
        end(failed->reason == DtlsFailure::timeout ? "DTLS timeout" : failed->reason == DtlsFailure::alert ? "DTLS alert" : "DTLS error",
            "DTLS handshake: " + std::string{to_text(failed->reason)});
    arm(ending_ ? now : dtls_->next_timeout());
}

void Peer::end(std::string reason, std::string detail) {
    if (ending_) return;
    if (reason == "ICE failed") tell_progress(IceProgress::failed);
    if (reason.starts_with("DTLS") && !is_up()) tell_progress(DtlsProgress::failed);
    ending_ = {std::move(reason), std::move(detail)};
}

void Peer::on_keys(Instant now, const DtlsConnected& keys) {
    srtp_in_ = std::make_unique<SrtpIn>(keys.remote, hub_.options().srtp_backend);
    srtp_out_ = std::make_unique<SrtpOut>(keys.local, hub_.options().srtp_backend);
    transport_.srtp = srtp_out_.get();
    tell_progress(DtlsProgress::connected);
    hub_.observer().on_webrtc_up(id());
    begin_data();
    // Whoever feeds our legs: a picture to begin with. And our own sources, for those who watch them already.
    for (const auto& sink : sinks_)
        if (sink->is_sending()) hub_.request_keyframe(now, *sink);
    for (const auto& source : sources_)
        if (source->track().kind == MediaKind::video && (!source->sinks().empty() || source->is_tapped())) hub_.request_keyframe(now, source->id());
}

void Peer::arm(Instant at) {
    if (at >= next_timer_) return;
    next_timer_ = at;
    if (!in_timer_) timer_.arm(at);
}

void Peer::check_consent(Instant now) {
    const auto deadline = last_check_ + hub_.options().consent_timeout;
    if (now >= deadline) return end("ICE failed", missing_checks(now));
    arm(deadline);
}

std::string Peer::missing_checks(Instant now) const {
    const auto seconds = std::to_string(std::chrono::duration_cast<std::chrono::seconds>(now - last_check_).count());
    if (selected_) return "the client has gone silent: no connectivity check for " + seconds + " s";
    return "no connectivity check of the client ever arrived in " + seconds + " s: can it reach the media UDP port?";
}

// Everything there is to wait for makes one timer.
void Peer::on_timer(Instant now) {
    next_timer_ = Instant::max();
    in_timer_ = true;
    check_consent(now);
    if (dtls_ && dtls_->next_timeout() <= now) dtls_->on_timeout(now);
    if (dtls_) poll_dtls(now);
    if (now >= next_nack_) send_nacks(now);
    arm(next_nack_);
    send_transport_feedback(now);
    if (twcc_)
        if (const auto due = twcc_->next_feedback()) arm(*due);
    for (const auto& source : sources_) send_keyframe_requests(now, *source);
    if (now >= next_report_) {
        send_reports(now);
        tell_statistics(now);
        for (const auto& event : watch_.poll(now)) hub_.observer().on_media(id(), event);
    }
    arm(next_report_);
    in_timer_ = false;
    timer_.arm(next_timer_);
}

void Peer::tell_progress(const PeerProgress& progress) {
    if (hub_.observer().wants_progress()) hub_.observer().on_progress(id(), progress);
}

void Peer::tell_statistics(Instant now) {
    if (now < next_statistics_ || !is_up()) return;
    if (!hub_.observer().wants_statistics()) return statistics_.reset();
    // A little early rather than a report late: this runs with the reports, once a second.
    next_statistics_ = now + hub_.options().statistics_period - 100ms;
    if (!statistics_) statistics_ = std::make_unique<PeerStatistics>();
    hub_.observer().on_statistics(
        id(), statistics_->collect({.sources = sources_, .sinks = sinks_, .round_trip = round_trip_, .remb = cap_.is_set() ? cap_.current() : 0}));
}

void Peer::say_goodbye(Instant now) {
    if (!selected_) return;
    if (srtp_out_ && !sinks_.empty()) {
        std::array<std::uint8_t, 256> buffer{};
        CompoundWriter writer{buffer};
        std::array<Ssrc, 31> ssrcs{};
        std::size_t count = 0;
        for (const auto& sink : sinks_)
            if (sink->stats().has_sent() && count < ssrcs.size()) ssrcs[count++] = sink->track().ssrc;
        writer.receiver_report(our_ssrc(), {});
        if (count > 0 && writer.goodbye(std::span<const Ssrc>{ssrcs}.first(count), {})) send_rtcp(now, writer);
    }
    if (!dtls_) return;
    dtls_->close();
    while (const auto datagram = dtls_->poll_transmit()) hub_.batch().add(*datagram, transport_.path);
}

}  // namespace cardea
