// The relay around the model: clients on one side, the gateway on the other, one upstream socket per client address, so that
// the gateway sees each client on a port of its own, which `rebind` changes as a NAT would.
#pragma once

#include <cardea/json.hpp>
#include <list>
#include <queue>
#include <unordered_map>
#include <vector>

#include "link_model.hpp"
#include "udp_socket.hpp"

namespace cardea::link {

struct RelayPair {
    SocketAddress listen;
    SocketAddress target;
};

class Relay {
  public:
    Relay(LinkSettings up, LinkSettings down, std::uint64_t seed);

    [[nodiscard]] Result<void> add(const RelayPair& pair);
    // The sockets that wait for bytes, for poll(); they change with new clients and with a rebind.
    [[nodiscard]] std::vector<int> readable_fds() const;
    void receive(int fd, Instant now);
    void deliver_due(Instant now);
    [[nodiscard]] std::optional<Instant> next_delivery() const;
    void rebind();
    [[nodiscard]] LinkModel& up() noexcept { return up_; }
    [[nodiscard]] LinkModel& down() noexcept { return down_; }
    [[nodiscard]] Json stats() const;

  private:
    struct Flow;
    struct Side {  // one listening socket
        UdpSocket socket;
        SocketAddress target;
        std::unordered_map<SocketAddress, Flow*> flows;
    };
    struct Flow {
        Side* side;
        SocketAddress client;
        UdpSocket upstream;
    };
    struct Parcel {
        Instant at;
        std::uint64_t order;
        Flow* flow;
        bool upwards;
        std::vector<std::uint8_t> datagram;
        friend bool operator<(const Parcel& a, const Parcel& b) noexcept { return a.at != b.at ? a.at > b.at : a.order > b.order; }
    };
    Flow* flow_of(Side& side, const SocketAddress& client);
    void receive_from_clients(Side& side, Instant now);
    void receive_from_target(Flow& flow, Instant now);
    void schedule(LinkModel& model, Flow& flow, bool upwards, Bytes datagram, Instant now);

    LinkModel up_;
    LinkModel down_;
    std::list<Side> sides_;
    std::list<Flow> flows_;
    std::priority_queue<Parcel> parcels_;
    std::uint64_t next_order_ = 0;
    unsigned rebinds_ = 0;
};

}  // namespace cardea::link
