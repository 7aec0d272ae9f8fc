#include "runtime/media_engine.hpp"

#include <sched.h>

#include <algorithm>

#include <cardea/json.hpp>
#include "base/log.hpp"
#include "peer/mirrors.hpp"
#include "runtime/local_addresses.hpp"
#include "runtime/placement.hpp"
#include "runtime/rtp_routes.hpp"
#include "runtime/sctp_thread.hpp"
#include "runtime/worker.hpp"
#include "runtime/worker_links.hpp"

namespace cardea {
namespace {

constexpr std::uint32_t kMaxWorkers = 64;
// SCTP that a worker has not come to yet; what is more is lost and sent again.
constexpr std::size_t kDataLaneBytes = 4 * 1024 * 1024;

std::uint32_t cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
    return static_cast<std::uint32_t>(std::max(1, CPU_COUNT(&set)));
}

Result<std::vector<UdpSocket>> open_sockets(const std::vector<SocketAddress>& addresses, std::uint16_t port) {
    std::vector<UdpSocket> sockets;
    std::string first_problem;
    for (const auto& address : addresses) {
        // With "any free port" all sockets of a worker still share one number: the first socket chooses.
        const auto wanted = port == 0 && !sockets.empty() ? sockets.front().local().port() : port;
        auto socket = UdpSocket::open(address.with_port(wanted));
        if (socket) {
            sockets.push_back(std::move(*socket));
            continue;
        }
        log::warn("media address not usable", log::kv("problem", socket.error().detail));
        if (first_problem.empty()) first_problem = socket.error().detail;
    }
    if (sockets.empty()) return fail(0, first_problem.empty() ? "no address to listen on" : first_problem);
    return sockets;
}

// IPv6 first, as RFC 8421 recommends; announced public addresses before private ones.
std::vector<CandidateAddress> candidates_of(const std::vector<UdpSocket>& sockets, const std::vector<AnnounceRule>& rules) {
    std::vector<CandidateAddress> out;
    for (const auto& socket : sockets)
        for (const auto& address : announced_for(socket.local(), rules)) {
            const bool known = std::any_of(out.begin(), out.end(), [&](const auto& c) { return c.address == address; });
            if (!known) out.push_back({address});
        }
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        if (a.address.is_private() != b.address.is_private()) return !a.address.is_private();
        return a.address.is_v6() && !b.address.is_v6();
    });
    return out;
}

// A library that is missing must not keep a gateway from starting.
SrtpBackend srtp_backend_of(const std::string& name) {
    if (name == "libsrtp2") return SrtpBackend::libsrtp2;
    if (name != "ipsec-mb") return SrtpBackend::openssl;
    const auto problem = ipsec_mb_problem();
    if (problem.empty()) {
        log::info("media is encrypted by libipsec-mb");
        return SrtpBackend::ipsec_mb;
    }
    log::warn("libipsec-mb not usable, OpenSSL encrypts media", log::kv("problem", problem));
    return SrtpBackend::openssl;
}

HubOptions hub_options(const MediaOptions& options) {
    return {.consent_timeout = options.consent_timeout,
            .dtls_timeout = options.dtls_timeout,
            .no_media_timer = options.no_media_timer,
            .twcc_period = options.twcc_period,
            .statistics_period = options.statistics_period,
            .slow_link_threshold = options.slow_link_threshold,
            .srtp_backend = srtp_backend_of(options.srtp_backend),
            .peers = options.peers_per_worker};
}

void add(HubStatistics& sum, const HubStatistics& part) {
    sum.peers += part.peers;
    sum.packets_in += part.packets_in;
    sum.bytes_in += part.bytes_in;
    sum.packets_out += part.packets_out;
    sum.bytes_out += part.bytes_out;
    sum.retransmitted += part.retransmitted;
    sum.nacks_sent += part.nacks_sent;
    sum.keyframe_requests_sent += part.keyframe_requests_sent;
    sum.forwarders += part.forwarders;
    sum.forwarded_packets += part.forwarded_packets;
    sum.remote_publishers += part.remote_publishers;
    sum.mirrors += part.mirrors;
    sum.video_left_out += part.video_left_out;
    for (std::size_t i = 0; i < sum.drops.by_reason.size(); ++i) sum.drops.by_reason[i] += part.drops.by_reason[i];
}

Json data_json(const DataStatistics& data) {
    auto dropped = Json::object();
    for (std::size_t i = 0; i < data.dropped.size(); ++i) dropped.set(std::string{to_text(static_cast<DataDrop>(i))}.c_str(), data.dropped[i]);
    return {{"associations", data.associations}, {"channels", data.channels}, {"messages_in", data.messages_in}, {"bytes_in", data.bytes_in},
            {"messages_out", data.messages_out}, {"bytes_out", data.bytes_out}, {"dropped", dropped}};
}

}  // namespace

