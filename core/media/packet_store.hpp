// The packets of one encoding that a NACK may still ask for: a ring by sequence number, one per source, shared by all legs. Each holds a
// slot of 2 KiB, so they go when they are too old to be of use, not when the ring is full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "media/packet.hpp"
#include "proto/rtp/sequence.hpp"

namespace cardea {

class PacketStore {
  public:
    // A screen that changes once a second: what was lost is asked for only when the next picture comes.
    static constexpr int kAlways = 32;

    // capacity: a power of two, more than kAlways. longest: how long a packet is kept while others arrive.
    PacketStore(std::size_t capacity, Duration longest) : ring_(capacity), longest_{longest} {}

    void put(const PacketRef& packet) {
        const auto sequence = packet->header.sequence;
        make_room(sequence);
        auto& place = slot(sequence);
        if (place && is_newer_sequence(place->header.sequence, sequence)) return;  // it came too late to be of use
        place = packet;
        // As a signed number: a late one may have come after what is newer.
        for (; static_cast<std::int16_t>(sequence - oldest_) >= kAlways; ++oldest_) {
            auto& old = slot(oldest_);
            if (!old || old->header.sequence != oldest_) continue;  // lost
            if (packet->arrival - old->arrival < longest_) return;
            old = PacketRef{};
        }
    }
    // Null when it was never there or is there no more.
    [[nodiscard]] PacketRef find(std::uint16_t sequence) const {
        const auto& packet = ring_[sequence & (ring_.size() - 1)];
        return packet && packet->header.sequence == sequence ? packet : PacketRef{};
    }
    void clear() {
        for (auto& packet : ring_) packet = PacketRef{};
        is_empty_ = true;
    }

  private:
    PacketRef& slot(std::uint16_t sequence) { return ring_[sequence & (ring_.size() - 1)]; }
    // Afterwards oldest_ is no further than the ring's size before, and nothing that is kept is older.
    void make_room(std::uint16_t sequence) {
        const auto ahead = static_cast<std::uint16_t>(sequence - oldest_);
        const auto behind = static_cast<std::uint16_t>(oldest_ - sequence);
        if (!is_empty_ && ahead < ring_.size()) return;
        if (!is_empty_ && ahead < 2 * ring_.size()) {
            for (const auto first = static_cast<std::uint16_t>(sequence - ring_.size() + 1); oldest_ != first; ++oldest_)
                if (auto& old = slot(oldest_); old && old->header.sequence == oldest_) old = PacketRef{};
            return;
        }
        // One that was lost and came late; or the stream begins anew somewhere else.
        if (is_empty_ || behind >= ring_.size()) clear();
        is_empty_ = false;
        oldest_ = sequence;
    }

    std::vector<PacketRef> ring_;
    Duration longest_;
    std::uint16_t oldest_ = 0;
    bool is_empty_ = true;
};

}  // namespace cardea
