// Clients, the order of checks, and the bounds. The verbs are in verbs.cpp, what comes from plugins in plugin_events.cpp.
#include "api/api.hpp"

#include <utility>

#include "api/errors.hpp"
#include "base/log.hpp"

namespace cardea::api {
namespace {

constexpr std::string_view kTimedOut = "it was silent for too long";

std::int64_t unix_seconds() { return std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()).count(); }

}  // namespace

Api::Api(ApiOptions options, Clock clock)
    : options_{std::move(options)}, clock_{std::move(clock)}, authenticator_{options_.auth}, events_{options_.facts.server_name} {}

void Api::add_plugin(PluginPort& plugin) { plugins_[plugin.identity().package] = &plugin; }
void Api::add_transport(TransportPort& transport) { transports_.push_back(&transport); }

// ---- clients -----------------------------------------------------------------------------------------------------------

void Api::on_client_open(TransportPort& transport, ClientId client) { tables_.clients[client].transport = &transport; }

void Api::on_message(ClientId client, Json message) {
    const auto found = tables_.clients.find(client);
    if (found == tables_.clients.end()) return;
    auto* transport = found->second.transport;
    if (dispatch(client, message) == Progress::answered) transport->message_done(client);
}

void Api::on_unparsable(ClientId client, std::string reason) {
    const auto found = tables_.clients.find(client);
    if (found == tables_.clients.end()) return;
    send(client, error_reply({invalid_json, "JSON error: " + reason}, {}, std::nullopt));
    found->second.transport->message_done(client);
}

void Api::on_client_gone(ClientId client) {
    const auto found = tables_.clients.find(client);
    if (found == tables_.clients.end()) return;
    const auto sessions = std::move(found->second.sessions);
    tables_.clients.erase(found);
    for (const auto id : sessions) {
        if (options_.reclaim_session_timeout == 0s) {
            end_session(id, "its connection is gone");
        } else if (const auto session = tables_.sessions.find(id); session != tables_.sessions.end()) {
            session->second.client_gone_at = clock_();
        }
    }
}

void Api::send_text(ClientId client, std::string_view json) {
    const auto found = tables_.clients.find(client);
    if (found != tables_.clients.end()) found->second.transport->send(client, json);
}

// ---- the order of checks -----------------------------------------------------------------------------------------------

Api::Progress Api::dispatch(ClientId client, const Json& message) {
    const auto envelope = parse_envelope(message);
    if (!envelope) {
        send(client, error_reply(envelope.error().error, {}, envelope.error().transaction));
        return Progress::answered;
    }
    const auto progress = run(client, *envelope);
    if (progress) return *progress;
    send(client, error_reply(progress.error(), envelope->session, envelope->transaction));
    return Progress::answered;
}

Result<Api::Progress> Api::run(ClientId client, const Envelope& request) {
    if (!request.session.is_set() && !request.handle.is_set()) return run_without_session(client, request);
    if (!request.session.is_set()) return fail(session_not_found, "Invalid session");
    if (!authenticator_.may_use(request.json, unix_seconds()))
        return fail(unauthorized, "Unauthorized request (wrong or missing secret/token)");
    return run_in_session(client, request);
}

Result<Api::Progress> Api::run_without_session(ClientId client, const Envelope& request) {
    const Caller caller{client, request};
    if (request.verb == "info") return on_info(caller);
    if (request.verb == "ping") {
        send(client, reply("pong", request));
        return Progress::answered;
    }
    if (request.verb != "create") return fail(invalid_request_path, "Unhandled request '" + request.verb + "' at this path");
    if (!authenticator_.may_use(request.json, unix_seconds()))
        return fail(unauthorized, "Unauthorized request (wrong or missing secret/token)");
    return on_create(caller);
}

Result<Api::Progress> Api::run_in_session(ClientId client, const Envelope& request) {
    const auto session = tables_.sessions.find(request.session);
    if (session == tables_.sessions.end())
        return fail(session_not_found, "No such session " + std::to_string(request.session.value));
    session->second.last_activity = clock_();
    Caller caller{client, request, &session->second};
    if (request.handle.is_set()) {
        const auto handle = tables_.handles.find(request.handle);
        const bool known = handle != tables_.handles.end() && handle->second.session == request.session && !handle->second.detaching;
        if (!known)
            return fail(handle_not_found, "No such handle " + std::to_string(request.handle.value) + " in session " +
                                              std::to_string(request.session.value));
        caller.handle = &handle->second;
    }
    const auto verb = verbs().find(request.verb);
    if (verb == verbs().end()) return fail(unknown_request, "Unknown request '" + request.verb + "'");
    using Level = VerbEntry::Level;
    const auto level = verb->second.level;
    const bool at_its_place = level == Level::either || (level == Level::handle) == (caller.handle != nullptr);
    if (!at_its_place) return fail(invalid_request_path, "Unhandled request '" + request.verb + "' at this path");
    return (this->*verb->second.run)(caller);
}

