#include "runtime/udp_socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "base/log.hpp"

namespace cardea {
namespace {

constexpr int kWantedBuffer = 4 * 1024 * 1024;

void ask_for_buffer(int fd, int force, int normal) {
    // The forced form passes the sysctl limit, with CAP_NET_ADMIN only.
    if (setsockopt(fd, SOL_SOCKET, force, &kWantedBuffer, sizeof(kWantedBuffer)) != 0)
        setsockopt(fd, SOL_SOCKET, normal, &kWantedBuffer, sizeof(kWantedBuffer));
}

tl::unexpected<Error> failed(const char* what, const SocketAddress& address) {
    return fail(0, std::string{what} + " " + address.to_text() + ": " + std::strerror(errno));
}

// The control message carries wall clock; the difference to "now" is what matters.
Instant arrival_of(msghdr& message, Instant now, std::int64_t wall_now_ns) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
        timespec stamp{};
        std::memcpy(&stamp, CMSG_DATA(part), sizeof(stamp));
        const auto age = Duration{wall_now_ns - (stamp.tv_sec * 1'000'000'000 + stamp.tv_nsec)};
        // A step of the wall clock must not become a jump of arrival times.
        return age >= Duration::zero() && age < 1s ? now - age : now;
    }
    return now;
}

struct ReceiveBuffers {
    std::array<mmsghdr, UdpSocket::kReceiveBatch> headers{};
    std::array<iovec, UdpSocket::kReceiveBatch> parts{};
    std::array<sockaddr_storage, UdpSocket::kReceiveBatch> from{};
    std::array<std::array<char, CMSG_SPACE(sizeof(timespec))>, UdpSocket::kReceiveBatch> control{};
};

}  // namespace

Result<UdpSocket> UdpSocket::open(const SocketAddress& local) {
    const int fd = socket(local.is_v6() ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
    if (fd < 0) return failed("no socket for", local);
    UdpSocket owner{fd, local};
    const int on = 1;
    if (local.is_v6()) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
    ask_for_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF);
    ask_for_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF);
    const auto raw = local.raw();
    if (bind(fd, static_cast<const sockaddr*>(static_cast<const void*>(&raw)), local.raw_size()) != 0)
        return failed("cannot listen on udp", local);
    sockaddr_storage bound{};
    socklen_t size = sizeof(bound);
    getsockname(fd, static_cast<sockaddr*>(static_cast<void*>(&bound)), &size);
    owner.local_ = SocketAddress::from(bound);
    return owner;
}

UdpSocket::~UdpSocket() {
    if (fd_ >= 0) close(fd_);
}

void UdpSocket::receive(PacketPool& pool, Instant now, std::vector<Received>& out, DropCounters& drops) {
    thread_local ReceiveBuffers buffers;
    out.clear();
    for (std::size_t i = 0; i < kReceiveBatch; ++i) {
        auto packet = pool.take();
        if (!packet) break;
        buffers.parts[i] = {packet->buffer.data(), Packet::kCapacity};
        msghdr& message = buffers.headers[i].msg_hdr;
        message = {};
        message.msg_name = &buffers.from[i];
        message.msg_namelen = sizeof(sockaddr_storage);
        message.msg_iov = &buffers.parts[i];
        message.msg_iovlen = 1;
        message.msg_control = buffers.control[i].data();
        message.msg_controllen = buffers.control[i].size();
        out.push_back({std::move(packet), {}});
    }
    if (out.empty()) {
        // No slot left: take the datagram away all the same, or the socket would stay readable for ever.
        std::array<char, 1> nothing{};
        if (recv(fd_, nothing.data(), nothing.size(), MSG_DONTWAIT) >= 0) drops.add(Drop::pool_exhausted);
        return;
    }
    const int got = recvmmsg(fd_, buffers.headers.data(), static_cast<unsigned>(out.size()), MSG_DONTWAIT, nullptr);
    const auto count = got > 0 ? static_cast<std::size_t>(got) : 0U;
    const std::int64_t wall = count > 0 ? wall_now().time_since_epoch().count() : 0;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i) {
        msghdr& message = buffers.headers[i].msg_hdr;
        if ((message.msg_flags & MSG_TRUNC) != 0) {
            drops.add(Drop::too_large);
            continue;
        }
        out[i].packet->size = static_cast<std::uint16_t>(buffers.headers[i].msg_len);
        out[i].packet->arrival = arrival_of(message, now, wall);
        out[i].from = SocketAddress::from(buffers.from[i]);
        if (kept != i) std::swap(out[kept], out[i]);
        ++kept;
    }
    out.resize(kept);
}

void UdpSocket::send(std::span<const DatagramOutput::Datagram> datagrams, DropCounters& drops) {
    constexpr std::size_t kBatch = 64;
    std::array<mmsghdr, kBatch> headers{};
    std::array<iovec, kBatch> parts{};
    std::array<sockaddr_storage, kBatch> to{};
    while (!datagrams.empty()) {
        const auto count = std::min(kBatch, datagrams.size());
        for (std::size_t i = 0; i < count; ++i) {
            const auto& datagram = datagrams[i];
            to[i] = datagram.path->remote.raw();
            parts[i] = {const_cast<std::uint8_t*>(datagram.bytes.data()), datagram.bytes.size()};
            headers[i].msg_hdr = {};
            headers[i].msg_hdr.msg_name = &to[i];
            headers[i].msg_hdr.msg_namelen = datagram.path->remote.raw_size();
            headers[i].msg_hdr.msg_iov = &parts[i];
            headers[i].msg_hdr.msg_iovlen = 1;
        }
        int sent = sendmmsg(fd_, headers.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
        if (sent <= 0) {
            const bool full = errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS;
            const bool retry = full && datagrams.front().send_class != SendClass::video;
            if (!retry || sendmmsg(fd_, headers.data(), 1, MSG_DONTWAIT) != 1) drops.add(full ? Drop::send_full : Drop::send_error);
            sent = 1;  // this one is settled, one way or the other
        }
        datagrams = datagrams.subspan(static_cast<std::size_t>(sent));
    }
}

}  // namespace cardea
