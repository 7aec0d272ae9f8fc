// The configuration of the core, typed. Defaults stand in one place only: the table in core_table.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "cardea/json.hpp"
#include "config/address_prefix.hpp"
#include "config/node.hpp"
#include "config/validate.hpp"

namespace cardea::config {

struct Announce {
    SocketAddress local;                   // port 0: every worker's port
    std::vector<SocketAddress> announced;  // port 0: the local port
};

struct MediaSection {
    std::uint32_t workers{};             // 0: one per core of the affinity mask
    std::uint16_t base_port{};           // worker k listens on base_port + k; 0: any free port
    std::vector<std::string> addresses;  // numeric; empty: every address of the host but loopback and link-local
    std::vector<Announce> announce;
    Duration consent_timeout{};
    Duration dtls_timeout{};
    Duration no_media_timer{};
    std::uint32_t slow_link_threshold{};  // lost packets in a second; 0: never
    Duration twcc_period{};
    Duration statistics_period{};
    std::string srtp;          // "openssl", "libsrtp2" or "ipsec-mb"
    std::string srtp_require;  // "": any profile
    std::uint32_t peers_per_worker{};
    std::uint32_t worker_capacity{};  // packets per second
};

struct ModulesSection {
    enum class OnError : std::uint8_t { warn, exit };
    std::vector<std::string> enable;
    std::string folder;      // empty: beside the executable
    std::string config_dir;  // empty: no module has a file of its own
    OnError on_error{};
    std::string staging_dir;  // empty: below the state directory
};

struct LimitsSection {
    std::size_t message_bytes{};
    std::size_t message_fragments{};
    Duration message_time{};
    std::size_t json_depth{};
    std::size_t sdp_bytes{};
    std::size_t sdp_lines{};
    std::size_t handles_per_connection{};
    std::size_t requests_per_handle{};
    std::size_t requests_per_connection{};
    std::size_t outbox_soft{};
    std::size_t outbox_hard{};
    std::size_t outbox_trusted{};
    Duration outbox_stall{};
    std::size_t connections_per_address{};  // 0: no limit; trusted addresses have none
    std::vector<AddressPrefix> trusted;
};

struct ApiSection {
    std::string secret;  // empty: none needed
    bool token_auth{};
    std::string token_auth_secret;  // empty: stored tokens, not signed ones
    std::map<std::string, std::set<std::string>> tokens;  // token -> packages; empty: every one
    Duration session_timeout{};     // 0: never
    Duration reclaim_session_timeout{};
    Duration candidates_timeout{};
    std::string server_name;
    bool opaque_id_in_api{};
};

// RTP outside of peer connections.
struct RemoteSection {
    std::uint16_t first_port{}, last_port{};
    std::string address;  // empty: the first media address
    std::vector<AddressPrefix> allow;
    std::size_t forwarders{};
};

struct LogSection {
    log::Level level{};
    std::string file;  // empty: standard error
    bool json{};
};

struct TlsSection {
    std::string certificate;  // both empty: self-signed in the state directory
    std::string key;
};

struct RecordingSection {
    std::vector<std::string> roots;  // absolute; empty: below the state directory
    std::string format;              // "mkv" or "mjr"
};

struct CoreOptions {
    ModulesSection modules;
    MediaSection media;
    LimitsSection limits;
    ApiSection api;
    RemoteSection remote;
    LogSection log;
    TlsSection tls;
    RecordingSection recording;
    std::string state_dir;     // empty: chosen by the daemon
    std::string pages_folder;  // empty: html of the installation
};

// The table of all of it, one entry a section.
[[nodiscard]] ParamTable core_table() noexcept;

// `json` comes from validate(core_table()); `root` says where things were written. Checks what a table cannot say.
[[nodiscard]] CoreOptions core_options(const Json& json, const Node& root, Problems& problems);

}  // namespace cardea::config
