// What a peer session speaks to, as little of it as will do.
#pragma once

#include <map>
#include <string>

#include "modules/peer_session.hpp"

namespace cardea {

class Nobody final : public PeerObserver {
  public:
    void on_webrtc_up(PeerId) override {}
    void on_hangup(PeerId, const std::string&, const std::string&) override {}
    void on_media(PeerId, const MediaStateEvent&) override {}
    void on_slow_link(PeerId, const SlowLinkEvent&) override {}
};
class Sources final : public SourceDirectory {
  public:
    [[nodiscard]] const KnownSource* find_source(SourceId id) const override {
        const auto found = known.find(id);
        return found == known.end() ? nullptr : &found->second;
    }
    std::map<SourceId, KnownSource> known;
};

}  // namespace cardea
