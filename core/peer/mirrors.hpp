// Sources that have legs on other workers than their own. At home a tap sends each packet once per such worker; there a mirror source,
// with a store, layer state and keyframe requests of its own, feeds the legs as any source does: a leg only ever sees a source of its
// own worker. Owned by the hub, one thread; the two sides speak through MirrorPlane.
//
// A mirror goes when it has had no leg for a while. The side that has it says how many routes have reached it, and home ends it only if it
// has sent no more than those: a route on its way would find nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "media/packet.hpp"
#include "peer/mirror_plane.hpp"
#include "peer/peer_config.hpp"
#include "proto/rtp/remote_clock.hpp"

namespace cardea {

class Mirror;
class MirrorTap;
class Source;

// What a mirror source is made of.
struct MirrorState {
    struct KnownEncoding {
        Ssrc ssrc;
        Ssrc rtx_ssrc;
        std::string rid;
        SourceClock clock;
    };
    SourceConfig config;  // without encodings: these are told by rank, whatever their SSRCs were before
    bool active = true;
    RemoteClock remote_clock;
    std::vector<KnownEncoding> encodings;
};

class Mirrors {
  public:
    Mirrors(PeerHub& hub, MirrorPlane* plane);  // without a plane there is one worker only
    ~Mirrors();

    // At home. A leg of another worker wants this source; order: see PeerHub::route_in_order.
    void feed(Instant now, SourceId source, std::uint32_t worker, SinkId sink, std::uint64_t order);
    void source_changed(SourceId source);
    void end_idle(SourceId source, std::uint32_t worker, std::uint64_t routes);
    void source_ended(SourceId source);
    void flush();

    // Where the mirror is.
    void serve(Instant now, std::uint32_t home, MirrorState state, SinkId sink, std::uint64_t order);
    void update(SourceId source, MirrorState state);
    void close(SourceId source);
    void on_packet(Instant now, const MirrorLabel& label, const PacketRef& packet);

    void on_timer(Instant now);
    [[nodiscard]] Instant next_timer() const noexcept { return next_timer_; }
    [[nodiscard]] std::size_t count() const noexcept { return mirrors_.size(); }

  private:
    friend class Mirror;
    friend class MirrorTap;
    void add_outgoing(std::uint32_t worker, const MirrorLabel& label, Bytes packet);
    void arm(Instant at) noexcept { next_timer_ = std::min(next_timer_, at); }
    void post_state(const MirrorTap& tap, const Source& source);

    PeerHub& hub_;
    MirrorPlane* plane_;
    std::vector<std::unique_ptr<MirrorTap>> taps_;
    struct Outgoing {
        std::uint32_t worker;
        MirrorBatch batch;
    };
    std::vector<Outgoing> outgoing_;  // one for each worker that has had mirrors of ours
    std::unordered_map<SourceId, std::unique_ptr<Mirror>> mirrors_;
    Instant next_timer_ = Instant::max();
};

}  // namespace cardea
