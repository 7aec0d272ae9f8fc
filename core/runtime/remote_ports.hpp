// Pairs of ports for remote publishers, RTP and RTCP, out of a range.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "base/result.hpp"
#include "runtime/port_range.hpp"
#include "runtime/udp_socket.hpp"

namespace cardea {

struct PortPair {
    UdpSocket rtp;
    UdpSocket rtcp;
};

class RemotePortPool {
  public:
    explicit RemotePortPool(PortRange range) : range_{range}, next_{range.low} {}

    struct Wish {
        SocketAddress local;     // to listen on; its port does not count
        std::uint16_t port = 0;  // 0: any
        std::uint16_t rtcp_port = 0;
    };
    // Any thread. Error code CARDEA_BUSY when the range is used up.
    [[nodiscard]] Result<PortPair> open(const Wish& wish);

  private:
    [[nodiscard]] Result<UdpSocket> open_one(const SocketAddress& local, std::uint16_t wanted);

    PortRange range_;
    std::mutex mutex_;
    std::uint32_t next_;  // where to look first: a port that was just given back is taken last
};

}  // namespace cardea