Result<PluginPort*> Api::plugin_for(const Envelope& request) const {
    const auto name = request.json["plugin"];
    if (!name) return missing("plugin");
    if (!name.is_string()) return wrong_type("plugin", "a string");
    for (const auto* text : {"opaque_id", "token"})
        if (const auto value = request.json[text]; value && !value.is_string()) return wrong_type(text, "a string");
    if (const auto index = request.json["loop_index"]; index && !index.is_integer())
        return wrong_type("loop_index", "an integer");
    const std::string package{name.text()};
    const auto found = plugins_.find(package);
    if (found == plugins_.end()) return fail(plugin_not_found, "No such plugin '" + package + "'");
    if (!authenticator_.may_attach(request.json, package, unix_seconds()))
        return fail(unauthorized_plugin, "Provided token can't access plugin '" + package + "'");
    return found->second;
}

// ---- sessions ----------------------------------------------------------------------------------------------------------

void Api::end_session(SessionId id, std::string_view why) {
    const auto found = tables_.sessions.find(id);
    if (found == tables_.sessions.end()) return;
    const auto session = std::move(found->second);
    tables_.sessions.erase(found);
    log::info("session ended", log::kv("session", id), log::kv("why", why), log::kv("handles", session.handles.size()));
    if (const auto client = tables_.clients.find(session.client); client != tables_.clients.end()) client->second.sessions.erase(id);
    for (const auto handle_id : session.handles) {
        auto& handle = tables_.handles.at(handle_id);
        handle.session = {};
        if (std::exchange(handle.detaching, true)) continue;
        handle.plugin->detach(handle_id);
    }
    tell_session(id, why == kTimedOut ? "timeout" : "destroyed", nullptr, {});
    update_counts();
}

void Api::sweep(Instant now) {
    std::vector<SessionId> silent;
    std::vector<SessionId> unclaimed;
    for (const auto& [id, session] : tables_.sessions) {
        if (session.client_gone_at && now - *session.client_gone_at >= options_.reclaim_session_timeout) unclaimed.push_back(id);
        else if (options_.session_timeout > 0s && now - session.last_activity >= options_.session_timeout) silent.push_back(id);
    }
    for (const auto id : unclaimed) end_session(id, "nobody claimed it");
    for (const auto id : silent) {
        send(tables_.sessions.at(id).client, {{"janus", "timeout"}, {"session_id", id.value}});
        end_session(id, kTimedOut);
    }
}

void Api::shut_down() {
    accepting_ = false;
    for (auto& [id, handle] : tables_.handles)
        if (!std::exchange(handle.detaching, true)) handle.plugin->detach(id);
}

void Api::close_clients() {
    for (const auto& [id, client] : tables_.clients) client.transport->close(id);
}

void Api::update_counts() noexcept {
    session_count_.store(tables_.sessions.size(), std::memory_order_relaxed);
    handle_count_.store(tables_.handles.size(), std::memory_order_relaxed);
}

std::size_t Api::handles_of(ClientId client) const {
    const auto found = tables_.clients.find(client);
    if (found == tables_.clients.end()) return 0;
    std::size_t count = 0;
    for (const auto id : found->second.sessions) count += tables_.sessions.at(id).handles.size();
    return count;
}

// ---- bounds ------------------------------------------------------------------------------------------------------------

void Api::count(RequestId id, const Pending& pending) {
    tables_.requests.emplace(id, pending);
    auto& handle = tables_.handles.at(pending.handle);
    ++handle.unanswered;
    if (handle.unanswered < options_.requests_per_handle || handle.held.is_set()) return;
    handle.held = pending.client;
    auto& client = tables_.clients.at(pending.client);
    if (++client.full_handles == 1) client.transport->hold(pending.client, true);
}

void Api::uncount(Pending& pending) {
    if (!std::exchange(pending.counted, false)) return;
    if (const auto client = tables_.clients.find(pending.client); client != tables_.clients.end())
        client->second.transport->message_done(pending.client);
    const auto found = tables_.handles.find(pending.handle);
    if (found == tables_.handles.end()) return;
    auto& handle = found->second;
    --handle.unanswered;
    if (!handle.held.is_set() || handle.unanswered > options_.requests_per_handle / 2) return;
    const auto held = std::exchange(handle.held, {});
    const auto client = tables_.clients.find(held);
    if (client != tables_.clients.end() && --client->second.full_handles == 0) client->second.transport->hold(held, false);
}

}  // namespace cardea::api
