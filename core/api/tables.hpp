// What the API keeps: clients, sessions, handles, and requests that are not answered yet. The control thread's alone.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/clock.hpp"
#include "base/strong_id.hpp"
#include "modules/plugin_port.hpp"
#include "modules/transport_port.hpp"

namespace cardea::api {

struct Client {
    TransportPort* transport = nullptr;
    std::set<SessionId> sessions;
    std::size_t full_handles = 0;  // of this client, at their bound of unanswered requests
};

struct Session {
    ClientId client;  // who gets the events
    Instant last_activity;
    std::optional<Instant> client_gone_at;  // waits to be claimed
    std::unordered_set<HandleId> handles;
};

struct Handle {
    SessionId session;  // unset: the session is gone, the plugin still lets go of the handle
    SessionId told_session;  // the same for event handlers, who hear of the handle's end too
    PluginPort* plugin = nullptr;
    std::string opaque_id;
    bool detaching = false;
    std::size_t unanswered = 0;         // requests the plugin has not looked at yet
    ClientId held;                      // set: that client is not read from because of this handle
    std::deque<RequestId> open_events;  // asynchronous requests whose event is still to come
};

// One `message` or `attach` on its way.
struct Pending {
    ClientId client;
    SessionId session;
    HandleId handle;
    std::string transaction;
    bool counted = true;  // against the bounds of its handle and its connection
};

struct Tables {
    std::unordered_map<ClientId, Client> clients;
    std::unordered_map<SessionId, Session> sessions;
    std::unordered_map<HandleId, Handle> handles;
    std::unordered_map<RequestId, Pending> requests;
    std::unordered_map<HandleId, Pending> attaching;
};

}  // namespace cardea::api
