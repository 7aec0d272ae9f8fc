#include "peer/plain_rtp.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "peer/peer_hub.hpp"

namespace cardea {
namespace {
constexpr Duration kReportInterval = 1s;
}  // namespace

PlainRtp::~PlainRtp() = default;

void PlainRtp::count() {
    auto& statistics = hub_.statistics();
    statistics.forwarders = forwarders_.size() + data_forwarders_.size();
    statistics.remote_publishers = remotes_.size();
    statistics.forwarded_packets = ended_packets_;
    for (const auto& forwarder : forwarders_) statistics.forwarded_packets += forwarder->stats().packets();
    for (const auto& [id, forwarder] : data_forwarders_) statistics.forwarded_packets += forwarder->sent();
}

void PlainRtp::add_data_forwarder(ForwardConfig config) {
    const auto id = config.id;
    const auto source = config.source;
    if (hub_.options().data == nullptr) return;
    data_forwarders_[id] = std::make_unique<DataForwarder>(std::move(config), hub_.options().srtp_backend);
    hub_.options().data->tap(source, {.id = id, .worker = hub_.options().worker});
    count();
}

void PlainRtp::on_tapped(ForwarderId id, Bytes framed) {
    const auto found = data_forwarders_.find(id);
    if (found == data_forwarders_.end() || framed.empty()) return;
    if (!found->second->send(framed.subspan(1), framed[0] != 0, hub_.batch())) hub_.statistics().drops.add(Drop::too_large);
}

void PlainRtp::add_forwarder(Instant now, ForwardConfig config) {
    if (hub_.has_data_source(config.source)) return add_data_forwarder(std::move(config));
    auto* source = hub_.find_source(config.source);
    if (source == nullptr) return;
    auto& made = *forwarders_.emplace_back(std::make_unique<RtpForwarder>(std::move(config), *source, hub_.options().srtp_backend));
    // Twice: one may be lost, and a receiver without it cannot ask for anything.
    made.latch(hub_.batch());
    made.latch(hub_.batch());
    if (made.is_video()) hub_.request_keyframe(now, source->id());
    if (next_report_ == Instant::max()) next_report_ = now + kReportInterval;
    arm(next_report_);
    count();
}

template <class Predicate>
void PlainRtp::drop_forwarders(Predicate&& unwanted) {
    std::erase_if(forwarders_, [&](const auto& forwarder) {
        if (!unwanted(*forwarder)) return false;
        ended_packets_ += forwarder->stats().packets();
        return true;
    });
    count();
}

void PlainRtp::remove_forwarder(ForwarderId id) {
    if (const auto data = data_forwarders_.find(id); data != data_forwarders_.end()) {
        hub_.options().data->untap(data->second->config().source, id);
        ended_packets_ += data->second->sent();
        data_forwarders_.erase(data);
        return count();
    }
    drop_forwarders([id](const RtpForwarder& forwarder) { return forwarder.config().id == id; });
}

void PlainRtp::index_socket(std::uint32_t socket, RemotePublisher* remote) {
    if (socket >= by_socket_.size()) by_socket_.resize(socket + 1, nullptr);
    by_socket_[socket] = remote;
}

void PlainRtp::open_remote(Instant now, RemoteConfig config, RemotePublisher::Sockets sockets) {
    const auto id = config.id;
    auto& made = *remotes_.emplace(id, std::make_unique<RemotePublisher>(hub_, std::move(config), sockets, now)).first->second;
    index_socket(sockets.rtp, &made);
    index_socket(sockets.rtcp, &made);
    arm(made.next_timer());
    count();
}

void PlainRtp::update_remote(RemoteId id, std::vector<SourceConfig> sources) {
    if (const auto found = remotes_.find(id); found != remotes_.end()) found->second->reconfigure(std::move(sources));
}

std::optional<RemotePublisher::Sockets> PlainRtp::close_remote(RemoteId id) {
    const auto found = remotes_.find(id);
    if (found == remotes_.end()) return std::nullopt;
    const auto sockets = found->second->sockets();
    index_socket(sockets.rtp, nullptr);
    index_socket(sockets.rtcp, nullptr);
    hub_.batch().flush();  // before the sockets go
    const auto& counters = found->second->counters();
    log::info("remote publisher over", log::kv("remote", id), log::kv("packets", counters.packets), log::kv("refused", counters.refused));
    remotes_.erase(found);
    count();
    return sockets;
}

void PlainRtp::on_remote(Instant now, RemotePublisher& remote, const Path& path, const PacketRef& packet) {
    remote.on_datagram(now, path.socket, path.remote, packet);
    arm(remote.next_timer());
}

// Janus names the lowest encoding when it wants any.
void PlainRtp::request_keyframe(Instant now, const RtpForwarder& forwarder) {
    const auto source = forwarder.source()->id();
    const auto encoding = forwarder.config().encoding.value_or(0);
    if (encoding > 0)
        hub_.request_keyframe(now, source, encoding);
    else
        hub_.request_keyframe(now, source);
}

bool PlainRtp::on_feedback(Instant now, const Path& path, const PacketRef& packet) {
    bool is_ours = false, was_read = false, named = false;
    SourceId unnamed;
    auto& statistics = hub_.statistics();
    for (const auto& forwarder : forwarders_) {
        if (forwarder->source() == nullptr || forwarder->feedback_path() != path) continue;
        is_ours = true;
        // Each has keys of its own, and decrypts in place.
        std::array<std::uint8_t, Packet::kCapacity> copy;
        std::copy_n(packet->buffer.begin(), packet->size, copy.begin());
        const auto feedback = forwarder->on_rtcp(now, MutableBytes{copy}.first(packet->size), hub_.batch());
        if (!feedback) continue;
        was_read = true;
        statistics.retransmitted += feedback->retransmitted;
        if (!feedback->keyframe_wanted || !forwarder->is_video()) continue;
        named = named || feedback->names_us;
        if (feedback->names_us) request_keyframe(now, *forwarder);
        if (!unnamed.is_set()) unnamed = forwarder->source()->id();
    }
    // Some receivers ask without knowing our SSRC.
    if (!named && unnamed.is_set()) hub_.request_keyframe(now, unnamed);
    if (is_ours && !was_read) statistics.drops.add(Drop::rtcp_malformed);
    return is_ours;
}

void PlainRtp::on_timer(Instant now) {
    if (now < next_timer_) return;
    next_timer_ = Instant::max();
    if (now >= next_report_) {
        drop_forwarders([](const RtpForwarder& forwarder) { return forwarder.source() == nullptr; });
        for (const auto& forwarder : forwarders_) forwarder->report(now, hub_.batch());
        next_report_ = forwarders_.empty() ? Instant::max() : now + kReportInterval;
    }
    arm(next_report_);
    for (const auto& [id, remote] : remotes_) {
        if (remote->next_timer() <= now) remote->on_timer(now);
        arm(remote->next_timer());
    }
}

}  // namespace cardea
