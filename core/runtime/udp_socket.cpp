#include "runtime/udp_socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/udp.h>
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

bool is_refusal(int error) noexcept {
    return error == EIO || error == EINVAL || error == EMSGSIZE || error == ENOPROTOOPT || error == EOPNOTSUPP;
}

constexpr std::size_t kSendBatch = 64;       // messages of one sendmmsg
constexpr std::size_t kTrain = 32;           // datagrams of one message; the kernel takes 64
constexpr unsigned kMostRefusals = 32;
constexpr std::size_t kTrainBytes = 60'000;  // of one message together, below the largest UDP payload

// Laid out once per thread: the kernel only reads them.
struct SendBuffers {
    std::array<mmsghdr, kSendBatch> headers{};
    std::array<sockaddr_storage, kSendBatch> to{};
    std::array<iovec, 512> parts{};
    std::array<std::size_t, kSendBatch> sizes{};  // datagrams of each message
    struct alignas(cmsghdr) Control {
        std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> bytes{};
    };
    std::array<Control, kSendBatch> control{};

    void add(std::size_t message, std::size_t first_part, std::span<const DatagramOutput::Datagram> train) {
        const auto& remote = train.front().path->remote;
        to[message] = remote.raw();
        for (std::size_t i = 0; i < train.size(); ++i)
            parts[first_part + i] = {const_cast<std::uint8_t*>(train[i].bytes.data()), train[i].bytes.size()};
        auto& header = headers[message].msg_hdr;
        header = {};
        header.msg_name = &to[message];
        header.msg_namelen = remote.raw_size();
        header.msg_iov = &parts[first_part];
        header.msg_iovlen = train.size();
        sizes[message] = train.size();
        if (train.size() == 1) return;
        header.msg_control = control[message].bytes.data();
        header.msg_controllen = control[message].bytes.size();
        cmsghdr* const part = CMSG_FIRSTHDR(&header);
        part->cmsg_level = SOL_UDP;
        part->cmsg_type = UDP_SEGMENT;
        part->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
        const auto size = static_cast<std::uint16_t>(train.front().bytes.size());
        std::memcpy(CMSG_DATA(part), &size, sizeof(size));
    }
};

SendBuffers& buffers() {
    thread_local SendBuffers instance;
    return instance;
}

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
    // A kernel that knows the option takes it; whether the device does shows at the first train.
    const int none = 0;
    owner.trains_ = setsockopt(fd, SOL_UDP, UDP_SEGMENT, &none, sizeof(none)) == 0;
    return owner;
}

UdpSocket::~UdpSocket() {
    if (fd_ >= 0) close(fd_);
}

ReceiveSlots::ReceiveSlots(PacketPool& pool) : pool_{pool} {
    for (std::size_t i = 0; i < kSlots; ++i) {
        auto& message = headers_[i].msg_hdr;
        message.msg_name = &from_[i];
        message.msg_iov = &parts_[i];
        message.msg_iovlen = 1;
        message.msg_control = control_[i].data();
        ready(i);
    }
}

// The kernel writes how much of these it used.
void ReceiveSlots::ready(std::size_t slot) noexcept {
    headers_[slot].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    headers_[slot].msg_hdr.msg_controllen = control_[slot].size();
}

std::size_t ReceiveSlots::refill() {
    for (std::size_t i = 0; i < kSlots; ++i) {
        if (packets_[i]) continue;
        packets_[i] = pool_.take();
        if (!packets_[i]) return i;
        parts_[i] = {packets_[i]->buffer.data(), Packet::kCapacity};
    }
    return kSlots;
}

bool UdpSocket::receive(ReceiveSlots& slots, Instant now, std::vector<Received>& out, DropCounters& drops) {
    out.clear();
    const auto room = slots.refill();
    if (room == 0) {
        // No slot left: take the datagram away all the same, or the socket would stay readable for ever.
        std::array<char, 1> nothing{};
        const bool taken = recv(fd_, nothing.data(), nothing.size(), MSG_DONTWAIT) >= 0;
        if (taken) drops.add(Drop::pool_exhausted);
        return taken;
    }
    const int got = recvmmsg(fd_, slots.headers_.data(), static_cast<unsigned>(room), MSG_DONTWAIT, nullptr);
    const auto count = got > 0 ? static_cast<std::size_t>(got) : 0U;
    const std::int64_t wall = count > 0 ? wall_now().time_since_epoch().count() : 0;
    for (std::size_t i = 0; i < count; ++i) {
        msghdr& message = slots.headers_[i].msg_hdr;
        if ((message.msg_flags & MSG_TRUNC) != 0) {
            drops.add(Drop::too_large);
        } else {
            auto& packet = out.emplace_back(Received{std::move(slots.packets_[i]), SocketAddress::from(slots.from_[i])}).packet;
            packet->size = static_cast<std::uint16_t>(slots.headers_[i].msg_len);
            packet->arrival = arrival_of(message, now, wall);
        }
        slots.ready(i);
    }
    return count == room;
}

