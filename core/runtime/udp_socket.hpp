// One UDP socket of a worker: recvmmsg into packet slots, sendmmsg out. Explicit address, so a reply leaves from the
// address the request came to. Worker thread only.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <ctime>
#include <span>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "media/drops.hpp"
#include "media/packet.hpp"
#include "media/send_batch.hpp"

namespace cardea {

// Slots for one recvmmsg, kept ready: only those that a datagram took are filled anew. One worker's, for all its sockets.
class ReceiveSlots {
  public:
    static constexpr std::size_t kSlots = 64;
    explicit ReceiveSlots(PacketPool& pool);

    struct Received {
        PacketRef packet;
        SocketAddress from;
    };

  private:
    friend class UdpSocket;
    [[nodiscard]] std::size_t refill();  // how many are there
    void ready(std::size_t slot) noexcept;

    PacketPool& pool_;
    std::array<PacketRef, kSlots> packets_;
    std::array<mmsghdr, kSlots> headers_{};
    std::array<iovec, kSlots> parts_{};
    std::array<sockaddr_storage, kSlots> from_{};
    std::array<std::array<char, CMSG_SPACE(sizeof(timespec))>, kSlots> control_{};
};

class UdpSocket {
  public:
    using Received = ReceiveSlots::Received;

    // Port 0: any free one. Asks for 4 MiB buffers; what the kernel grants is logged once.
    [[nodiscard]] static Result<UdpSocket> open(const SocketAddress& local);
    UdpSocket(UdpSocket&& other) noexcept : fd_{std::exchange(other.fd_, -1)}, local_{other.local_}, trains_{other.trains_} {}
    UdpSocket& operator=(UdpSocket&&) = delete;
    ~UdpSocket();

    [[nodiscard]] int fd() const noexcept { return fd_; }
    [[nodiscard]] const SocketAddress& local() const noexcept { return local_; }

    // What is there, at most as many as there are slots; empty when nothing is. Arrival is the kernel's receive time as an Instant.
    // True: there may be more.
    bool receive(ReceiveSlots& slots, Instant now, std::vector<Received>& out, DropCounters& drops);
    // Video datagrams in a row to one receiver leave as trains where the kernel can (UDP_SEGMENT); a train that it refuses leaves one by
    // one. Audio and control are tried once more when the socket is full; video is dropped and counted.
    void send(std::span<const DatagramOutput::Datagram> datagrams, DropCounters& drops);

  private:
    UdpSocket(int fd, const SocketAddress& local) : fd_{fd}, local_{local} {}
    [[nodiscard]] std::size_t train_at(std::span<const DatagramOutput::Datagram> datagrams) const noexcept;
    void send_singly(std::span<const DatagramOutput::Datagram> train, DropCounters& drops);
    void settle_failure(const DatagramOutput::Datagram& datagram, DropCounters& drops);
    [[nodiscard]] bool send_one(const DatagramOutput::Datagram& datagram) noexcept;
    void note_refusal(int error);
    int fd_;
    SocketAddress local_;
    bool trains_ = false;
    unsigned refusals_ = 0;  // of trains, since the last one that left
};

}  // namespace cardea
