// What a recording is written as: one Matroska file, or Janus' file per m-line. On the disk thread only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "recording/media_file.hpp"
#include "recording/packet_ring.hpp"
#include "recording/recorded_track.hpp"

namespace cardea {

class RecordingOutput {
  public:
    RecordingOutput() = default;
    RecordingOutput(const RecordingOutput&) = delete;
    RecordingOutput& operator=(const RecordingOutput&) = delete;
    virtual ~RecordingOutput() = default;

    // file: for outputs that keep one per track.
    virtual void add_track(std::shared_ptr<RecordedTrack> track, MediaFile file) = 0;
    virtual void on_packet(const RecordedPacket& packet, Bytes payload) = 0;
    virtual void on_tick(Instant now) = 0;
    // No more packets of this track: what waits for others goes on.
    virtual void end_track(RecordedTrackId id) = 0;
    virtual void finish() = 0;
    [[nodiscard]] virtual DiskProblem problem() const = 0;
    [[nodiscard]] virtual std::uint64_t bytes() const = 0;
};

}  // namespace cardea
