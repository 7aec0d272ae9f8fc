// The verbs of the API: one function each. The order of checks before them is in api.cpp.
#include "api/api.hpp"
#include "api/errors.hpp"
#include "base/log.hpp"
#include "base/random.hpp"

namespace cardea::api {

const std::map<std::string_view, Api::VerbEntry>& Api::verbs() {
    using Level = VerbEntry::Level;
    static const std::map<std::string_view, VerbEntry> table{
        {"keepalive", {&Api::on_keepalive, Level::either}}, {"attach", {&Api::on_attach, Level::session}},
        {"destroy", {&Api::on_destroy, Level::session}},    {"claim", {&Api::on_claim, Level::either}},
        {"detach", {&Api::on_detach, Level::handle}},       {"hangup", {&Api::on_hangup, Level::handle}},
        {"message", {&Api::on_message_verb, Level::handle}}, {"trickle", {&Api::on_trickle, Level::handle}}};
    return table;
}

Json Api::server_info_json() const {
    auto facts = options_.facts;
    facts.session_timeout = options_.session_timeout;
    facts.reclaim_session_timeout = options_.reclaim_session_timeout;
    facts.api_secret = authenticator_.needs_secret();
    facts.auth_token = authenticator_.needs_token();
    facts.opaque_id_in_api = options_.opaque_id_in_api;
    facts.accepting = accepting_;
    std::vector<const ModuleIdentity*> plugins;
    for (const auto& [package, plugin] : plugins_) plugins.push_back(&plugin->identity());
    std::vector<const ModuleIdentity*> transports;
    for (const auto* transport : transports_) transports.push_back(&transport->identity());
    return server_info(facts, {plugins, transports, event_handlers_});
}

Result<Api::Progress> Api::on_info(const Caller& caller) {
    Json answer{{"janus", "server_info"}, {"transaction", caller.request.transaction}};
    server_info_json().for_each_member([&](std::string_view key, const Json& value) { answer.set(std::string{key}.c_str(), value); });
    send(caller.client, answer);
    return Progress::answered;
}

Result<Api::Progress> Api::on_create(const Caller& caller) {
    if (!accepting_) return fail(not_accepting_sessions, "Not accepting new sessions");
    const auto wished = caller.request.json["id"];
    SessionId id{random_id53()};
    if (wished && !wished.is_null()) {
        if (!wished.is_integer() || wished.integer() < 0) return wrong_type("id", "a positive integer");
        if (wished.integer() > 0) id = SessionId{wished.unsigned_integer()};
        if (tables_.sessions.contains(id)) return fail(session_conflict, "Session ID already in use");
    }
    while (tables_.sessions.contains(id)) id = SessionId{random_id53()};
    tables_.sessions.emplace(id, Session{caller.client, clock_(), std::nullopt, {}});
    tables_.clients.at(caller.client).sessions.insert(id);
    update_counts();
    log::info("session created", log::kv("session", id), log::kv("client", caller.client), log::kv("sessions", tables_.sessions.size()));
    tell_session(id, "created", tables_.clients.at(caller.client).transport, caller.client);
    auto success = reply("success", caller.request);
    send(caller.client, std::move(success.begin_object("data").id("id", id).end_object()));
    return Progress::answered;
}

Result<Api::Progress> Api::on_keepalive(const Caller& caller) {
    send(caller.client, reply("ack", caller.request));
    return Progress::answered;
}

Result<Api::Progress> Api::on_attach(const Caller& caller) {
    const auto plugin = plugin_for(caller.request);
    if (!plugin) return tl::unexpected{plugin.error()};
    if (handles_of(caller.session->client) >= options_.handles_per_connection)
        return fail(plugin_attach, "Couldn't attach to plugin: too many handles on this connection");
    HandleId id{random_id53()};
    while (tables_.handles.contains(id)) id = HandleId{random_id53()};
    Handle handle;
    handle.session = caller.request.session;
    handle.told_session = caller.request.session;
    handle.plugin = *plugin;
    handle.opaque_id = caller.request.json["opaque_id"].text();
    tables_.handles.emplace(id, std::move(handle));
    caller.session->handles.insert(id);
    tables_.attaching.emplace(id, Pending{caller.client, caller.request.session, id, caller.request.transaction});
    update_counts();
    (*plugin)->attach(id);
    return Progress::deferred;
}

Result<Api::Progress> Api::on_destroy(const Caller& caller) {
    end_session(caller.request.session, "destroyed by the client");
    send(caller.client, reply("success", caller.request));
    return Progress::answered;
}

Result<Api::Progress> Api::on_claim(const Caller& caller) {
    auto& session = *caller.session;
    if (const auto owner = tables_.clients.find(session.client); owner != tables_.clients.end())
        owner->second.sessions.erase(caller.request.session);
    session.client = caller.client;
    session.client_gone_at.reset();
    tables_.clients.at(caller.client).sessions.insert(caller.request.session);
    send(caller.client, reply("success", caller.request));
    return Progress::answered;
}

Result<Api::Progress> Api::on_detach(const Caller& caller) {
    caller.handle->detaching = true;
    send(caller.client, reply("success", caller.request));
    caller.handle->plugin->detach(caller.request.handle);
    return Progress::answered;
}

Result<Api::Progress> Api::on_hangup(const Caller& caller) {
    caller.handle->plugin->hangup(caller.request.handle, "Janus API");
    send(caller.client, reply("success", caller.request));
    return Progress::answered;
}

Result<Api::Progress> Api::on_message_verb(const Caller& caller) {
    const auto& json = caller.request.json;
    const auto body = json["body"];
    if (!body) return missing("body");
    if (!body.is_object()) return wrong_type("body", "an object");
    const auto jsep = json["jsep"];
    if (jsep) {
        if (!jsep.is_object()) return fail(invalid_json_object, "Invalid jsep object");
        if (auto good = check_jsep(jsep); !good) return tl::unexpected{good.error()};
    }
    const RequestId id{++last_request_};
    const bool async = caller.handle->plugin->answer_kind(body) == AnswerKind::async;
    count(id, {caller.client, caller.request.session, caller.request.handle, caller.request.transaction});
    if (async) expect_event(id, *caller.handle);
    // With a jsep the ack waits until the plugin's thread has found it good: a bad one is refused in its place.
    const bool ack_now = async && !jsep;
    if (ack_now) on_ack(id);
    if (jsep) tell_description(caller.request.handle, *caller.handle, "remote", jsep);
    caller.handle->plugin->request({caller.request.handle, id, ack_now, body, jsep});
    return Progress::deferred;
}

// Candidates are not needed: the gateway is ICE-lite and learns a client's address from its checks. So they are checked
// for form and acknowledged at any time, late and stale ones too.
Result<Api::Progress> Api::on_trickle(const Caller& caller) {
    if (auto good = check_trickle(caller.request.json); !good) return tl::unexpected{good.error()};
    send(caller.client, reply("ack", caller.request));
    return Progress::answered;
}

}  // namespace cardea::api
