// The simulator's command lines, one answer each:
//   set up|down|both KEY VALUE     loss, delay, jitter, reorder, duplicate, rate, queue (as link_model.hpp has them)
//   block|unblock up|down|both     every datagram of that direction
//   stun drop|pass up|down|both    connectivity checks alone
//   rebind                         all clients get a new source port towards the target
//   stats                          counters
//   quit
#pragma once

#include <string>

#include "relay.hpp"

namespace cardea::link {

struct ControlAnswer {
    Json json;
    bool quit = false;
};
[[nodiscard]] ControlAnswer run_command(Relay& relay, const std::string& line);

}  // namespace cardea::link
