// A UDP socket of one peer connection: plain sendto and recvmmsg. No UDP_SEGMENT and no UDP_GRO: on loopback a train would reach
// the receiver in one piece and flatter the sender.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/address.hpp"
#include "base/bytes.hpp"

namespace cardea::load {

class Udp {
  public:
    explicit Udp(const std::string& address);
    ~Udp();
    Udp(const Udp&) = delete;
    Udp& operator=(const Udp&) = delete;

    [[nodiscard]] int fd() const noexcept { return fd_; }
    [[nodiscard]] const SocketAddress& local() const noexcept { return local_; }
    // Where everything goes and the only place it is taken from.
    void connect(const SocketAddress& remote);
    void send(Bytes datagram) noexcept;
    [[nodiscard]] const SocketAddress& remote() const noexcept { return remote_; }
    [[nodiscard]] std::uint64_t send_failures() const noexcept { return send_failures_; }

  private:
    int fd_ = -1;
    SocketAddress local_, remote_;
    std::uint64_t send_failures_ = 0;
};

// Shared by all sockets: the datagrams of one read.
class ReceiveBatch {
  public:
    static constexpr std::size_t kDatagrams = 64;
    ReceiveBatch();
    // How many datagrams waited; fewer than kDatagrams: the socket is empty.
    [[nodiscard]] std::size_t read(int fd) noexcept;
    [[nodiscard]] MutableBytes datagram(std::size_t index) noexcept;

  private:
    struct Slots;
    static constexpr std::size_t kRoom = 2048;
    std::array<std::uint8_t, kDatagrams * kRoom> room_{};
    std::array<std::uint32_t, kDatagrams> sizes_{};
};

}  // namespace cardea::load
