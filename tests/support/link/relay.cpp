#include "relay.hpp"

#include <array>

namespace cardea::link {
namespace {

constexpr std::size_t kLargestDatagram = 65535;

Json counters_of(const LinkModel& model) {
    const auto& c = model.counters();
    return Json{{"offered", c.offered}, {"delivered", c.delivered}, {"lost", c.lost},           {"queue_full", c.queue_full},
                {"blocked", c.blocked}, {"stun_dropped", c.stun},   {"held_back", c.held_back}, {"duplicated", c.duplicated}};
}

}  // namespace

// The two directions draw from generators of their own, so that traffic one way doesn't change the other's fate.
Relay::Relay(LinkSettings up, LinkSettings down, std::uint64_t seed) : up_{up, seed}, down_{down, seed + 0x9e3779b97f4a7c15U} {}

Result<void> Relay::add(const RelayPair& pair) {
    auto socket = UdpSocket::bind(pair.listen);
    if (!socket) return tl::unexpected{socket.error()};
    sides_.push_back(Side{std::move(*socket), pair.target, {}});
    return {};
}

std::vector<int> Relay::readable_fds() const {
    std::vector<int> fds;
    for (const auto& side : sides_) fds.push_back(side.socket.fd());
    for (const auto& flow : flows_) fds.push_back(flow.upstream.fd());
    return fds;
}

void Relay::receive(int fd, Instant now) {
    for (auto& side : sides_)
        if (side.socket.fd() == fd) return receive_from_clients(side, now);
    for (auto& flow : flows_)
        if (flow.upstream.fd() == fd) return receive_from_target(flow, now);
}

Relay::Flow* Relay::flow_of(Side& side, const SocketAddress& client) {
    if (const auto found = side.flows.find(client); found != side.flows.end()) return found->second;
    auto upstream = UdpSocket::bind(side.socket.local().with_port(0));
    if (!upstream) return nullptr;
    auto* flow = &flows_.emplace_back(Flow{&side, client, std::move(*upstream)});
    side.flows.emplace(client, flow);
    return flow;
}

void Relay::receive_from_clients(Side& side, Instant now) {
    std::array<std::uint8_t, kLargestDatagram> buffer;
    while (const auto received = side.socket.receive(buffer))
        if (auto* flow = flow_of(side, received->from)) schedule(up_, *flow, true, received->datagram, now);
}

void Relay::receive_from_target(Flow& flow, Instant now) {
    std::array<std::uint8_t, kLargestDatagram> buffer;
    while (const auto received = flow.upstream.receive(buffer))
        if (received->from == flow.side->target) schedule(down_, flow, false, received->datagram, now);
}

void Relay::schedule(LinkModel& model, Flow& flow, bool upwards, Bytes datagram, Instant now) {
    const auto fate = model.admit(datagram, now);
    if (!fate) return;
    const auto put = [&](Instant at) { parcels_.push({at, next_order_++, &flow, upwards, {datagram.begin(), datagram.end()}}); };
    put(fate->at);
    if (fate->again) put(*fate->again);
}

void Relay::deliver_due(Instant now) {
    while (!parcels_.empty() && parcels_.top().at <= now) {
        const auto& parcel = parcels_.top();
        if (parcel.upwards) {
            parcel.flow->upstream.send(parcel.datagram, parcel.flow->side->target);
        } else {
            parcel.flow->side->socket.send(parcel.datagram, parcel.flow->client);
        }
        parcels_.pop();
    }
}

std::optional<Instant> Relay::next_delivery() const { return parcels_.empty() ? std::nullopt : std::optional{parcels_.top().at}; }

void Relay::rebind() {
    ++rebinds_;
    for (auto& flow : flows_) {
        // The old port is still open while the new one is taken, so that the two differ.
        if (auto fresh = UdpSocket::bind(flow.side->socket.local().with_port(0))) flow.upstream = std::move(*fresh);
    }
}

Json Relay::stats() const {
    auto upstream = Json::array();
    for (const auto& flow : flows_) upstream.push(Json{{"client", flow.client.to_text()}, {"seen_as", flow.upstream.local().to_text()}});
    return Json{{"up", counters_of(up_)}, {"down", counters_of(down_)}, {"flows", upstream}, {"rebinds", rebinds_}};
}

}  // namespace cardea::link
