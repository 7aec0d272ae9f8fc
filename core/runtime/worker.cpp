#include "runtime/worker.hpp"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/assert.hpp"
#include "peer/mirrors.hpp"

namespace cardea {
namespace {

// 512 MiB of packet slots at most; memory is taken only as it is needed.
constexpr std::size_t kPacketSlots = 262'144;
constexpr std::uint64_t kMailboxTag = ~0ULL;
constexpr std::uint64_t kDataTag = ~1ULL;
constexpr std::uint64_t kMirroredTag = ~2ULL;
// A turn takes at most this many packets, so that timers and mailbox stay alive under a flood.
constexpr std::size_t kPacketsPerTurn = 256;
constexpr auto kNap = 80us;
constexpr int kMostNaps = 3;
constexpr std::size_t kMuchToDo = 16;  // datagrams of a turn
constexpr std::size_t kHandshakeStepsPerTurn = 2;
constexpr std::size_t kDataPacketsPerTurn = 64;

void watch(int epoll, int fd, std::uint64_t tag) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = tag;
    CARDEA_ASSERT(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

}  // namespace

Worker::Worker(std::uint32_t index, HubOptions options, DtlsContext& dtls, PeerObserver& observer, std::vector<UdpSocket> sockets,
               PacketLane& data, MirrorLane& mirrored)
    : index_{index},
      sockets_{std::move(sockets)},
      pool_{kPacketSlots},
      hub_{std::move(options), dtls, observer, *this},
      data_{data},
      mirrored_{mirrored},
      slots_{pool_},
      epoll_{epoll_create1(EPOLL_CLOEXEC)} {
    CARDEA_ASSERT(epoll_ >= 0);
    watch(epoll_, mailbox_.fd(), kMailboxTag);
    watch(epoll_, data_.fd(), kDataTag);
    watch(epoll_, mirrored_.fd(), kMirroredTag);
    for (std::size_t i = 0; i < sockets_.size(); ++i) watch(epoll_, sockets_[i].fd(), i);
}

Worker::~Worker() {
    stop();
    close(epoll_);
}

void Worker::stop() {
    if (!thread_.joinable()) return;
    post([this](PeerHub& hub, Instant now) {
        hub.close_all(now, "Shutting down");
        stopping_ = true;
    });
    thread_.join();
}

void Worker::start() {
    thread_ = std::thread{[this] { run(); }};
    const std::string name = "worker-" + std::to_string(index_);
    pthread_setname_np(thread_.native_handle(), name.c_str());
}

void Worker::run() {
    prctl(PR_SET_TIMERSLACK, 1);  // ns; the 50 us of every thread would double a nap
    while (!stopping_) {
        const auto now = MonotonicClock::now();
        const auto next = data_batch_.empty() && mirrored_batch_.empty() ? std::min(hub_.next_timer(), next_publish_) : now;
        const auto until = next > now ? next - now : Duration::zero();
        // Rounded up: waking a fraction of a millisecond early would spin.
        const auto ms = std::chrono::ceil<std::chrono::milliseconds>(until).count();
        turn(static_cast<int>(std::clamp<std::int64_t>(ms, 0, 1000)));
    }
    received_.clear();
}

void Worker::turn(int timeout_ms) {
    std::array<epoll_event, 16> events{};
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
    const auto now = MonotonicClock::now();
    bool has_mail = false, has_data = !data_batch_.empty(), has_mirrored = !mirrored_batch_.empty(), has_media = false;
    const auto ready = std::span{events}.first(static_cast<std::size_t>(std::max(count, 0)));
    for (const auto& event : ready) {
        const auto tag = event.data.u64;
        has_mail |= tag == kMailboxTag;
        has_data |= tag == kDataTag;
        has_mirrored |= tag == kMirroredTag;
        has_media |= tag < sockets_.size();
    }
    // Before the sockets: a client that has been told of its peer connection may have sent its first check already, and would not send
    // the next one for 50 ms.
    if (has_mail) run_commands(now);
    std::size_t budget = kPacketsPerTurn;
    for (const auto& event : ready) {
        const auto tag = event.data.u64;
        if (tag >= kMirroredTag || tag < sockets_.size()) continue;
        const auto index = static_cast<std::uint32_t>(tag);
        if (auto* socket = socket_at(index)) drain(*socket, index, now, budget);
    }
    if (has_media) gather(drain_sockets(now));
    if (has_mirrored) drain_mirrored(now);
    if (has_data) drain_data();
    hub_.on_timer(now);
    hub_.run_handshakes(now, kHandshakeStepsPerTurn);
    hub_.flush();
    if (now >= next_publish_) {
        publish_statistics();
        next_publish_ = now + 1s;
    }
}

void Worker::run_commands(Instant now) {
    hub_.release();
    mailbox_.take_all(inbox_);
    for (auto& command : inbox_) command(hub_, now);
    inbox_.clear();
}

// A burst for one peer is spread over turns: media goes on in between.
void Worker::drain_data() {
    if (data_batch_.empty()) data_.take_all(data_batch_);
    for (std::size_t left = kDataPacketsPerTurn; left > 0 && !data_batch_.empty(); --left) {
        const auto [peer, packet] = data_batch_.take();
        hub_.send_data(peer, packet);
    }
}

void Worker::drain_mirrored(Instant now) {
    if (mirrored_batch_.empty()) {
        mirrored_.take_all(mirrored_batch_);
        // What they belong to was said before they were sent; that may have come since this turn looked.
        if (!mailbox_.is_empty()) run_commands(now);
    }
    for (std::size_t left = kPacketsPerTurn; left > 0 && !mirrored_batch_.empty(); --left) {
        const auto [label, bytes] = mirrored_batch_.take();
        const auto packet = pool_.take();
        if (!packet) {
            hub_.statistics().drops.add(Drop::pool_exhausted);
            continue;
        }
        CARDEA_ASSERT(bytes.size() <= Packet::kCapacity);  // it came out of a packet
        std::copy(bytes.begin(), bytes.end(), packet->buffer.begin());
        packet->size = static_cast<std::uint16_t>(bytes.size());
        hub_.mirrors().on_packet(now, label, packet);
    }
}

std::size_t Worker::drain_sockets(Instant now) {
    if (sockets_.empty()) return 0;
    std::size_t budget = kPacketsPerTurn, received = 0;
    const auto count = static_cast<std::uint32_t>(sockets_.size());
    const auto first = first_socket_++ % count;  // none of them waits until the others are empty
    for (std::uint32_t i = first; i < first + count; ++i) received += drain(sockets_[i % count], i % count, now, budget);
    // Of the socket that is furthest behind: one with little to read says nothing of the others.
    if (received > 0) hub_.on_read(now, std::exchange(waited_, Duration::zero()));
    return received;
}

// A browser sends the packets of a frame some 20 to 60 us apart. A worker with little to do would wake for each; a nap lets them come
// together, and leave as a train. With much to do they do so anyway.
void Worker::gather(std::size_t received) {
    for (int nap = 0; nap < kMostNaps && received < kMuchToDo && hub_.awaits_packets(); ++nap) {
        std::this_thread::sleep_for(kNap);
        received += drain_sockets(MonotonicClock::now());
    }
}

std::size_t Worker::drain(UdpSocket& socket, std::uint32_t index, Instant now, std::size_t& budget) {
    std::size_t received = 0;
    Duration newest_waited{};
    while (budget > 0) {
        const bool has_more = socket.receive(slots_, now, received_, hub_.statistics().drops);
        if (!received_.empty()) newest_waited = now - received_.back().packet->arrival;
        for (const auto& [packet, from] : received_) hub_.on_datagram(now, index, from, packet);
        received += received_.size();
        // A call that brought nothing counts too: what is dropped for its size must not keep the turn from ending.
        budget -= std::min(budget, std::max<std::size_t>(received_.size(), 1));
        if (!has_more) break;
    }
    received_.clear();
    waited_ = std::max(waited_, newest_waited);
    return received;
}

UdpSocket* Worker::socket_at(std::uint32_t index) noexcept {
    if (index < sockets_.size()) return &sockets_[index];
    const auto slot = index - sockets_.size();
    return slot < adopted_.size() ? adopted_[slot].get() : nullptr;
}

std::uint32_t Worker::adopt(UdpSocket socket) {
    auto slot = std::find(adopted_.begin(), adopted_.end(), nullptr);
    if (slot == adopted_.end()) slot = adopted_.emplace(adopted_.end());
    *slot = std::make_unique<UdpSocket>(std::move(socket));
    const auto index = sockets_.size() + static_cast<std::size_t>(slot - adopted_.begin());
    watch(epoll_, (*slot)->fd(), index);
    return static_cast<std::uint32_t>(index);
}

void Worker::release(std::uint32_t socket) {
    CARDEA_ASSERT(socket >= sockets_.size());
    adopted_[socket - sockets_.size()].reset();  // closing takes it out of the epoll set
}

void Worker::send(std::span<const Datagram> datagrams) {
    // Runs of one socket go out together; with one listen address, that is everything.
    while (!datagrams.empty()) {
        const auto socket = datagrams.front().path->socket;
        std::size_t run = 1;
        while (run < datagrams.size() && datagrams[run].path->socket == socket) ++run;
        if (auto* way = socket_at(socket)) way->send(datagrams.first(run), hub_.statistics().drops);
        datagrams = datagrams.subspan(run);
    }
}

void Worker::publish_statistics() {
    peer_count_.store(hub_.statistics().peers, std::memory_order_relaxed);
    hub_.statistics().mirrors = hub_.mirrors().count();
    hub_.statistics().video_left_out = hub_.shedding().left_out();
    const auto sent = hub_.statistics().packets_out;
    packet_rate_.store(sent - std::exchange(packets_out_, sent), std::memory_order_relaxed);
    const std::lock_guard lock{published_mutex_};
    published_ = hub_.statistics();
}

HubStatistics Worker::statistics() const {
    const std::lock_guard lock{published_mutex_};
    return published_;
}

}  // namespace cardea
