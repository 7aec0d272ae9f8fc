// Events of the media workers find the plugin whose peer it is. Workers call in rarely (a peer comes up, goes, falls
// silent), so a lock is cheap here; nothing per packet passes.
#pragma once

#include <atomic>
#include <mutex>
#include <unordered_map>

#include "peer/peer_config.hpp"

namespace cardea {

class PeerRouter final : public PeerObserver {
  public:
    // The observer's functions only post, and it outlives its registration.
    void add(PeerId peer, PeerObserver& observer);
    void remove(PeerId peer);

    void on_webrtc_up(PeerId peer) override;
    void on_hangup(PeerId peer, const std::string& reason, const std::string& detail) override;
    void on_media(PeerId peer, const MediaStateEvent& event) override;
    void on_slow_link(PeerId peer, const SlowLinkEvent& event) override;
    void on_layers(PeerId peer, const LayersEvent& event) override;
    void on_talking(PeerId peer, const TalkingEvent& event) override;

    [[nodiscard]] bool wants_progress() const noexcept override { return wants_progress_.load(std::memory_order_relaxed); }
    void on_progress(PeerId peer, const PeerProgress& progress) override;
    [[nodiscard]] bool wants_statistics() const noexcept override { return wants_statistics_.load(std::memory_order_relaxed); }
    void on_statistics(PeerId peer, const std::vector<TrackStatistics>& tracks) override;
    // Any thread, at any time.
    void want(bool progress, bool statistics) noexcept {
        wants_progress_.store(progress, std::memory_order_relaxed);
        wants_statistics_.store(statistics, std::memory_order_relaxed);
    }

    // Never given twice in the life of the process.
    [[nodiscard]] PeerId new_peer_id() noexcept { return PeerId{++last_id_}; }
    [[nodiscard]] SourceId new_source_id() noexcept { return SourceId{++last_id_}; }
    [[nodiscard]] SinkId new_sink_id() noexcept { return SinkId{++last_id_}; }
    [[nodiscard]] ForwarderId new_forwarder_id() noexcept { return ForwarderId{++last_id_}; }
    [[nodiscard]] RemoteId new_remote_id() noexcept { return RemoteId{++last_id_}; }

  private:
    template <class F>
    void with(PeerId peer, F&& call);

    std::mutex mutex_;
    std::unordered_map<PeerId, PeerObserver*> observers_;
    std::atomic<std::uint64_t> last_id_{0};
    std::atomic<bool> wants_progress_{false}, wants_statistics_{false};
};

}  // namespace cardea
