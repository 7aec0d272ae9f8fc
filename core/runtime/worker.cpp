#include "runtime/worker.hpp"

#include <pthread.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/assert.hpp"

namespace cardea {
namespace {

// 512 MiB of packet slots at most; memory is taken only as it is needed.
constexpr std::size_t kPacketSlots = 262'144;
constexpr std::uint64_t kMailboxTag = ~0ULL;
// A turn takes at most this many packets, so that timers and mailbox stay alive under a flood.
constexpr std::size_t kPacketsPerTurn = 256;
constexpr std::size_t kHandshakeStepsPerTurn = 2;

void watch(int epoll, int fd, std::uint64_t tag) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = tag;
    CARDEA_ASSERT(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

}  // namespace

Worker::Worker(std::uint32_t index, HubOptions options, DtlsContext& dtls, PeerObserver& observer, std::vector<UdpSocket> sockets)
    : index_{index},
      sockets_{std::move(sockets)},
      pool_{kPacketSlots},
      hub_{options, dtls, observer, *this},
      epoll_{epoll_create1(EPOLL_CLOEXEC)} {
    CARDEA_ASSERT(epoll_ >= 0);
    watch(epoll_, mailbox_.fd(), kMailboxTag);
    for (std::size_t i = 0; i < sockets_.size(); ++i) watch(epoll_, sockets_[i].fd(), i);
}

Worker::~Worker() {
    post([this](PeerHub& hub, Instant now) {
        hub.close_all(now, "Shutting down");
        stopping_ = true;
    });
    if (thread_.joinable()) thread_.join();
    close(epoll_);
}

void Worker::start() {
    thread_ = std::thread{[this] { run(); }};
    const std::string name = "worker-" + std::to_string(index_);
    pthread_setname_np(thread_.native_handle(), name.c_str());
}

void Worker::run() {
    while (!stopping_) {
        const auto now = MonotonicClock::now();
        const auto next = std::min(hub_.next_timer(), next_publish_);
        const auto until = next > now ? next - now : Duration::zero();
        // Rounded up: waking a fraction of a millisecond early would spin.
        const auto ms = std::chrono::ceil<std::chrono::milliseconds>(until).count();
        turn(static_cast<int>(std::clamp<std::int64_t>(ms, 0, 1000)));
    }
    received_.clear();
}

void Worker::turn(int timeout_ms) {
    std::array<epoll_event, 16> events{};
    const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
    const auto now = MonotonicClock::now();
    bool has_mail = false;
    for (int i = 0; i < ready; ++i) has_mail |= events[static_cast<std::size_t>(i)].data.u64 == kMailboxTag;
    if (ready > (has_mail ? 1 : 0)) drain_sockets(now);
    if (has_mail) {
        mailbox_.take_all(inbox_);
        for (auto& command : inbox_) command(hub_, now);
        inbox_.clear();
    }
    hub_.on_timer(now);
    hub_.run_handshakes(now, kHandshakeStepsPerTurn);
    hub_.flush();
    if (now >= next_publish_) {
        publish_statistics();
        next_publish_ = now + 1s;
    }
}

void Worker::drain_sockets(Instant now) {
    std::size_t budget = kPacketsPerTurn;
    for (std::uint32_t i = 0; i < sockets_.size(); ++i) {
        while (budget > 0) {
            sockets_[i].receive(pool_, now, received_, hub_.statistics().drops);
            for (const auto& [packet, from] : received_) hub_.on_datagram(now, i, from, packet);
            budget -= std::min(budget, std::max<std::size_t>(received_.size(), 1));
            if (received_.size() < UdpSocket::kReceiveBatch) break;
        }
    }
    received_.clear();
}

void Worker::send(std::span<const Datagram> datagrams) {
    // Runs of one socket go out together; with one listen address, that is everything.
    while (!datagrams.empty()) {
        const auto socket = datagrams.front().path->socket;
        std::size_t run = 1;
        while (run < datagrams.size() && datagrams[run].path->socket == socket) ++run;
        sockets_[socket].send(datagrams.first(run), hub_.statistics().drops);
        datagrams = datagrams.subspan(run);
    }
}

void Worker::publish_statistics() {
    peer_count_.store(hub_.statistics().peers, std::memory_order_relaxed);
    const std::lock_guard lock{published_mutex_};
    published_ = hub_.statistics();
}

HubStatistics Worker::statistics() const {
    const std::lock_guard lock{published_mutex_};
    return published_;
}

}  // namespace cardea
