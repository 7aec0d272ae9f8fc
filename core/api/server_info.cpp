#include "api/server_info.hpp"

#include <jansson.h>
#include <openssl/crypto.h>

namespace cardea::api {
namespace {

// Clients read feature levels out of this number: 1000 is the multistream API, 1100 remote publishers.
constexpr int kApiVersion = 1400;
constexpr int kDtlsMtu = 1200;
constexpr int kMinNackQueueMs = 200;

// The Nextcloud signaling server refuses to start with a gateway that has none.
constexpr bool kDataChannels = true;

std::int64_t seconds(Duration d) { return std::chrono::duration_cast<std::chrono::seconds>(d).count(); }
std::int64_t milliseconds(Duration d) { return std::chrono::duration_cast<std::chrono::milliseconds>(d).count(); }

Json module_map(const std::vector<const ModuleIdentity*>& modules) {
    auto map = Json::object();
    for (const auto* module : modules)
        map.set(module->package.c_str(), {{"name", module->title},
                                          {"author", module->author},
                                          {"description", module->description},
                                          {"version_string", module->version},
                                          {"version", module->version_number}});
    return map;
}

}  // namespace

// Hyphens and underscores are mixed as the API has them.
Json server_info(const ServerFacts& f, const LoadedModules& modules) {
    Json info{{"name", "Cardea WebRTC Server"},
              {"version", kApiVersion},
              {"version_string", f.version_string},
              {"author", "The Cardea authors"},
              {"commit-hash", f.commit},
              {"compile-time", f.version_string},
              {"log-to-stdout", !f.log_to_file},
              {"log-to-file", f.log_to_file},
              {"data_channels", kDataChannels},
              {"accepting-new-sessions", f.accepting},
              {"session-timeout", seconds(f.session_timeout)},
              {"reclaim-session-timeout", seconds(f.reclaim_session_timeout)},
              {"candidates-timeout", seconds(f.candidates_timeout)},
              {"server-name", f.server_name},
              {"local-ip", f.local_ip},
              {"ipv6", f.ipv6},
              {"ice-lite", true},
              {"ice-tcp", false},
              {"ice-nomination", "aggressive"},
              {"ice-consent-freshness", true},
              {"ice-keepalive-conncheck", false},
              {"hangup-on-failed", false},
              {"full-trickle", true},
              {"mdns-enabled", false}};
    info.set("min-nack-queue", kMinNackQueueMs)
        .set("nack-optimizations", true)
        .set("no-media-timer", seconds(f.no_media_timer))
        .set("slowlink-threshold", f.slow_link_threshold)
        .set("twcc-period", milliseconds(f.twcc_period))
        .set("dtls-mtu", kDtlsMtu)
        .set("static-event-loops", f.workers)
        .set("api_secret", f.api_secret)
        .set("auth_token", f.auth_token)
        .set("event_handlers", !modules.event_handlers.empty())
        .set("opaqueid_in_api", f.opaque_id_in_api)
        .set("dependencies", {{"jansson", jansson_version_str()}, {"crypto", OpenSSL_version(OPENSSL_VERSION)}})
        .set("transports", module_map(modules.transports))
        .set("events", module_map(modules.event_handlers))
        .set("loggers", Json::object())
        .set("plugins", module_map(modules.plugins));
    return info;
}

}  // namespace cardea::api
