#include "modules/rtp_exchange.hpp"

#include <algorithm>

#include "cardea/abi.h"
#include "modules/placing.hpp"

namespace cardea {
namespace {

// A source of another codec is another source: whoever watched it has to negotiate anew.
bool is_same_stream(const ReceiveTrack& a, const ReceiveTrack& b) {
    if (a.mid != b.mid || a.kind != b.kind || a.payload_types.size() != b.payload_types.size()) return false;
    return a.payload_types.empty() || a.payload_types.front().codec == b.payload_types.front().codec;
}

}  // namespace

RtpExchange::~RtpExchange() {
    for (const auto& [id, forwarder] : forwarders_) services_.media.stop_forwarding(forwarder.worker, id);
    for (const auto& [id, remote] : remotes_) {
        services_.media.close_remote(remote.worker, id);
        services_.media.release(remote.group, remote.worker);
    }
}

Result<Json> RtpExchange::forward(SourceId source, const Json& json) {
    const auto known = directory_.find(source);
    if (known == directory_.end()) return fail(CARDEA_NOT_FOUND, "no such source");
    auto wish = forward_wish(json);
    if (!wish) return tl::unexpected{wish.error()};
    const auto id = services_.router.new_forwarder_id();
    wish->config.id = id;
    wish->config.source = source;
    Json out{{"forwarder", id.value}, {"host", wish->host}, {"port", unsigned{wish->port}}};
    if (wish->config.payload_type) out.set("pt", unsigned{*wish->config.payload_type});
    if (wish->config.ssrc) out.set("ssrc", wish->config.ssrc->value);
    if (wish->config.encoding) out.set("substream", unsigned{*wish->config.encoding});
    if (wish->config.keys) out.set("srtp", true);
    const auto rtcp_port = wish->rtcp_port;
    const auto worker = known->second.worker;
    const auto route = services_.media.forward(worker, std::move(*wish));
    if (!route) return tl::unexpected{route.error()};
    if (rtcp_port != 0) out.set("rtcp_port", unsigned{rtcp_port}).set("local_rtcp_port", unsigned{route->local_port});
    forwarders_[id] = {source, worker};
    return out;
}

bool RtpExchange::stop_forwarding(ForwarderId id) {
    const auto found = forwarders_.find(id);
    if (found == forwarders_.end()) return false;
    services_.media.stop_forwarding(found->second.worker, id);
    forwarders_.erase(found);
    return true;
}

void RtpExchange::forget_ended() {
    for (auto next = forwarders_.begin(); next != forwarders_.end();) {
        const auto [id, forwarder] = *next++;
        if (!directory_.contains(forwarder.source)) static_cast<void>(stop_forwarding(id));
    }
}

std::vector<SourceConfig> RtpExchange::give_ids(const Remote& remote, std::vector<RemoteStream>& streams) const {
    std::vector<SourceConfig> sources;
    for (auto& stream : streams) {
        const auto known = std::find_if(remote.sources.begin(), remote.sources.end(),
                                        [&](const SourceConfig& source) { return is_same_stream(source.track, stream.track); });
        sources.push_back({known == remote.sources.end() ? services_.router.new_source_id() : known->id, std::move(stream.track)});
    }
    return sources;
}

void RtpExchange::enter(Remote& remote, std::vector<SourceConfig> sources) {
    for (const auto& source : remote.sources) directory_.erase(source.id);
    remote.sources = std::move(sources);
    for (const auto& source : remote.sources) {
        const auto& types = source.track.payload_types;
        directory_[source.id] = KnownSource{source.track.kind, types.empty() ? PayloadType{} : types.front(), remote.worker,
                                            source.track.mid, source.track.mindex};
    }
    forget_ended();
}

Json RtpExchange::media_json(const Remote& remote) {
    auto media = Json::array();
    for (const auto& [id, track] : remote.sources) {
        Json entry{{"mid", track.mid}, {"mindex", unsigned{track.mindex}}, {"kind", to_text(track.kind)}, {"source", id.value}};
        if (!track.payload_types.empty()) {
            entry.set("codec", to_text(track.payload_types.front().codec));
            if (!track.payload_types.front().fmtp.empty()) entry.set("fmtp", track.payload_types.front().fmtp);
        }
        media.push(std::move(entry));
    }
    return media;
}

Result<Json> RtpExchange::open_remote(const Json& json) {
    auto wish = remote_wish(json);
    if (!wish) return tl::unexpected{wish.error()};
    auto streams = remote_streams(json["streams"]);
    if (!streams) return tl::unexpected{streams.error()};
    const auto id = services_.router.new_remote_id();
    Remote remote;
    remote.group = json["group"] ? group_text(json["group"]) : "remote:" + std::to_string(id.value);
    remote.worker = services_.media.place(remote.group, load_of(json["streams"]));
    auto sources = give_ids(remote, *streams);
    wish->id = id;
    wish->sources = sources;
    const auto ports = services_.media.open_remote(remote.worker, std::move(*wish));
    if (!ports) {
        services_.media.release(remote.group, remote.worker);
        return tl::unexpected{ports.error()};
    }
    auto& opened = remotes_.emplace(id, std::move(remote)).first->second;
    enter(opened, std::move(sources));
    return Json{{"remote", id.value},
                {"ip", ports->ip},
                {"port", unsigned{ports->port}},
                {"rtcp_port", unsigned{ports->rtcp_port}},
                {"media", media_json(opened)}};
}

Result<Json> RtpExchange::update_remote(RemoteId id, const Json& json) {
    const auto found = remotes_.find(id);
    if (found == remotes_.end()) return fail(CARDEA_NOT_FOUND, "no such remote publisher");
    auto streams = remote_streams(json["streams"]);
    if (!streams) return tl::unexpected{streams.error()};
    auto& remote = found->second;
    auto sources = give_ids(remote, *streams);
    services_.media.update_remote(remote.worker, id, sources);
    enter(remote, std::move(sources));
    return Json{{"media", media_json(remote)}};
}

bool RtpExchange::close_remote(RemoteId id) {
    const auto found = remotes_.find(id);
    if (found == remotes_.end()) return false;
    enter(found->second, {});
    services_.media.close_remote(found->second.worker, id);
    services_.media.release(found->second.group, found->second.worker);
    remotes_.erase(found);
    return true;
}

}  // namespace cardea
