#include "runtime/rtp_routes.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include <cardea/abi.h>
#include "base/log.hpp"
#include "peer/plain_rtp.hpp"
#include "runtime/local_addresses.hpp"

namespace cardea {
namespace {

// The address that the kernel's routing would send from.
std::optional<SocketAddress> source_address_towards(const SocketAddress& destination) {
    const int fd = socket(destination.is_v6() ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
    if (fd < 0) return std::nullopt;
    const auto to = destination.raw();
    sockaddr_storage bound{};
    socklen_t size = sizeof(bound);
    // Connecting a datagram socket sends nothing.
    const bool ok = connect(fd, static_cast<const sockaddr*>(static_cast<const void*>(&to)), destination.raw_size()) == 0 &&
                    getsockname(fd, static_cast<sockaddr*>(static_cast<void*>(&bound)), &size) == 0;
    close(fd);
    if (!ok) return std::nullopt;
    return SocketAddress::from(bound).with_port(0);
}

Result<std::uint32_t> socket_towards(const std::vector<UdpSocket>& sockets, const SocketAddress& destination) {
    const auto best = source_address_towards(destination);
    std::optional<std::uint32_t> found;
    for (std::uint32_t i = 0; i < sockets.size(); ++i) {
        const auto local = sockets[i].local().with_port(0);
        if (local.is_v6() != destination.is_v6()) continue;
        if (local == best) return i;
        if (!found) found = i;
    }
    if (!found) return fail(CARDEA_INVALID, "no media address of this gateway can reach " + destination.ip());
    return *found;
}

}  // namespace

RtpRoutes::RtpRoutes(PlainRtpOptions options, std::vector<AnnounceRule> announce, const std::vector<std::unique_ptr<Worker>>& workers)
    : options_{std::move(options)}, announce_{std::move(announce)}, workers_{workers}, ports_{options_.ports} {}

Result<ForwardRoute> RtpRoutes::forward(WorkerIndex worker, ForwardWish wish) {
    const auto id = wish.config.id;
    const auto numeric = SocketAddress::parse(wish.host, 0);
    if (numeric && !permitted(*numeric)) return fail(CARDEA_INVALID, numeric->ip() + " is not within remote.allow");
    {
        const std::lock_guard lock{mutex_};
        if (forwarders_.size() >= options_.forwarders) return fail(CARDEA_BUSY, "as many forwarders as remote.forwarders allows");
        forwarders_.insert(id);
    }
    const ForwardRoute route{workers_[worker]->sockets().front().local().port()};
    if (numeric) {
        if (auto begun = begin(worker, *numeric, wish); !begun) {
            forget(id);
            return tl::unexpected{begun.error()};
        }
        return route;
    }
    const auto host = wish.host;
    const auto family = wish.family;
    const auto done = [this, worker, wish = std::move(wish)](const std::vector<SocketAddress>& found) { on_resolved(worker, wish, found); };
    if (!resolver_.resolve(host, family, done)) {
        forget(id);
        return fail(CARDEA_BUSY, "too many names are being resolved");
    }
    return route;
}

Result<void> RtpRoutes::begin(WorkerIndex worker, const SocketAddress& host, const ForwardWish& wish) {
    if (!permitted(host)) return fail(CARDEA_INVALID, host.ip() + " is not within remote.allow");
    const auto socket = socket_towards(workers_[worker]->sockets(), host);
    if (!socket) return tl::unexpected{socket.error()};
    auto config = wish.config;
    config.socket = *socket;
    config.rtp = host.with_port(wish.port);
    if (wish.rtcp_port != 0) config.rtcp = host.with_port(wish.rtcp_port);
    workers_[worker]->post([config = std::move(config)](PeerHub& hub, Instant now) { hub.plain_rtp().add_forwarder(now, config); });
    return {};
}

void RtpRoutes::on_resolved(WorkerIndex worker, const ForwardWish& wish, const std::vector<SocketAddress>& addresses) {
    const std::lock_guard lock{mutex_};
    if (!forwarders_.contains(wish.config.id)) return;  // stopped meanwhile
    std::string problem = "the name does not resolve";
    for (const auto& address : addresses) {
        const auto begun = begin(worker, address, wish);
        if (begun) return;
        problem = begun.error().detail;
    }
    forwarders_.erase(wish.config.id);
    log::warn("RTP is not forwarded", log::kv("forwarder", wish.config.id), log::kv("problem", problem));
}

void RtpRoutes::forget(ForwarderId id) {
    const std::lock_guard lock{mutex_};
    forwarders_.erase(id);
}

void RtpRoutes::stop_forwarding(WorkerIndex worker, ForwarderId forwarder) {
    forget(forwarder);
    workers_[worker]->post([forwarder](PeerHub& hub, Instant) { hub.plain_rtp().remove_forwarder(forwarder); });
}

Result<SocketAddress> RtpRoutes::listen_address(WorkerIndex worker, const RemoteWish& wish) const {
    const auto& text = wish.address.empty() ? options_.address : wish.address;
    if (text.empty()) {
        const auto& sockets = workers_[worker]->sockets();
        const auto fits = std::find_if(sockets.begin(), sockets.end(), [&](const UdpSocket& socket) {
            return !wish.sender || socket.local().is_v6() == wish.sender->is_v6();
        });
        if (fits == sockets.end()) return fail(CARDEA_INVALID, "no media address of the sender's family");
        return fits->local().with_port(0);
    }
    if (const auto numeric = SocketAddress::parse(text, 0)) return *numeric;
    if (const auto found = address_of_interface(text)) return *found;
    return fail(CARDEA_INVALID, "neither an address nor an interface: " + text);
}

std::string RtpRoutes::announced_ip(WorkerIndex worker, const SocketAddress& local) const {
    // "Any address" is nothing to send to: one of those that clients are told of is.
    const auto& known = workers_[worker]->sockets().front().local();
    return announced_for(local.is_wildcard() ? known.with_port(0) : local, announce_).front().ip();
}

Result<RemotePorts> RtpRoutes::open_remote(WorkerIndex worker, RemoteWish wish) {
    if (wish.sender && !permitted(*wish.sender)) return fail(CARDEA_INVALID, wish.sender->ip() + " is not within remote.allow");
    const auto local = listen_address(worker, wish);
    if (!local) return tl::unexpected{local.error()};
    auto pair = ports_.open({.local = *local, .port = wish.port, .rtcp_port = wish.rtcp_port});
    if (!pair) return tl::unexpected{pair.error()};
    RemotePorts ports{announced_ip(worker, *local), pair->rtp.local().port(), pair->rtcp.local().port()};
    RemoteConfig config{.id = wish.id,
                        .sender = wish.sender,
                        .permitted = [allow = options_.allow](const SocketAddress& from) { return config::contains(allow, from); },
                        .keys = wish.keys,
                        .sources = std::move(wish.sources)};
    // Commands are copied around; sockets cannot be.
    const auto sockets = std::make_shared<PortPair>(std::move(*pair));
    auto& owner = *workers_[worker];
    owner.post([&owner, sockets, config = std::move(config)](PeerHub& hub, Instant now) {
        const RemotePublisher::Sockets adopted{owner.adopt(std::move(sockets->rtp)), owner.adopt(std::move(sockets->rtcp))};
        hub.plain_rtp().open_remote(now, config, adopted);
    });
    return ports;
}

void RtpRoutes::update_remote(WorkerIndex worker, RemoteId remote, std::vector<SourceConfig> sources) {
    workers_[worker]->post([remote, sources = std::move(sources)](PeerHub& hub, Instant) { hub.plain_rtp().update_remote(remote, sources); });
}

void RtpRoutes::close_remote(WorkerIndex worker, RemoteId remote) {
    auto& owner = *workers_[worker];
    owner.post([&owner, remote](PeerHub& hub, Instant) {
        const auto sockets = hub.plain_rtp().close_remote(remote);
        if (!sockets) return;
        owner.release(sockets->rtp);
        owner.release(sockets->rtcp);
    });
}

}  // namespace cardea
