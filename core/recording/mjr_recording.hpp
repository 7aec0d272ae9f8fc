// Janus' own format: the packets of one m-line in one file, for janus-pp-rec and the tools built on it.
#pragma once

#include <map>
#include <vector>

#include "proto/rtp/rewriter.hpp"
#include "recording/recording_output.hpp"

namespace cardea {

class MjrRecording final : public RecordingOutput {
  public:
    explicit MjrRecording(WallTime created) : created_{created} {}

    void add_track(std::shared_ptr<RecordedTrack> track, MediaFile file) override;
    void on_packet(const RecordedPacket& packet, Bytes payload) override;
    void on_tick(Instant now) override;
    void end_track(RecordedTrackId id) override;
    void finish() override;
    [[nodiscard]] DiskProblem problem() const override;
    [[nodiscard]] std::uint64_t bytes() const override;

  private:
    struct Track {
        std::shared_ptr<RecordedTrack> shared;
        MediaFile file;
        std::optional<RtpRewriter> rewriter;  // from the first packet on
        Instant began{};
        Codec codec = Codec::unknown;
    };
    void begin(Track& track, const RecordedPacket& packet);
    void close(Track& track);

    WallTime created_;
    Instant flushed_{};
    std::map<RecordedTrackId, Track> tracks_;
    std::uint64_t closed_bytes_ = 0;
    DiskProblem closed_problem_ = DiskProblem::none;
};

}  // namespace cardea
