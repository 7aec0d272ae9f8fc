// Who may be in a room, who is, and what a moderator does about it: answered in the `success`.
#include "errors.hpp"
#include "tables.hpp"
#include "videoroom.hpp"

namespace cardea::videoroom {
namespace {

Publisher& user_of(Room& room, const Json& body) {
    const auto id = id_from(body["id"]);
    auto* publisher = room.publisher(id);
    if (publisher == nullptr) refuse(kNoSuchFeed, "No such user " + to_text(id) + " in room " + to_text(room.id));
    return *publisher;
}

}  // namespace

sdk::Reply VideoRoom::on_allowed(const sdk::Request& request) {
    const auto& body = request.body;
    check(kAllowedParams, body);
    auto& room = room_of(body);
    check_secret(room, body);
    auto& settings = room.settings;
    const auto action = body["action"].text();
    if (action == "enable" || action == "disable") {
        settings.check_allowed = action == "enable";
    } else {
        body["allowed"].for_each([&](const Json& token) {
            if (action == "add") settings.allowed.emplace(token.text());
            if (action == "remove") settings.allowed.erase(std::string{token.text()});
        });
    }
    auto reply = Json{{"videoroom", "success"}, {"room", to_json(room.id)}};
    if (action == "disable") return reply;
    auto list = Json::array();
    for (const auto& token : settings.allowed) list.push(token);
    return reply.set("allowed", list);
}

sdk::Reply VideoRoom::on_kick(const sdk::Request& request) {
    const auto& body = request.body;
    check(kKickParams, body);
    auto& room = room_of(body);
    check_secret(room, body);
    auto& publisher = user_of(room, body);
    if (publisher.dummy) refuse(kNoSuchFeed, "Nobody is behind a dummy publisher");
    if (publisher.is_remote()) {
        remove_remote(room, publisher, Departure::kicked);
        return Json{{"videoroom", "success"}};
    }
    const auto handle = publisher.handle;
    host().push_event(handle, room.event().set("leaving", "ok").set("reason", "kicked"));
    leave_publisher(handle, Departure::kicked);
    host().hangup(handle, "Close PC");
    return Json{{"videoroom", "success"}};
}

sdk::Reply VideoRoom::on_moderate(const sdk::Request& request) {
    const auto& body = request.body;
    check(kModerateParams, body);
    auto& room = room_of(body);
    check_secret(room, body);
    auto& publisher = user_of(room, body);
    const auto mid = body["mid"].text();
    auto* stream = publisher.stream(mid);
    if (stream == nullptr) refuse(kNoSuchFeed, "No such stream " + std::string{mid});
    stream->moderated = body["mute"].boolean();
    apply_stream(*stream);
    auto event = room.event().set("id", to_json(publisher.id)).set("mid", mid).set("moderation", stream->moderated ? "muted" : "unmuted");
    notify_all(room, event);
    host().notify_event(publisher.handle, [&] { return event.set("videoroom", "moderated"); });
    host().info("stream moderated", {{"room", to_json(room.id)}, {"feed", to_json(publisher.id)}, {"mid", mid}, {"muted", stream->moderated}});
    return Json{{"videoroom", "success"}};
}

sdk::Reply VideoRoom::on_listparticipants(const sdk::Request& request) {
    check(kRoomParams, request.body);
    const auto& room = room_of(request.body);
    auto list = Json::array();
    for (const auto& [id, publisher] : room.publishers) list.push(room.participant_json(publisher));
    return Json{{"videoroom", "participants"}, {"room", to_json(room.id)}, {"participants", list}};
}

}  // namespace cardea::videoroom
