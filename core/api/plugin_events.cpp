// What plugins answer and tell, on its way to the client.
#include <algorithm>
#include <utility>

#include "api/api.hpp"
#include "api/errors.hpp"
#include "base/log.hpp"

namespace cardea::api {
namespace {

// A plugin that never answers must not collect transactions.
constexpr std::size_t kMaxOpenEvents = 256;

}  // namespace

void Api::on_attached(HandleId id, bool accepted) {
    const auto found = tables_.attaching.find(id);
    if (found == tables_.attaching.end()) return;
    const auto pending = std::move(found->second);
    tables_.attaching.erase(found);
    const bool session_lives = tables_.sessions.contains(pending.session);
    if (!accepted) {
        tables_.handles.erase(id);
        if (session_lives) tables_.sessions.at(pending.session).handles.erase(id);
        update_counts();
        send(pending.client, error_reply({plugin_attach, "Couldn't attach to plugin: error '-1'"}, pending.session, pending.transaction));
    } else if (session_lives) {
        const auto& handle = tables_.handles.at(id);
        log::info("handle attached", log::kv("session", pending.session), log::kv("handle", id),
                  log::kv("plugin", handle.plugin->identity().name), log::kv("opaque_id", handle.opaque_id));
        tell_handle(id, handle, "attached");
        MessageText success{"success"};
        success.id("session_id", pending.session).text("transaction", pending.transaction).begin_object("data").id("id", id).end_object();
        send(pending.client, std::move(success));
    } else {
        send(pending.client, error_reply({session_not_found, "No such session " + std::to_string(pending.session.value)},
                                         pending.session, pending.transaction));
    }
    if (const auto client = tables_.clients.find(pending.client); client != tables_.clients.end())
        client->second.transport->message_done(pending.client);
}

void Api::on_detached(HandleId id) {
    const auto found = tables_.handles.find(id);
    if (found == tables_.handles.end()) return;
    notify(id, found->second, {{"janus", "detached"}});
    tell_handle(id, found->second, "detached");
    // Those that still count are refused by the plugin's runtime, which comes after this.
    for (const auto request : found->second.open_events)
        if (const auto open = tables_.requests.find(request); open != tables_.requests.end() && !open->second.counted)
            tables_.requests.erase(open);
    if (const auto held = tables_.clients.find(found->second.held); held != tables_.clients.end() && --held->second.full_handles == 0)
        held->second.transport->hold(held->first, false);
    if (const auto session = tables_.sessions.find(found->second.session); session != tables_.sessions.end())
        session->second.handles.erase(id);
    tables_.handles.erase(id);
    update_counts();
}

void Api::on_ack(RequestId id) {
    const auto found = tables_.requests.find(id);
    if (found == tables_.requests.end()) return;
    const auto& pending = found->second;
    MessageText ack{"ack"};
    send(pending.client, std::move(ack.id("session_id", pending.session).text("transaction", pending.transaction)));
}

void Api::on_reply(RequestId id, JsonText data) {
    const auto found = tables_.requests.find(id);
    if (found == tables_.requests.end()) return;
    const auto handle = tables_.handles.find(found->second.handle);
    if (handle != tables_.handles.end()) {
        const auto& pending = found->second;
        MessageText success{"success"};
        success.id("session_id", pending.session).id("sender", pending.handle).text("transaction", pending.transaction);
        add_said(success, handle->second, data);
        send(pending.client, std::move(success));
    }
    forget(id);
}

void Api::on_refused(RequestId id, int code, std::string text) {
    const auto found = tables_.requests.find(id);
    if (found == tables_.requests.end()) return;
    const auto& pending = found->second;
    send(pending.client, error_reply({code, std::move(text)}, pending.session, pending.transaction));
    forget(id);
}

void Api::on_done(RequestId id) {
    const auto found = tables_.requests.find(id);
    if (found == tables_.requests.end()) return;
    uncount(found->second);
    const auto handle = tables_.handles.find(found->second.handle);
    const auto answered = [&] {
        const auto& open = handle->second.open_events;
        return std::find(open.begin(), open.end(), id) == open.end();
    };
    if (handle == tables_.handles.end() || answered()) tables_.requests.erase(found);
}

void Api::on_event(HandleId id, RequestId request, JsonText data, Json jsep) {
    const auto found = tables_.handles.find(id);
    if (found == tables_.handles.end()) return;
    auto& handle = found->second;
    MessageText event{"event"};
    auto& open = handle.open_events;
    if (const auto answered = std::find(open.begin(), open.end(), request); answered != open.end()) {
        auto pending = tables_.requests.find(request);
        event.text("transaction", pending->second.transaction);
        open.erase(answered);
        if (!pending->second.counted) tables_.requests.erase(pending);
    }
    if (jsep) event.json("jsep", jsep.dump());
    if (const auto session = tables_.sessions.find(handle.session); session != tables_.sessions.end()) {
        event.id("session_id", handle.session).id("sender", id);
        add_said(event, handle, data);
        send(session->second.client, std::move(event));
    }
    // Every candidate stands in the SDP already: say at once that none will follow.
    if (jsep) tell_description(id, handle, "local", jsep);
    if (jsep) notify(id, handle, {{"janus", "trickle"}, {"candidate", {{"completed", true}}}});
}

void Api::on_core_event(HandleId id, Json event) {
    const auto found = tables_.handles.find(id);
    if (found == tables_.handles.end()) return;
    tell_core_event(id, found->second, event);
    notify(id, found->second, std::move(event));
}

void Api::notify(HandleId id, const Handle& handle, Json event) {
    const auto session = tables_.sessions.find(handle.session);
    if (session == tables_.sessions.end()) return;
    event.set("session_id", handle.session.value).set("sender", id.value);
    if (options_.opaque_id_in_api && !handle.opaque_id.empty()) event.set("opaque_id", handle.opaque_id);
    send(session->second.client, event);
}

void Api::add_said(MessageText& message, const Handle& handle, const JsonText& data) const {
    if (options_.opaque_id_in_api && !handle.opaque_id.empty()) message.text("opaque_id", handle.opaque_id);
    message.begin_object("plugindata").text("plugin", handle.plugin->identity().package).json("data", data.text).end_object();
}

void Api::expect_event(RequestId id, Handle& handle) {
    handle.open_events.push_back(id);
    if (handle.open_events.size() <= kMaxOpenEvents) return;
    const auto oldest = tables_.requests.find(handle.open_events.front());
    handle.open_events.pop_front();
    if (oldest != tables_.requests.end() && !oldest->second.counted) tables_.requests.erase(oldest);
}

void Api::forget(RequestId id) {
    const auto found = tables_.requests.find(id);
    uncount(found->second);
    if (const auto handle = tables_.handles.find(found->second.handle); handle != tables_.handles.end())
        std::erase(handle->second.open_events, id);
    tables_.requests.erase(found);
}

}  // namespace cardea::api
