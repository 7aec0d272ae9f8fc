// What event handlers are told of a peer once per period: counters of its sources and sinks, merged by m-line, with what changed
// since the last time. Gathered only when somebody wants it.
#pragma once

#include <memory>
#include <vector>

#include "media/sink.hpp"
#include "media/source.hpp"
#include "peer/peer_config.hpp"

namespace cardea {

class PeerStatistics {
  public:
    struct Peer {
        const std::vector<std::unique_ptr<Source>>& sources;
        const std::vector<std::unique_ptr<Sink>>& sinks;
        Duration round_trip{};
        std::uint64_t remb = 0;
    };
    [[nodiscard]] const std::vector<TrackStatistics>& collect(const Peer& peer);

  private:
    [[nodiscard]] TrackStatistics& entry(std::vector<TrackStatistics>& list, const std::string& mid, std::uint8_t layer) const;
    void add_source(std::vector<TrackStatistics>& list, Source& source, const Peer& peer) const;
    void add_sink(std::vector<TrackStatistics>& list, const Sink& sink) const;
    void compare(TrackStatistics& track) const;

    std::vector<TrackStatistics> last_;
};

}  // namespace cardea
