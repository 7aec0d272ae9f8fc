// Whether media arrives on each m-line: tells starts at once and stops after no_media_timer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "peer/peer_config.hpp"

namespace cardea {

class MediaWatch {
  public:
    explicit MediaWatch(Duration no_media_timer) : timer_{no_media_timer} {}

    // A packet of this m-line. An event when it is the first, or the first after a stop.
    [[nodiscard]] std::optional<MediaStateEvent> on_packet(const ReceiveTrack& track, Instant now) {
        auto& line = line_of(track);
        line.last = now;
        if (line.receiving) return std::nullopt;
        line.receiving = true;
        return MediaStateEvent{.mid = line.mid, .kind = line.kind, .receiving = true};
    }

    // Once a second: the m-lines that have fallen silent.
    [[nodiscard]] std::vector<MediaStateEvent> poll(Instant now) {
        std::vector<MediaStateEvent> events;
        if (timer_ == Duration::zero()) return events;
        for (auto& line : lines_) {
            if (!line.receiving || now - line.last < timer_) continue;
            line.receiving = false;
            const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timer_).count();
            events.push_back({.mid = line.mid, .kind = line.kind, .receiving = false, .seconds = static_cast<std::uint32_t>(seconds)});
        }
        return events;
    }

  private:
    struct Line {
        std::string mid;
        MediaKind kind = MediaKind::audio;
        Instant last{};
        bool receiving = false;
    };
    Line& line_of(const ReceiveTrack& track) {
        for (auto& line : lines_)
            if (line.mid == track.mid) return line;
        return lines_.emplace_back(Line{.mid = track.mid, .kind = track.kind});
    }
    Duration timer_;
    std::vector<Line> lines_;
};

}  // namespace cardea
