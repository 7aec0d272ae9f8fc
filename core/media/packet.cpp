#include "media/packet.hpp"

#include "base/assert.hpp"

namespace cardea {

PacketPool::~PacketPool() { CARDEA_ASSERT(in_use() == 0); }

PacketRef PacketPool::take() {
    if (free_.empty()) {
        if (made_ >= limit_) return {};
        blocks_.push_back(std::make_unique<Packet[]>(kBlock));
        made_ += kBlock;
        free_.reserve(made_);  // so that giving back never allocates
        for (std::size_t i = 0; i < kBlock; ++i) {
            blocks_.back()[i].pool = this;
            free_.push_back(&blocks_.back()[i]);
        }
    }
    Packet* packet = free_.back();
    free_.pop_back();
    packet->size = 0;
    return PacketRef{packet};
}

}  // namespace cardea
