#include "udp.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

namespace cardea::load {
namespace {

constexpr int kSocketBuffer = 4 << 20;

const sockaddr* as_sockaddr(const sockaddr_storage& raw) noexcept { return static_cast<const sockaddr*>(static_cast<const void*>(&raw)); }
sockaddr* as_sockaddr(sockaddr_storage& raw) noexcept { return static_cast<sockaddr*>(static_cast<void*>(&raw)); }

[[noreturn]] void fail(const char* what) { throw std::runtime_error{std::string{what} + ": " + std::strerror(errno)}; }

}  // namespace

Udp::Udp(const std::string& address) {
    const auto wanted = SocketAddress::parse(address, 0);
    if (!wanted) throw std::runtime_error{"not a numeric address: " + address};
    auto raw = wanted->raw();
    fd_ = socket(raw.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) fail("socket");
    for (const int option : {SO_RCVBUF, SO_SNDBUF, SO_RCVBUFFORCE, SO_SNDBUFFORCE}) setsockopt(fd_, SOL_SOCKET, option, &kSocketBuffer, sizeof(kSocketBuffer));
    if (bind(fd_, as_sockaddr(raw), wanted->raw_size()) != 0) fail("bind");
    socklen_t size = sizeof(raw);
    getsockname(fd_, as_sockaddr(raw), &size);
    local_ = SocketAddress::from(raw);
}

Udp::~Udp() {
    if (fd_ >= 0) close(fd_);
}

void Udp::connect(const SocketAddress& remote) {
    remote_ = remote;
    const auto raw = remote.raw();
    if (::connect(fd_, as_sockaddr(raw), remote.raw_size()) != 0) fail("connect");
}

void Udp::send(Bytes datagram) noexcept {
    if (::send(fd_, datagram.data(), datagram.size(), MSG_NOSIGNAL) < 0) ++send_failures_;
}

ReceiveBatch::ReceiveBatch() = default;

std::size_t ReceiveBatch::read(int fd) noexcept {
    std::array<mmsghdr, kDatagrams> headers{};
    std::array<iovec, kDatagrams> parts{};
    for (std::size_t i = 0; i < kDatagrams; ++i) {
        parts[i] = {room_.data() + i * kRoom, kRoom};
        headers[i].msg_hdr.msg_iov = &parts[i];
        headers[i].msg_hdr.msg_iovlen = 1;
    }
    const int count = recvmmsg(fd, headers.data(), kDatagrams, 0, nullptr);
    if (count <= 0) return 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) sizes_[i] = headers[i].msg_len;
    return static_cast<std::size_t>(count);
}

MutableBytes ReceiveBatch::datagram(std::size_t index) noexcept {
    return MutableBytes{room_}.subspan(index * kRoom, sizes_[index]);
}

}  // namespace cardea::load
