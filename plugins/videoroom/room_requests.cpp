// Rooms come and go: answered in the `success` of the request itself.
#include <chrono>

#include "access.hpp"
#include "errors.hpp"
#include "tables.hpp"
#include "videoroom.hpp"

namespace cardea::videoroom {

Room& VideoRoom::make_room(const Json& body) {
    ApiId id = id_from(body["room"]);
    if (id == ApiId{std::uint64_t{0}} || id == ApiId{std::string{}}) id = draw_id(rooms_);
    if (rooms_.contains(id)) refuse(kRoomExists, "Room " + to_text(id) + " already exists");
    Room room;
    room.id = id;
    room.settings = RoomSettings::from(body, id);
    auto& made = rooms_.emplace(id, std::move(room)).first->second;
    host().info("room created", {{"room", to_json(id)}});
    if (made.settings.dummy_publisher) add_dummy(made);
    restart_keyframe_timer(made);
    return made;
}

bool VideoRoom::keep_room(Room& room) {
    room.permanent = store_.put(room.id, room.settings.to_body(room.id));
    if (!room.permanent) host().warn("room cannot be kept", {{"room", to_json(room.id)}});
    return room.permanent;
}

bool VideoRoom::forget_room(const ApiId& id) {
    bool configured = false;
    config()["rooms"].for_each([&](const Json& room) { configured = configured || id_from(room["room"]) == id; });
    const bool forgotten = store_.remove(id, configured);
    if (!forgotten) host().warn("room cannot be forgotten", {{"room", to_json(id)}});
    return forgotten;
}

void VideoRoom::restart_keyframe_timer(Room& room) {
    host().cancel_timer(room.keyframe_timer);
    room.keyframe_timer = {};
    if (room.settings.fir_freq == 0) return;
    const auto delay = std::chrono::seconds{room.settings.fir_freq};
    room.keyframe_timer = host().start_timer(delay, [this, id = room.id] {
        const auto found = rooms_.find(id);
        if (found == rooms_.end()) return;
        for (const auto& [feed, publisher] : found->second.publishers)
            for (const auto& stream : publisher.streams)
                if (stream.kind == "video" && stream.source != sdk::SourceId::none) host().request_keyframe(stream.source);
        restart_keyframe_timer(found->second);
    });
}

sdk::Reply VideoRoom::on_create(const sdk::Request& request) {
    const auto& body = request.body;
    check_all(kCreateParams, without(body, {"admin_key"}));
    check_key(admin_key_, body, "admin_key");
    // Janus makes such a room and lets everybody in.
    if (body["signed_tokens"].boolean() && !host().check_token({}, {}))
        refuse(kInvalidElement, "Invalid element (signed_tokens needs a token_auth_secret in the configuration)");
    check_rec_dir(std::string{body["rec_dir"].text()});
    auto& room = make_room(body);
    const bool kept = body["permanent"].boolean() && keep_room(room);
    note(request.handle, room, "created");
    return Json{{"videoroom", "created"}, {"room", to_json(room.id)}, {"permanent", kept}};
}

sdk::Reply VideoRoom::on_edit(const sdk::Request& request) {
    const auto& body = request.body;
    check(kRoomParams, body);
    auto& room = room_of(body);
    check(kEditParams, body);
    check_secret(room, body);
    check_rec_dir(std::string{body["new_rec_dir"].text()});
    room.settings.edit(body);
    if (body.has("new_fir_freq")) restart_keyframe_timer(room);
    const bool kept = body["permanent"].boolean() && keep_room(room);
    note(request.handle, room, "edited");
    return Json{{"videoroom", "edited"}, {"room", to_json(room.id)}, {"permanent", kept}};
}

sdk::Reply VideoRoom::on_destroy(const sdk::Request& request) {
    const auto& body = request.body;
    check(kRoomParams, body);
    auto& room = room_of(body);
    check(kDestroyParams, body);
    check_secret(room, body);
    const auto id = room.id;
    const auto event = Json{{"videoroom", "destroyed"}, {"room", to_json(id)}};
    for (auto& [feed, publisher] : room.publishers) {
        end_forwarding(publisher);
        if (publisher.is_remote()) host().close_remote(publisher.remote);
    }
    auto handles = room.publisher_handles();
    for (const auto& [handle, subscriber] : room.subscribers) handles.push_back(handle);
    host().cancel_timer(room.keyframe_timer);
    note(request.handle, room, "destroyed");
    rooms_.erase(id);
    host().push_event_to(handles, event);
    for (const auto handle : handles) {
        participant(handle).role = Role::gone;
        host().hangup(handle, "Close PC");
    }
    const bool forgotten = body["permanent"].boolean() && forget_room(id);
    host().info("room destroyed", {{"room", to_json(id)}, {"participants", handles.size()}});
    return Json{{"videoroom", "destroyed"}, {"room", to_json(id)}, {"permanent", forgotten}};
}

sdk::Reply VideoRoom::on_exists(const sdk::Request& request) {
    check(kRoomParams, request.body);
    const auto id = id_from(request.body["room"]);
    return Json{{"videoroom", "success"}, {"room", to_json(id)}, {"exists", rooms_.contains(id)}};
}

sdk::Reply VideoRoom::on_list(const sdk::Request& request) {
    check(kListParams, request.body);
    const bool sees_private = request.body.has("admin_key") && !admin_key_.empty();
    if (sees_private) check_key(admin_key_, request.body, "admin_key");
    auto list = Json::array();
    for (const auto& [id, room] : rooms_)
        if (sees_private || !room.settings.is_private) list.push(room.list_entry());
    return Json{{"videoroom", "success"}, {"list", list}};
}

}  // namespace cardea::videoroom
