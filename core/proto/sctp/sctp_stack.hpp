// usrsctp (RFC 9260) without its threads. The library is one per process, with locks of its own around everything, so one thread owns
// the stack and all its associations; no other may call in. Packets and time go in, packets come out through SctpOutput.
// Comes after DTLS, whose application data the packets are (RFC 8261), and before data_channels.hpp.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/strong_id.hpp"

struct socket;

namespace cardea {

class SctpTransport;

// What the packets carry in place of an address. A number of a table, never a pointer: a stale or forged one finds nothing.
using AssociationId = StrongId<struct AssociationTag, std::uint64_t>;

class SctpOutput {
  public:
    virtual ~SctpOutput() = default;
    // Called inside usrsctp: copy the packet, call nothing of the stack.
    virtual void send_sctp(AssociationId association, Bytes packet) = 0;
};

class SctpStack {
  public:
    explicit SctpStack(SctpOutput& output);  // one at a time in a process
    ~SctpStack();                            // after all its transports
    SctpStack(const SctpStack&) = delete;
    SctpStack& operator=(const SctpStack&) = delete;

    // What the packet leads to is told to the observer of the association before this returns. False: usrsctp must not have it.
    bool on_packet(AssociationId association, Bytes packet);
    // Every kTick while there is traffic; less often costs precision of retransmissions only.
    void on_timer(Instant now);
    static constexpr Duration kTick = 10ms;

    [[nodiscard]] std::size_t size() const noexcept { return transports_.size(); }

  private:
    friend class SctpTransport;

    void add(AssociationId id, SctpTransport& transport);
    void remove(AssociationId id);
    static void on_ready(struct socket* socket, void* address, int wait);  // usrsctp's upcall
    static int on_output(void* address, void* packet, std::size_t size, std::uint8_t tos, std::uint8_t set_df);
    void mark_ready(AssociationId id);
    void run_ready();

    SctpOutput& output_;
    std::unordered_map<AssociationId, SctpTransport*> transports_;
    std::vector<AssociationId> ready_;  // have something to be read
    std::vector<AssociationId> running_;
    std::vector<std::uint8_t> buffer_;  // what one read of usrsctp gives
    Instant last_tick_{};
};

}  // namespace cardea
