// A UDP socket that never blocks.
#pragma once

#include <optional>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace cardea::link {

class UdpSocket {
  public:
    [[nodiscard]] static Result<UdpSocket> bind(const SocketAddress& local);
    UdpSocket(UdpSocket&& other) noexcept;
    UdpSocket& operator=(UdpSocket&& other) noexcept;
    ~UdpSocket();

    [[nodiscard]] int fd() const noexcept { return fd_; }
    [[nodiscard]] SocketAddress local() const;
    void send(Bytes datagram, const SocketAddress& to) const noexcept;
    struct Received {
        Bytes datagram;  // lives in the buffer given
        SocketAddress from;
    };
    [[nodiscard]] std::optional<Received> receive(MutableBytes buffer) const noexcept;

  private:
    explicit UdpSocket(int fd) noexcept : fd_{fd} {}
    int fd_;
};

}  // namespace cardea::link
