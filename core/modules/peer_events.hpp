// What workers tell of peer connections, as events of Janus' stream.
#pragma once

#include "cardea/json.hpp"
#include "peer/peer_config.hpp"

namespace cardea {

struct ProgressEvent {
    int subtype = 0;
    Json event;
};
[[nodiscard]] ProgressEvent progress_event(const PeerProgress& progress);
[[nodiscard]] Json statistics_event(const TrackStatistics& track);

}  // namespace cardea
