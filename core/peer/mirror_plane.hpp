// How a worker reaches the others for sources that have legs there. Every call only queues and returns; commands of one worker to another
// keep their order and are never dropped, packets may be, as on a network.
#pragma once

#include <cstdint>
#include <functional>

#include "base/clock.hpp"
#include "base/packet_lane.hpp"
#include "base/strong_id.hpp"
#include "proto/rtp/rtp_header.hpp"

namespace cardea {

class PeerHub;

// Of a packet on its way to a mirror source: whose it is, which of its encodings, and what has been read of it.
struct MirrorLabel {
    SourceId source;
    std::uint8_t rank = 0;
    RtpHeader header;
    Instant arrival;
};
using MirrorBatch = PacketBatchOf<MirrorLabel>;
using MirrorLane = PacketLaneOf<MirrorLabel>;

class MirrorPlane {
  public:
    virtual ~MirrorPlane() = default;
    virtual void post(std::uint32_t worker, std::function<void(PeerHub&, Instant)> command) = 0;
    // Takes what is in the batch, all or nothing; false: that worker is too far behind. The batch is empty afterwards.
    virtual bool push(std::uint32_t worker, MirrorBatch& batch) = 0;
};

}  // namespace cardea
