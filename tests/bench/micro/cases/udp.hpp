// A worker's socket, to itself over loopback: the kernel is most of it.
#pragma once

#include "common.hpp"
#include "runtime/udp_socket.hpp"

namespace cardea::bench {

// A frame of four packets to each of eight receivers, which are one, and all of it received.
class SocketRoundTrip {
  public:
    static constexpr int kWarmUp = 64;
    static constexpr std::size_t kPackets = 32;
    SocketRoundTrip() {
        const Path path{0, socket_.local()};
        paths_.assign(kPackets, path);
        for (const auto& to : paths_) datagrams_.push_back({&to, payload_, SendClass::video});
    }
    std::size_t step() {
        socket_.send(datagrams_, drops_);
        std::size_t count = 0;
        for (int tries = 0; count < kPackets && tries < 100; ++tries) {
            socket_.receive(slots_, kBegin, received_, drops_);
            count += received_.size();
        }
        received_.clear();
        return count;
    }

  private:
    PacketPool pool_{4096};
    UdpSocket socket_ = std::move(UdpSocket::open(*SocketAddress::parse("127.0.0.1", 0)).value());
    ReceiveSlots slots_{pool_};
    std::vector<UdpSocket::Received> received_;
    DropCounters drops_;
    std::vector<std::uint8_t> payload_ = std::vector<std::uint8_t>(kVideoPayload);
    std::vector<Path> paths_;
    std::vector<DatagramOutput::Datagram> datagrams_;
};

}  // namespace cardea::bench
