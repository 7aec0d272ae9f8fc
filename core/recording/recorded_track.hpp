// One recorded m-line, as worker and disk thread share it: who it is, and three flags between them.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/strong_id.hpp"
#include "proto/rtp/media_types.hpp"

namespace cardea {

using RecordingId = StrongId<struct RecordingTag, std::uint64_t>;          // never reused
using RecordedTrackId = StrongId<struct RecordedTrackTag, std::uint64_t>;  // never reused

struct RecordedTrack {
    RecordedTrackId id;
    RecordingId recording;
    MediaKind kind = MediaKind::audio;
    std::string mid;
    std::uint8_t mindex = 0;
    std::string description;
    bool e2ee = false;

    std::atomic<bool> is_over{false};         // the disk thread takes no more of it
    std::atomic<bool> wants_keyframe{false};  // it cannot go on without
    std::atomic<std::uint64_t> dropped{0};    // packets that found the ring full
};

}  // namespace cardea