struct MediaEngine::Impl {
    std::string fingerprint;
    // In this order: workers end first, and the SCTP thread still writes into the lanes then.
    SctpThread::Lanes data_lanes;
    std::unique_ptr<SctpThread> sctp;
    std::vector<std::unique_ptr<DtlsContext>> contexts;  // one per worker: an SSL_CTX has locks of its own
    std::unique_ptr<WorkerLinks> links;
    std::vector<std::unique_ptr<Worker>> workers;
    std::vector<std::vector<CandidateAddress>> candidates;
    std::unique_ptr<Placement> placement;
    std::unique_ptr<RtpRoutes> routes;  // after the workers, which it posts to

    std::atomic<std::uint64_t> last_route{0};

    // Workers speak to each other until the last of them has stopped.
    ~Impl() {
        for (const auto& worker : workers) worker->stop();
        if (links) links->close();
    }
    [[nodiscard]] std::vector<std::uint64_t> packet_rates() const {
        std::vector<std::uint64_t> rates;
        for (const auto& worker : workers) rates.push_back(worker->packet_rate());
        return rates;
    }
    void post(WorkerIndex worker, Worker::Command command) { workers.at(worker)->post(std::move(command)); }
};

MediaEngine::MediaEngine(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
MediaEngine::~MediaEngine() = default;

Result<std::unique_ptr<MediaEngine>> MediaEngine::start(MediaOptions options, PeerObserver& observer) {
    const auto addresses = listen_addresses(options.addresses);
    if (!addresses) return tl::unexpected{addresses.error()};
    DtlsOptions dtls;
    if (!options.srtp_require.empty()) {
        const auto profile = srtp_profile_of(options.srtp_require);
        if (!profile) return fail(0, "media.srtp_require: unknown profile " + options.srtp_require);
        dtls.profiles = {*profile};
    }
    const auto certificate = DtlsCertificate::generate(wall_now());
    auto impl = std::make_unique<Impl>();
    impl->fingerprint = "sha-256 " + certificate.sha256_text();
    const auto count = std::clamp(options.workers == 0 ? cores() : options.workers, 1U, kMaxWorkers);
    for (std::uint32_t i = 0; i < count; ++i) impl->data_lanes.push_back(std::make_unique<PacketLane>(kDataLaneBytes));
    impl->sctp = std::make_unique<SctpThread>(impl->data_lanes);
    impl->links = std::make_unique<WorkerLinks>(impl->workers, count);
    const auto common = hub_options(options);
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto port = static_cast<std::uint16_t>(options.base_port == 0 ? 0 : options.base_port + i);
        auto sockets = open_sockets(*addresses, port);
        if (!sockets) return tl::unexpected{sockets.error()};
        impl->candidates.push_back(candidates_of(*sockets, options.announce));
        for (const auto& socket : *sockets)
            log::info("listening for media", log::kv("worker", i), log::kv("address", socket.local().ip()), log::kv("port", socket.local().port()));
        impl->contexts.push_back(std::make_unique<DtlsContext>(certificate, dtls));
        auto hub = common;
        for (const auto& socket : *sockets) hub.sockets.push_back(socket.local());
        hub.worker = i;
        hub.data = impl->sctp.get();
        hub.mirrors = impl->links.get();
        impl->workers.push_back(std::make_unique<Worker>(i, std::move(hub), *impl->contexts.back(), observer, std::move(*sockets),
                                                         *impl->data_lanes[i], impl->links->lane(i)));
    }
    impl->placement = std::make_unique<Placement>(count, options.worker_capacity);
    impl->routes = std::make_unique<RtpRoutes>(options.plain_rtp, options.announce, impl->workers);
    for (auto& worker : impl->workers) worker->start();
    return std::unique_ptr<MediaEngine>{new MediaEngine{std::move(impl)}};
}

std::uint32_t MediaEngine::worker_count() const noexcept { return static_cast<std::uint32_t>(impl_->workers.size()); }
const std::vector<CandidateAddress>& MediaEngine::candidates(WorkerIndex worker) const noexcept { return impl_->candidates[worker]; }
const std::string& MediaEngine::fingerprint() const noexcept { return impl_->fingerprint; }
WorkerIndex MediaEngine::place(std::string_view group, std::uint32_t load) {
    return impl_->placement->place(group, load, impl_->packet_rates(), MonotonicClock::now());
}
void MediaEngine::release(std::string_view group, WorkerIndex worker) { impl_->placement->release(group, worker); }

