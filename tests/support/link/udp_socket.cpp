#include "udp_socket.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace cardea::link {
namespace {

// The kernel's view of an address; the one place where the types meet.
const sockaddr* generic(const sockaddr_storage& storage) noexcept {
    return static_cast<const sockaddr*>(static_cast<const void*>(&storage));
}
sockaddr* generic(sockaddr_storage& storage) noexcept { return static_cast<sockaddr*>(static_cast<void*>(&storage)); }

}  // namespace

Result<UdpSocket> UdpSocket::bind(const SocketAddress& local) {
    UdpSocket made{::socket(local.is_v6() ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (made.fd_ < 0) return fail(errno, std::strerror(errno));
    constexpr int kBuffer = 4 << 20;
    setsockopt(made.fd_, SOL_SOCKET, SO_RCVBUF, &kBuffer, sizeof kBuffer);
    const auto raw = local.raw();
    if (::bind(made.fd_, generic(raw), local.raw_size()) != 0) return fail(errno, local.to_text() + ": " + std::strerror(errno));
    return made;
}

UdpSocket::UdpSocket(UdpSocket&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
UdpSocket& UdpSocket::operator=(UdpSocket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}
UdpSocket::~UdpSocket() {
    if (fd_ >= 0) ::close(fd_);
}

SocketAddress UdpSocket::local() const {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    getsockname(fd_, generic(storage), &size);
    return SocketAddress::from(storage);
}

void UdpSocket::send(Bytes datagram, const SocketAddress& to) const noexcept {
    const auto raw = to.raw();
    // A datagram the kernel doesn't take is lost, as on any link.
    static_cast<void>(::sendto(fd_, datagram.data(), datagram.size(), 0, generic(raw), to.raw_size()));
}

std::optional<UdpSocket::Received> UdpSocket::receive(MutableBytes buffer) const noexcept {
    sockaddr_storage from{};
    for (;;) {
        socklen_t size = sizeof from;
        const auto got = ::recvfrom(fd_, buffer.data(), buffer.size(), 0, generic(from), &size);
        if (got >= 0) return Received{Bytes{buffer}.first(static_cast<std::size_t>(got)), SocketAddress::from(from)};
        // An ICMP "port unreachable" for an earlier datagram says nothing about the next one.
        if (errno != ECONNREFUSED && errno != EINTR) return std::nullopt;
    }
}

}  // namespace cardea::link
