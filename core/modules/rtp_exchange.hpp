// The RTP of one plugin outside of its peer connections: forwarders of its sources, and publishers of other gateways, whose sources
// it routes like any. On the plugin's thread.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "cardea/json.hpp"
#include "modules/peer_session.hpp"
#include "modules/rtp_wishes.hpp"

namespace cardea {

class RtpExchange {
  public:
    using Directory = std::unordered_map<SourceId, KnownSource>;
    // directory: every source of the plugin; those of remote publishers are entered here.
    RtpExchange(PeerServices& services, Directory& directory) : services_{services}, directory_{directory} {}
    ~RtpExchange();
    RtpExchange(const RtpExchange&) = delete;
    RtpExchange& operator=(const RtpExchange&) = delete;

    // As the functions of cardea_plugin_host of these names. Error codes: a cardea_status.
    [[nodiscard]] Result<Json> forward(SourceId source, const Json& wish);
    [[nodiscard]] bool stop_forwarding(ForwarderId forwarder);
    [[nodiscard]] Result<Json> open_remote(const Json& wish);
    [[nodiscard]] Result<Json> update_remote(RemoteId remote, const Json& wish);
    [[nodiscard]] bool close_remote(RemoteId remote);

    // Sources have come and gone: the forwarders of those that are not in the directory have ended.
    void forget_ended();

  private:
    struct Forwarder {
        SourceId source;
        WorkerIndex worker = 0;
    };
    struct Remote {
        WorkerIndex worker = 0;
        std::string group;
        std::vector<SourceConfig> sources;
    };
    [[nodiscard]] std::vector<SourceConfig> give_ids(const Remote& remote, std::vector<RemoteStream>& streams) const;
    void enter(Remote& remote, std::vector<SourceConfig> sources);
    [[nodiscard]] static Json media_json(const Remote& remote);

    PeerServices& services_;
    Directory& directory_;
    std::map<ForwarderId, Forwarder> forwarders_;
    std::map<RemoteId, Remote> remotes_;
};

}  // namespace cardea
