// The packets of one encoding that a NACK may still ask for: a ring by sequence number, one per source, shared by all legs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "media/packet.hpp"

namespace cardea {

class PacketStore {
  public:
    // capacity: a power of two.
    explicit PacketStore(std::size_t capacity) : ring_(capacity) {}

    void put(const PacketRef& packet) { slot(packet->header.sequence) = packet; }
    // Null when it was never there or has been overwritten.
    [[nodiscard]] PacketRef find(std::uint16_t sequence) const {
        const auto& packet = ring_[sequence & (ring_.size() - 1)];
        return packet && packet->header.sequence == sequence ? packet : PacketRef{};
    }
    void clear() {
        for (auto& packet : ring_) packet = PacketRef{};
    }

  private:
    PacketRef& slot(std::uint16_t sequence) { return ring_[sequence & (ring_.size() - 1)]; }
    std::vector<PacketRef> ring_;
};

}  // namespace cardea
