// What a worker hands to other threads, and they to it: packets of data channels, packets of a recording.
#pragma once

#include "common.hpp"
#include "recording/packet_ring.hpp"
#include "runtime/data_inbox.hpp"
#include "base/packet_lane.hpp"

namespace cardea::bench {

// As many packets are pushed as a turn takes, then taken.
class LanePushAndTake {
  public:
    static constexpr int kWarmUp = 16;
    static constexpr std::size_t kPackets = 16;
    std::size_t step() {
        for (std::size_t i = 0; i < kPackets; ++i)
            if (!lane_.push(PeerId{1}, packet_)) return 0;
        lane_.take_all(taken_);
        std::size_t count = 0;
        for (; !taken_.empty(); ++count) last_ = taken_.take().packet.size();
        return count;
    }

  private:
    PacketLane lane_{1024 * 1024};
    PacketBatch taken_;
    std::vector<std::uint8_t> packet_ = std::vector<std::uint8_t>(kVideoPayload);
    volatile std::size_t last_ = 0;
};

class InboxPushAndTake {
  public:
    static constexpr int kWarmUp = 16;
    static constexpr std::size_t kPackets = 16;
    std::size_t step() {
        for (std::size_t i = 0; i < kPackets; ++i) inbox_.push(PeerId{1}, packet_, budget_);
        inbox_.take_all(taken_);
        std::size_t count = 0;
        for (; !taken_.packets.empty(); ++count) last_ = taken_.packets.take().packet.size();
        return count;
    }

  private:
    DataInbox inbox_;
    DataBudget budget_;
    DataInbox::Contents taken_;
    std::vector<std::uint8_t> packet_ = std::vector<std::uint8_t>(kVideoPayload);
    volatile std::size_t last_ = 0;
};

class RecordingRing {
  public:
    static constexpr int kWarmUp = 1024;
    std::size_t step() {
        if (!ring_.push({.track = 1, .arrival = kBegin, .sequence = ++sequence_}, payload_)) return 0;
        ring_.drain([this](const RecordedPacket& packet, Bytes) { last_ = packet.sequence; });
        return last_ == sequence_ ? 1 : 0;
    }

  private:
    PacketRing ring_{1024 * 1024};
    std::vector<std::uint8_t> payload_ = std::vector<std::uint8_t>(kVideoPayload);
    std::uint16_t sequence_ = 0;
    std::uint16_t last_ = 0;
};

}  // namespace cardea::bench
