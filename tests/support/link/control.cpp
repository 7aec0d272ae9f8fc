#include "control.hpp"

#include <sstream>

namespace cardea::link {
namespace {

std::vector<LinkSettings*> directions(Relay& relay, const std::string& name) {
    if (name == "up") return {&relay.up().settings()};
    if (name == "down") return {&relay.down().settings()};
    if (name == "both") return {&relay.up().settings(), &relay.down().settings()};
    return {};
}

Json outcome(bool ok) { return Json{{"ok", ok}}; }

}  // namespace

ControlAnswer run_command(Relay& relay, const std::string& line) {
    std::istringstream words{line};
    std::string verb, second, third;
    words >> verb >> second >> third;
    if (verb == "quit") return {relay.stats(), true};
    if (verb == "stats") return {relay.stats()};
    if (verb == "rebind") {
        relay.rebind();
        return {outcome(true)};
    }
    bool ok = false;
    if (verb == "set") {
        double value = 0;
        const bool number = static_cast<bool>(words >> value);
        for (auto* settings : directions(relay, second)) ok = number && change(*settings, third, value);
    } else if (verb == "block" || verb == "unblock") {
        for (auto* settings : directions(relay, second)) settings->blocked = verb == "block", ok = true;
    } else if (verb == "stun" && (second == "drop" || second == "pass")) {
        for (auto* settings : directions(relay, third)) settings->drops_stun = second == "drop", ok = true;
    }
    return {outcome(ok)};
}

}  // namespace cardea::link
