// Puts a recorded track's packets in order and gives retransmissions some time to fill the holes. Comes after the ring, before
// the frame assembler.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "proto/rtp/sequence.hpp"
#include "recording/packet_ring.hpp"

namespace cardea {

class ReorderBuffer {
  public:
    // A NACK's answer takes a round trip, sometimes two; who has not come by then will not come.
    static constexpr Duration kPatience = 500ms;

    // deliver(const RecordedPacket&, Bytes payload, bool after_gap), in order, for this packet and those it had kept waiting.
    template <class F>
    void push(const RecordedPacket& packet, Bytes payload, F&& deliver) {
        if (!next_ || packet.epoch != epoch_) {
            if (next_ && packet.epoch < epoch_) return;  // late, of the encoding before
            flush(deliver);
            restart(packet);
        }
        auto sequence = unwrap_sequence(packet.sequence, *next_);
        if (sequence < *next_ - kTooFar || sequence > *next_ + kTooFar) {
            flush(deliver);
            restart(packet);
            sequence = *next_;
        }
        if (sequence < *next_) return;  // given up, or twice
        if (sequence != *next_) {
            held_.try_emplace(sequence, Held{packet, {payload.begin(), payload.end()}});
            return;
        }
        hand_over(packet, payload, deliver);
        continue_run(deliver);
    }

    // What has waited long enough goes on without what it waited for.
    template <class F>
    void release(Instant now, F&& deliver) {
        while (!held_.empty() && now - held_.begin()->second.packet.arrival >= kPatience) skip_gap(deliver);
    }

    template <class F>
    void flush(F&& deliver) {
        while (!held_.empty()) skip_gap(deliver);
    }

  private:
    static constexpr std::int64_t kTooFar = 3000;  // no loss but a new start of the numbers
    struct Held {
        RecordedPacket packet;
        std::vector<std::uint8_t> payload;
    };

    void restart(const RecordedPacket& packet) {
        gap_ = next_.has_value();
        epoch_ = packet.epoch;
        next_ = packet.sequence;
    }
    template <class F>
    void hand_over(const RecordedPacket& packet, Bytes payload, F&& deliver) {
        deliver(packet, payload, std::exchange(gap_, false));
        ++*next_;
    }
    template <class F>
    void continue_run(F&& deliver) {
        while (!held_.empty() && held_.begin()->first == *next_) {
            const auto held = std::move(held_.extract(held_.begin()).mapped());
            hand_over(held.packet, held.payload, deliver);
        }
    }
    template <class F>
    void skip_gap(F&& deliver) {
        if (held_.begin()->first != *next_) gap_ = true;
        next_ = held_.begin()->first;
        continue_run(deliver);
    }

    std::map<std::int64_t, Held> held_;
    std::optional<std::int64_t> next_;  // unwrapped
    std::uint32_t epoch_ = 0;
    bool gap_ = false;
};

}  // namespace cardea
