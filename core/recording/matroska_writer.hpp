// A Matroska file (RFC 9559) that plays whatever happens: clusters of a few seconds, sizes patched in behind them, tracks in a
// reserved place at the front where new ones are entered as they come. finish() adds what makes seeking quick.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "proto/rtp/codec/payload_assembly.hpp"
#include "proto/rtp/media_types.hpp"
#include "recording/ebml.hpp"
#include "recording/media_file.hpp"

namespace cardea {

struct MatroskaTrack {
    Codec codec = Codec::unknown;
    std::uint8_t channels = 1;
    std::string name;
    StreamSetup setup;              // of video
    std::uint8_t quarter_turns = 0;  // clockwise, to be shown upright
};

class MatroskaWriter {
  public:
    using Milliseconds = std::int64_t;  // since the beginning of the file

    MatroskaWriter(MediaFile file, WallTime began, std::uint64_t uid);

    // The number for blocks. None: no place for its entry.
    [[nodiscard]] std::optional<std::uint8_t> add_track(const MatroskaTrack& track);
    void update_size(std::uint8_t number, PictureSize size);  // pictures have grown

    struct Block {
        std::uint8_t track = 0;
        Milliseconds time = 0;
        bool keyframe = true;
        Bytes data;
    };
    void add(const Block& block);
    void flush() { file_.flush(); }
    void finish();

    [[nodiscard]] const MediaFile& file() const noexcept { return file_; }
    [[nodiscard]] Milliseconds duration() const noexcept { return duration_; }

  private:
    struct Cue {
        Milliseconds time;
        std::uint8_t track;
        std::uint64_t cluster;  // offset in the segment
    };
    void write_front(WallTime began, std::uint64_t uid);
    void write_tracks();
    [[nodiscard]] bool needs_cluster(const Block& block) const noexcept;
    void begin_cluster(const Block& block);
    void end_cluster();
    void write_cues();
    void write_seek_head(std::uint64_t cues);
    [[nodiscard]] bool is_video(std::uint8_t number) const noexcept;

    MediaFile file_;
    std::vector<MatroskaTrack> tracks_;  // [number - 1]
    std::vector<Cue> cues_;
    ebml::Buffer scratch_;
    std::uint64_t segment_ = 0;  // offset of its first element
    std::uint64_t seek_head_ = 0, info_ = 0, duration_at_ = 0, tracks_at_ = 0;
    std::optional<std::uint64_t> cluster_;  // offset of the open one
    Milliseconds cluster_time_ = 0;
    Milliseconds duration_ = 0;
};

}  // namespace cardea
