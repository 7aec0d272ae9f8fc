#include "runtime/remote_ports.hpp"

#include <cardea/abi.h>

namespace cardea {

Result<UdpSocket> RemotePortPool::open_one(const SocketAddress& local, std::uint16_t wanted) {
    if (wanted != 0) {
        if (!range_.contains(wanted))
            return fail(CARDEA_INVALID, "port " + std::to_string(wanted) + " is not one of remote.ports (" + std::to_string(range_.low) + "-" +
                                            std::to_string(range_.high) + ")");
        auto socket = UdpSocket::open(local.with_port(wanted));
        if (!socket) return fail(CARDEA_INVALID, socket.error().detail);
        return socket;
    }
    const auto size = std::uint32_t{range_.high} - range_.low + 1;
    std::string last_problem;
    for (std::uint32_t tried = 0; tried < size; ++tried) {
        const auto port = static_cast<std::uint16_t>(next_);
        next_ = next_ == range_.high ? range_.low : next_ + 1;
        auto socket = UdpSocket::open(local.with_port(port));
        if (socket) return socket;
        last_problem = socket.error().detail;
    }
    return fail(CARDEA_BUSY, "no port of remote.ports is free: " + last_problem);
}

Result<PortPair> RemotePortPool::open(const Wish& wish) {
    const std::lock_guard lock{mutex_};
    auto rtp = open_one(wish.local, wish.port);
    if (!rtp) return tl::unexpected{rtp.error()};
    auto rtcp = open_one(wish.local, wish.rtcp_port);
    if (!rtcp) return tl::unexpected{rtcp.error()};
    return PortPair{std::move(*rtp), std::move(*rtcp)};
}

}  // namespace cardea
