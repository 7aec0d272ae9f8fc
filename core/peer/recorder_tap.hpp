// One source being recorded: picks the best simulcast encoding that arrives and hands its packets to the disk thread's ring.
// Lives on the worker of its source.
#pragma once

#include <memory>

#include "media/source_tap.hpp"
#include "recording/recording_service.hpp"

namespace cardea {

class PeerHub;

class RecorderTap final : public SourceTap {
  public:
    RecorderTap(PeerHub& hub, Source& source, std::shared_ptr<RecordedTrack> track, RecordingIntake& intake);
    ~RecorderTap() override;  // tells the disk thread that nothing more comes

    void on_packet(Instant now, Source& source, Encoding& encoding, const PacketRef& packet, SendBatch& batch) override;
    void on_source_gone() noexcept override { source_ = nullptr; }

    [[nodiscard]] RecordedTrackId id() const noexcept { return track_->id; }
    [[nodiscard]] bool is_over() const noexcept { return source_ == nullptr; }

  private:
    [[nodiscard]] bool choose(Source& source, Encoding& arrived, const Packet& packet, Instant now) noexcept;

    PeerHub& hub_;
    Source* source_;
    std::shared_ptr<RecordedTrack> track_;
    RecordingIntake& intake_;
    const Encoding* current_ = nullptr;  // only compared: it may be gone
    std::uint8_t rank_ = 0;
    Ssrc ssrc_{};
    Instant last_packet_{};
    std::uint32_t epoch_ = 0;
};

}  // namespace cardea