void MediaEngine::open_peer(WorkerIndex worker, PeerConfig config) {
    impl_->post(worker, [config = std::move(config)](PeerHub& hub, Instant now) mutable { hub.open(now, std::move(config)); });
}
void MediaEngine::update_peer(WorkerIndex worker, PeerConfig config) {
    impl_->post(worker, [config = std::move(config)](PeerHub& hub, Instant now) mutable { hub.update(now, std::move(config)); });
}
void MediaEngine::close_peer(WorkerIndex worker, PeerId peer, std::string reason) {
    impl_->post(worker, [peer, reason = std::move(reason)](PeerHub& hub, Instant now) { hub.close(now, peer, reason); });
}
void MediaEngine::route(WorkerIndex worker, SinkId sink, SourceId source, WorkerIndex home) {
    const auto order = ++impl_->last_route;
    if (!source.is_set() || home == worker) {
        impl_->post(worker, [order, sink, source](PeerHub& hub, Instant now) { hub.route_in_order(now, order, sink, source); });
        return;
    }
    impl_->post(home, [=](PeerHub& hub, Instant now) { hub.mirrors().feed(now, source, worker, sink, order); });
}
void MediaEngine::set_sink_active(WorkerIndex worker, SinkId sink, bool active) {
    impl_->post(worker, [sink, active](PeerHub& hub, Instant now) { hub.set_sink_active(now, sink, active); });
}
void MediaEngine::set_source_active(WorkerIndex worker, SourceId source, bool active) {
    impl_->post(worker, [source, active](PeerHub& hub, Instant) { hub.set_source_active(source, active); });
}
void MediaEngine::limit_bitrate(WorkerIndex worker, PeerId peer, std::uint64_t bits_per_second) {
    impl_->post(worker, [peer, bits_per_second](PeerHub& hub, Instant now) { hub.limit_bitrate(now, peer, bits_per_second); });
}
void MediaEngine::request_keyframe(WorkerIndex worker, SourceId source) {
    impl_->post(worker, [source](PeerHub& hub, Instant now) { hub.request_keyframe(now, source); });
}
void MediaEngine::set_layers(WorkerIndex worker, SinkId sink, LayerWish wish) {
    impl_->post(worker, [sink, wish](PeerHub& hub, Instant now) { hub.set_layers(now, sink, wish); });
}
void MediaEngine::set_playout_delay(WorkerIndex worker, SinkId sink, std::optional<PlayoutDelay> delay) {
    impl_->post(worker, [sink, delay](PeerHub& hub, Instant) { hub.set_playout_delay(sink, delay); });
}
void MediaEngine::watch_talking(WorkerIndex worker, SourceId source, TalkingRule rule) {
    impl_->post(worker, [source, rule](PeerHub& hub, Instant) { hub.watch_talking(source, rule); });
}

void MediaEngine::route_data(WorkerIndex worker, SinkId sink, SourceId source, DataRouteOptions options) {
    impl_->post(worker, [sink, source, options = std::move(options)](PeerHub& hub, Instant) { hub.route_data(sink, source, options); });
}
void MediaEngine::unroute_data(WorkerIndex worker, SinkId sink, SourceId source) {
    impl_->post(worker, [sink, source](PeerHub& hub, Instant) { hub.unroute_data(sink, source); });
}

void MediaEngine::record(WorkerIndex worker, SourceId source, std::shared_ptr<RecordedTrack> track, RecordingIntake& intake) {
    impl_->post(worker, [source, track = std::move(track), &intake](PeerHub& hub, Instant now) { hub.record(now, source, track, intake); });
}
void MediaEngine::end_record(WorkerIndex worker, RecordedTrackId track) {
    impl_->post(worker, [track](PeerHub& hub, Instant) { hub.end_record(track); });
}

Result<ForwardRoute> MediaEngine::forward(WorkerIndex worker, ForwardWish wish) { return impl_->routes->forward(worker, std::move(wish)); }
void MediaEngine::stop_forwarding(WorkerIndex worker, ForwarderId forwarder) { impl_->routes->stop_forwarding(worker, forwarder); }
Result<RemotePorts> MediaEngine::open_remote(WorkerIndex worker, RemoteWish wish) { return impl_->routes->open_remote(worker, std::move(wish)); }
void MediaEngine::update_remote(WorkerIndex worker, RemoteId remote, std::vector<SourceConfig> sources) {
    impl_->routes->update_remote(worker, remote, std::move(sources));
}
void MediaEngine::close_remote(WorkerIndex worker, RemoteId remote) { impl_->routes->close_remote(worker, remote); }

std::uint64_t MediaEngine::peer_count() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& worker : impl_->workers) sum += worker->peer_count();
    return sum;
}

std::string MediaEngine::statistics() const {
    HubStatistics sum;
    for (const auto& worker : impl_->workers) add(sum, worker->statistics());
    auto drops = Json::object();
    for (std::size_t i = 0; i < sum.drops.by_reason.size(); ++i)
        drops.set(std::string{to_text(static_cast<Drop>(i))}.c_str(), sum.drops.by_reason[i]);
    return Json{{"peers", sum.peers}, {"packets_in", sum.packets_in}, {"bytes_in", sum.bytes_in}, {"packets_out", sum.packets_out},
                {"bytes_out", sum.bytes_out}, {"retransmitted", sum.retransmitted}, {"nacks_sent", sum.nacks_sent},
                {"keyframe_requests_sent", sum.keyframe_requests_sent}, {"forwarders", sum.forwarders},
                {"forwarded_packets", sum.forwarded_packets}, {"remote_publishers", sum.remote_publishers}, {"mirrors", sum.mirrors},
                {"video_left_out", sum.video_left_out}, {"drops", drops}, {"data", data_json(impl_->sctp->statistics())}}
        .dump();
}

}  // namespace cardea
