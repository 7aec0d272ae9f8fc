// What `info` answers.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "cardea/json.hpp"
#include "modules/module_file.hpp"

namespace cardea::api {

struct ServerFacts {
    std::string server_name = "Cardea";
    std::string version_string;  // ours, "0.1.0"
    std::string commit;
    std::string local_ip;
    bool ipv6 = true;
    bool log_to_file = false;
    Duration session_timeout{};
    Duration reclaim_session_timeout{};
    Duration candidates_timeout{};
    Duration no_media_timer{};
    Duration twcc_period{};
    std::uint32_t slow_link_threshold = 0;
    std::uint32_t workers = 1;
    bool api_secret = false;
    bool auth_token = false;
    bool opaque_id_in_api = false;
    bool accepting = true;
};

struct LoadedModules {
    std::vector<const ModuleIdentity*> plugins, transports, event_handlers;
};

[[nodiscard]] Json server_info(const ServerFacts& facts, const LoadedModules& modules);

}  // namespace cardea::api
