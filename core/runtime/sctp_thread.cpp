#include "runtime/sctp_thread.hpp"

#include <poll.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cardea {
namespace {

// usrsctp looks at each of its timers in every tick; where nothing has moved for a while a coarser clock does.
constexpr Duration kQuiet = 2s;
constexpr Duration kQuietTick = 100ms;

}  // namespace

SctpThread::SctpThread(Lanes& to_workers) : to_workers_{to_workers}, stack_{*this}, router_{stack_, this} {
    thread_ = std::thread{[this] { run(); }};
    pthread_setname_np(thread_.native_handle(), "sctp");
}

SctpThread::~SctpThread() {
    inbox_.push([this](DataRouter&) { stopping_ = true; });
    thread_.join();
}

void SctpThread::open(DataPeer peer) {
    inbox_.push([peer](DataRouter& router) { router.open(peer); });
}
void SctpThread::close(PeerId peer, SourceId source, SinkId sink) {
    inbox_.push([peer, source, sink](DataRouter& router) { router.close(peer, source, sink); });
}
void SctpThread::route(SinkId sink, SourceId source, DataRouteOptions options) {
    inbox_.push([sink, source, options = std::move(options)](DataRouter& router) { router.route(sink, source, options); });
}
void SctpThread::unroute(SinkId sink, SourceId source) {
    inbox_.push([sink, source](DataRouter& router) { router.unroute(sink, source); });
}
void SctpThread::set_sink_active(SinkId sink, bool active) {
    inbox_.push([sink, active](DataRouter& router) { router.set_sink_active(sink, active); });
}
void SctpThread::set_source_active(SourceId source, bool active) {
    inbox_.push([source, active](DataRouter& router) { router.set_source_active(source, active); });
}

void SctpThread::tap(SourceId source, DataTap tap) {
    inbox_.push([source, tap](DataRouter& router) { router.tap(source, tap); });
}
void SctpThread::untap(SourceId source, ForwarderId tap) {
    inbox_.push([source, tap](DataRouter& router) { router.untap(source, tap); });
}
void SctpThread::open_remote(SourceId source) {
    inbox_.push([source](DataRouter& router) { router.open_remote(source); });
}
void SctpThread::close_remote(SourceId source) {
    inbox_.push([source](DataRouter& router) { router.close_remote(source); });
}

// Ids of peers, sources and forwarders are never the same number: what has no association of its own travels by the same queues and
// under the same bounds as packets of peers, behind an octet that says its format.
void SctpThread::on_remote_message(SourceId source, bool is_binary, Bytes message, DataBudget& budget) {
    std::array<std::uint8_t, 2048> framed{is_binary ? std::uint8_t{1} : std::uint8_t{0}};
    if (message.size() >= framed.size()) return;
    std::copy(message.begin(), message.end(), framed.begin() + 1);
    inbox_.push(PeerId{source.value}, Bytes{framed}.first(message.size() + 1), budget);
}

DataStatistics SctpThread::statistics() const {
    const std::lock_guard lock{published_mutex_};
    return published_;
}

// ---- the thread --------------------------------------------------------------------------------------------------------

void SctpThread::run() {
    while (!stopping_) {
        pollfd ready{inbox_.fd(), POLLIN, 0};
        poll(&ready, 1, wait_ms());
        turn();
    }
}

int SctpThread::wait_ms() const {
    if (router_.empty()) return -1;
    const auto tick = last_tick_ - last_packet_ > kQuiet ? kQuietTick : SctpStack::kTick;
    const auto left = last_tick_ + tick - MonotonicClock::now();
    return static_cast<int>(std::max<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(left).count(), 0));
}

void SctpThread::turn() {
    const auto now = MonotonicClock::now();
    // First, so that whatever is armed in this turn starts at the present time.
    if (now - last_tick_ >= SctpStack::kTick) {
        stack_.on_timer(now);
        last_tick_ = now;
    }
    inbox_.take_all(taken_);
    router_.statistics().drop(DataDrop::worker_queue, taken_.dropped);
    for (const auto& command : taken_.commands) command(router_);
    if (!taken_.packets.empty()) last_packet_ = now;
    while (!taken_.packets.empty()) {
        const auto [peer, packet] = taken_.packets.take();
        if (router_.is_remote(SourceId{peer.value}))
            router_.on_remote_message(SourceId{peer.value}, packet[0] == 0 ? DataFormat::text : DataFormat::binary, packet.subspan(1));
        else
            router_.on_packet(peer, packet);
    }
    const std::lock_guard lock{published_mutex_};
    published_ = router_.statistics();
}

void SctpThread::send_sctp(AssociationId association, Bytes packet) {
    const PeerId id{association.value};
    const auto* peer = router_.find(id);
    if (peer != nullptr && !to_workers_[peer->worker]->push(id, packet)) router_.statistics().drop(DataDrop::worker_queue);
}

void SctpThread::send_tapped(const DataTap& tap, DataFormat format, Bytes message) {
    framed_.assign(1, format == DataFormat::text ? std::uint8_t{0} : std::uint8_t{1});
    framed_.insert(framed_.end(), message.begin(), message.end());
    if (!to_workers_[tap.worker]->push(PeerId{tap.id.value}, framed_)) router_.statistics().drop(DataDrop::worker_queue);
}

}  // namespace cardea
