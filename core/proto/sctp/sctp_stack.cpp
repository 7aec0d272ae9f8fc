#include "proto/sctp/sctp_stack.hpp"

#include <usrsctp.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/assert.hpp"
#include "base/log.hpp"
#include "proto/sctp/sctp_address.hpp"
#include "proto/sctp/sctp_packet.hpp"
#include "proto/sctp/sctp_transport.hpp"

namespace cardea {
namespace {

constexpr std::size_t kReadSize = 64 * 1024;
// Shorter ones hold no chunk (RFC 9260 section 3); usrsctp would give them its slow path.
constexpr std::size_t kLeastPacket = 12 + 4;
// A clock that jumped, or a thread that slept: usrsctp's timers then run as if this had passed.
constexpr Duration kLongestStep = 1s;

// usrsctp calls back with an address and nothing else, so the one stack of the process has to be found without an argument.
std::atomic<SctpStack*> the_stack{nullptr};

void tune() {
    // Not part of WebRTC; each is code that a peer could reach.
    usrsctp_sysctl_set_sctp_ecn_enable(0);
    usrsctp_sysctl_set_sctp_asconf_enable(0);
    usrsctp_sysctl_set_sctp_auto_asconf(0);
    usrsctp_sysctl_set_sctp_auth_enable(0);
    usrsctp_sysctl_set_sctp_nrsack_enable(0);
    usrsctp_sysctl_set_sctp_pktdrop_enable(0);
    // Out of the blue packets are not answered: there is an association, or there is nobody to talk to.
    usrsctp_sysctl_set_sctp_blackhole(2);
    usrsctp_sysctl_set_sctp_no_csum_on_loopback(0);
    usrsctp_sysctl_set_sctp_nr_outgoing_streams_default(kStreams);
    usrsctp_sysctl_set_sctp_nr_incoming_streams_default(kStreams);
    usrsctp_sysctl_set_sctp_sendspace(kSendQueue);
    usrsctp_sysctl_set_sctp_recvspace(kMaxMessage);
    // Bounds what a peer can make us hold by fragments of a byte each, and what can wait to be sent in small messages.
    usrsctp_sysctl_set_sctp_max_chunks_on_queue(1024);
    // A table for many associations of one socket: ours have one each.
    usrsctp_tunable_set_sctp_pcbtblsize(1);
    // Tags need no quarantine: an association's packets come out of its own DTLS association and no other.
    usrsctp_sysctl_set_sctp_vtag_time_wait(0);
    // Freed chunks are given back and not kept by the association.
    usrsctp_sysctl_set_sctp_asoc_free_resc_limit(0);
    usrsctp_sysctl_set_sctp_system_free_resc_limit(0);
    // Milliseconds. A lost INIT is sent again after a second, as the other WebRTC implementations do.
    usrsctp_sysctl_set_sctp_rto_initial_default(1000);
    usrsctp_sysctl_set_sctp_rto_min_default(200);
    usrsctp_sysctl_set_sctp_rto_max_default(10'000);
    usrsctp_sysctl_set_sctp_init_rto_max_default(10'000);
    usrsctp_sysctl_set_sctp_delayed_sack_time_default(20);
    // RFC 6928 allows 10 segments; the default of 3 makes a 256 KiB message take many round trips.
    usrsctp_sysctl_set_sctp_initial_cwnd(10);
    usrsctp_sysctl_set_sctp_max_burst_default(10);
}

}  // namespace

SctpStack::SctpStack(SctpOutput& output) : output_{output}, buffer_(kReadSize) {
    CARDEA_ASSERT(the_stack.exchange(this) == nullptr);
    usrsctp_init_nothreads(0, on_output, nullptr);
    tune();
}

SctpStack::~SctpStack() {
    CARDEA_ASSERT(transports_.empty());
    // An aborted association goes with its last timer.
    constexpr int kRounds = 100;
    bool finished = false;
    for (int round = 0; round < kRounds && !finished; ++round) {
        finished = usrsctp_finish() == 0;
        if (!finished) usrsctp_handle_timers(100);
    }
    if (!finished) log::warn("SCTP associations left at the end");
    the_stack.store(nullptr);
}

int SctpStack::on_output(void* address, void* packet, std::size_t size, std::uint8_t /*tos*/, std::uint8_t /*set_df*/) {
    const Bytes bytes{static_cast<const std::uint8_t*>(packet), size};
    the_stack.load(std::memory_order_relaxed)->output_.send_sctp(association_of(address), bytes);
    return 0;
}

void SctpStack::on_ready(struct socket* /*socket*/, void* address, int /*wait*/) {
    the_stack.load(std::memory_order_relaxed)->mark_ready(association_of(address));
}

bool SctpStack::on_packet(AssociationId association, Bytes packet) {
    if (!transports_.contains(association)) return true;  // it has just ended
    if (packet.size() < kLeastPacket || !has_sound_parameters(packet)) return false;
    usrsctp_conninput(address_of(association), packet.data(), packet.size(), 0);
    run_ready();
    return true;
}

void SctpStack::on_timer(Instant now) {
    if (last_tick_ == Instant{}) last_tick_ = now;
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(std::min(now - last_tick_, kLongestStep));
    if (elapsed.count() <= 0) return;
    last_tick_ = now - last_tick_ > kLongestStep ? now : last_tick_ + elapsed;
    usrsctp_handle_timers(static_cast<std::uint32_t>(elapsed.count()));
    run_ready();
}

void SctpStack::add(AssociationId id, SctpTransport& transport) {
    CARDEA_ASSERT(id.is_set() && transports_.emplace(id, &transport).second);
    usrsctp_register_address(address_of(id));
}

void SctpStack::remove(AssociationId id) {
    usrsctp_deregister_address(address_of(id));
    transports_.erase(id);
}

void SctpStack::mark_ready(AssociationId id) {
    const auto found = transports_.find(id);
    if (found == transports_.end() || std::exchange(found->second->ready_, true)) return;
    ready_.push_back(id);
}

// By id, looked up again each time: an observer may end any association.
void SctpStack::run_ready() {
    while (!ready_.empty()) {
        running_.swap(ready_);
        for (const auto id : running_) {
            const auto found = transports_.find(id);
            if (found == transports_.end()) continue;
            found->second->ready_ = false;
            found->second->read_all(buffer_);
        }
        running_.clear();
    }
}

}  // namespace cardea
