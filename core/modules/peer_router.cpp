#include "modules/peer_router.hpp"

namespace cardea {

void PeerRouter::add(PeerId peer, PeerObserver& observer) {
    const std::lock_guard lock{mutex_};
    observers_[peer] = &observer;
}

void PeerRouter::remove(PeerId peer) {
    const std::lock_guard lock{mutex_};
    observers_.erase(peer);
}

template <class F>
void PeerRouter::with(PeerId peer, F&& call) {
    // Held during the call: after remove() has returned no worker is inside the observer.
    const std::lock_guard lock{mutex_};
    if (const auto found = observers_.find(peer); found != observers_.end()) call(*found->second);
}

void PeerRouter::on_webrtc_up(PeerId peer) {
    with(peer, [&](PeerObserver& to) { to.on_webrtc_up(peer); });
}
void PeerRouter::on_hangup(PeerId peer, const std::string& reason, const std::string& detail) {
    with(peer, [&](PeerObserver& to) { to.on_hangup(peer, reason, detail); });
}
void PeerRouter::on_media(PeerId peer, const MediaStateEvent& event) {
    with(peer, [&](PeerObserver& to) { to.on_media(peer, event); });
}
void PeerRouter::on_slow_link(PeerId peer, const SlowLinkEvent& event) {
    with(peer, [&](PeerObserver& to) { to.on_slow_link(peer, event); });
}
void PeerRouter::on_layers(PeerId peer, const LayersEvent& event) {
    with(peer, [&](PeerObserver& to) { to.on_layers(peer, event); });
}
void PeerRouter::on_talking(PeerId peer, const TalkingEvent& event) {
    with(peer, [&](PeerObserver& to) { to.on_talking(peer, event); });
}
void PeerRouter::on_progress(PeerId peer, const PeerProgress& progress) {
    with(peer, [&](PeerObserver& to) { to.on_progress(peer, progress); });
}
void PeerRouter::on_statistics(PeerId peer, const std::vector<TrackStatistics>& tracks) {
    with(peer, [&](PeerObserver& to) { to.on_statistics(peer, tracks); });
}

}  // namespace cardea
