// What event handlers are told of sessions, handles and peer connections. Nothing is built that nobody wants.
#include "api/api.hpp"
#include "proto/sdp/redacted.hpp"

namespace cardea::api {
namespace {

EventAbout about(HandleId id, const Handle& handle) { return {handle.told_session, id, handle.opaque_id}; }

Json media_event(const Json& told) {
    Json event{{"media", told["type"].text()}, {"mid", told["mid"].text()}, {"receiving", told["receiving"].boolean()}};
    for (const auto* optional : {"substream", "seconds"})
        if (const auto value = told[optional]) event.set(optional, value);
    return event;
}

}  // namespace

void Api::tell_session(SessionId session, const char* name, const TransportPort* transport, ClientId client) {
    if (!events_.wants(EventKind::session)) return;
    Json event{{"name", name}};
    if (transport != nullptr)
        event.set("transport", {{"transport", transport->identity().package}, {"id", std::to_string(client.value)}});
    events_.emit(EventKind::session, 0, {.session = session}, event);
}

void Api::tell_handle(HandleId id, const Handle& handle, const char* name) {
    if (!events_.wants(EventKind::handle)) return;
    Json event{{"name", name}, {"plugin", handle.plugin->identity().package}};
    if (!handle.opaque_id.empty()) event.set("opaque_id", handle.opaque_id);
    events_.emit(EventKind::handle, 0, about(id, handle), event);
}

void Api::tell_description(HandleId id, const Handle& handle, const char* owner, const Json& jsep) {
    if (!events_.wants(EventKind::jsep)) return;
    events_.emit(EventKind::jsep, 0, about(id, handle),
                 {{"owner", owner}, {"jsep", {{"type", jsep["type"].text()}, {"sdp", redacted(jsep["sdp"].text())}}}});
}

void Api::tell_core_event(HandleId id, const Handle& handle, const Json& told) {
    const auto name = told["janus"].text();
    const auto emit = [&](EventKind kind, int subtype, const Json& event) { events_.emit(kind, subtype, about(id, handle), event); };
    if (events_.wants(EventKind::webrtc)) {
        if (name == "webrtcup") emit(EventKind::webrtc, event_subtype::kPeerConnection, {{"connection", "webrtcup"}});
        if (name == "hangup")
            emit(EventKind::webrtc, event_subtype::kPeerConnection, {{"connection", "hangup"}, {"reason", told["reason"].text()}});
    }
    if (!events_.wants(EventKind::media)) return;
    if (name == "media") emit(EventKind::media, event_subtype::kReceiving, media_event(told));
    if (name == "slowlink")
        emit(EventKind::media, event_subtype::kSlowLink,
             {{"media", told["media"].text()}, {"mid", told["mid"].text()},
              {"slow_link", told["uplink"].boolean() ? "uplink" : "downlink"}, {"lost_lastsec", told["lost"].integer()}});
}

void Api::on_telemetry(HandleId id, EventKind kind, int subtype, Json event) {
    const auto found = tables_.handles.find(id);
    if (found != tables_.handles.end())
        events_.emit(kind, subtype, about(id, found->second), event);
    else if (!id.is_set())
        events_.emit(kind, subtype, {}, event);
}

}  // namespace cardea::api
