// All tracks of a publisher in one Matroska file with one clock.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "proto/rtp/codec/frame_assembler.hpp"
#include "recording/frame_clock.hpp"
#include "recording/matroska_writer.hpp"
#include "recording/recording_output.hpp"
#include "recording/reorder_buffer.hpp"

namespace cardea {

class MatroskaRecording final : public RecordingOutput {
  public:
    MatroskaRecording(MediaFile file, Instant began, WallTime wall, std::uint64_t uid)
        : writer_{std::move(file), wall, uid}, began_{began} {}

    void add_track(std::shared_ptr<RecordedTrack> track, MediaFile) override;
    void on_packet(const RecordedPacket& packet, Bytes payload) override;
    void on_tick(Instant now) override;
    void end_track(RecordedTrackId id) override;
    void finish() override;
    [[nodiscard]] DiskProblem problem() const override { return writer_.file().problem(); }
    [[nodiscard]] std::uint64_t bytes() const override { return writer_.file().size(); }

  private:
    struct Track {
        std::shared_ptr<RecordedTrack> shared;
        ReorderBuffer reorder;
        FrameClock clock;
        Codec codec = Codec::unknown;
        std::optional<FrameAssembler> assembler;
        std::optional<std::uint8_t> number;  // in the file; of this codec
        std::optional<PictureSize> size;
        std::uint8_t quarter_turns = 0;  // of the newest picture
        RecordedPacket head, previous;  // first packets of the newest frame and of the one before
        Instant keyframe_asked{};
        bool has_packets = false;  // since the last tick
        bool is_refused = false;   // a codec this format has not, or too many tracks
    };
    struct Pending {
        MatroskaWriter::Milliseconds time;
        std::uint8_t track;
        bool keyframe;
        std::vector<std::uint8_t> data;
    };
    void take(Track& track, const RecordedPacket& packet, Bytes payload, bool after_gap);
    void take_frame(Track& track, const EncodedFrame& frame);
    [[nodiscard]] bool use_codec(Track& track, Codec codec);
    [[nodiscard]] bool enter(Track& track);
    void queue(Pending block);
    void write_until(MatroskaWriter::Milliseconds time);
    void ask_for_keyframe(Track& track, Instant now);

    MatroskaWriter writer_;
    Instant began_;
    Instant flushed_{};
    std::map<RecordedTrackId, Track> tracks_;
    std::vector<Pending> pending_;  // by time
};

}  // namespace cardea