// One message of a sendmmsg: one datagram, or a train of them to the same receiver that the kernel cuts into pieces of the first
// one's size (UDP_SEGMENT); only the last may be smaller.
std::size_t UdpSocket::train_at(std::span<const DatagramOutput::Datagram> datagrams) const noexcept {
    const auto& first = datagrams.front();
    if (!trains_ || first.send_class != SendClass::video) return 1;
    std::size_t bytes = first.bytes.size();
    std::size_t count = 1;
    for (; count < datagrams.size() && count < kTrain; ++count) {
        const auto& next = datagrams[count];
        bytes += next.bytes.size();
        if (next.bytes.size() > first.bytes.size() || bytes > kTrainBytes || !(*next.path == *first.path)) break;
        if (next.bytes.size() < first.bytes.size()) return count + 1;
    }
    return count;
}

void UdpSocket::send(std::span<const DatagramOutput::Datagram> datagrams, DropCounters& drops) {
    while (!datagrams.empty()) {
        SendBuffers& out = buffers();
        std::size_t taken = 0;
        std::size_t messages = 0;
        for (; messages < kSendBatch && taken < datagrams.size(); ++messages) {
            const auto train = std::min(train_at(datagrams.subspan(taken)), out.parts.size() - taken);
            if (train == 0) break;
            out.add(messages, taken, datagrams.subspan(taken, train));
            taken += train;
        }
        const int sent = sendmmsg(fd_, out.headers.data(), static_cast<unsigned>(messages), MSG_DONTWAIT);
        const auto done = static_cast<std::size_t>(sent > 0 ? sent : 0);
        for (std::size_t i = 0; i < done; ++i) {
            if (out.sizes[i] > 1) refusals_ = 0;
            datagrams = datagrams.subspan(out.sizes[i]);
        }
        if (done == messages) continue;
        if (sent > 0) continue;  // the next one says what is wrong with it
        const auto failed = datagrams.first(out.sizes[0]);
        if (failed.size() > 1 && is_refusal(errno)) {
            note_refusal(errno);
            send_singly(failed, drops);
        } else {
            for (const auto& datagram : failed) settle_failure(datagram, drops);
        }
        datagrams = datagrams.subspan(failed.size());
    }
}

// EMSGSIZE, and EINVAL before Linux 6.14, is also what a path says whose MTU is smaller: single datagrams to it are cut by IP. That is one
// receiver's affair, so that many have to be refused, and none to leave, until it is the kernel's or the device's.
void UdpSocket::note_refusal(int error) {
    if (error == EMSGSIZE || ++refusals_ < kMostRefusals) return;
    trains_ = false;
    log::info("no trains of datagrams on this socket", log::kv("address", local_.to_text()), log::kv("error", std::strerror(error)));
}

void UdpSocket::send_singly(std::span<const DatagramOutput::Datagram> train, DropCounters& drops) {
    for (const auto& datagram : train)
        if (!send_one(datagram)) settle_failure(datagram, drops);
}

bool UdpSocket::send_one(const DatagramOutput::Datagram& datagram) noexcept {
    const auto raw = datagram.path->remote.raw();
    const auto* const to = static_cast<const sockaddr*>(static_cast<const void*>(&raw));
    return sendto(fd_, datagram.bytes.data(), datagram.bytes.size(), MSG_DONTWAIT, to, datagram.path->remote.raw_size()) >= 0;
}

// Audio and control are worth another try; video is dropped and counted.
void UdpSocket::settle_failure(const DatagramOutput::Datagram& datagram, DropCounters& drops) {
    const bool full = errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS;
    if (full && datagram.send_class != SendClass::video && send_one(datagram)) return;
    drops.add(full ? Drop::send_full : Drop::send_error);
}

}  // namespace cardea
