// Room management: answered in the `success` of the request itself.
#include <chrono>

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
    arm_keyframe_timer(made);
    return made;
}

void VideoRoom::arm_keyframe_timer(Room& room) {
    if (room.settings.fir_freq == 0) return;
    const auto delay = std::chrono::seconds{room.settings.fir_freq};
    room.keyframe_timer = host().start_timer(delay, [this, id = room.id] {
        const auto found = rooms_.find(id);
        if (found == rooms_.end()) return;
        for (const auto& [feed, publisher] : found->second.publishers)
            for (const auto& stream : publisher.streams)
                if (stream.kind == "video" && stream.source != sdk::SourceId::none) host().request_keyframe(stream.source);
        arm_keyframe_timer(found->second);
    });
}

sdk::Reply VideoRoom::on_create(const sdk::Request& request) {
    const auto& body = request.body;
    check(kCreateParams, body);
    check_key(admin_key_, body, "admin_key");
    const auto& room = make_room(body);
    return Json{{"videoroom", "created"}, {"room", to_json(room.id)}, {"permanent", false}};
}

sdk::Reply VideoRoom::on_destroy(const sdk::Request& request) {
    check(kDestroyParams, request.body);
    auto& room = room_of(request.body);
    check_key(room.settings.secret, request.body, "secret");
    const auto id = room.id;
    const auto event = Json{{"videoroom", "destroyed"}, {"room", to_json(id)}};
    std::vector<sdk::HandleId> handles;
    for (const auto& [feed, publisher] : room.publishers) handles.push_back(publisher.handle);
    for (const auto& [handle, subscriber] : room.subscribers) handles.push_back(handle);
    host().cancel_timer(room.keyframe_timer);
    rooms_.erase(id);
    for (const auto handle : handles) {
        participant(handle) = {};
        host().push_event(handle, event);
        host().hangup(handle, "Close PC");
    }
    host().info("room destroyed", {{"room", to_json(id)}});
    return Json{{"videoroom", "destroyed"}, {"room", to_json(id)}, {"permanent", false}};
}

sdk::Reply VideoRoom::on_exists(const sdk::Request& request) {
    check(kRoomParams, request.body);
    const auto id = id_from(request.body["room"]);
    return Json{{"videoroom", "success"}, {"room", to_json(id)}, {"exists", rooms_.contains(id)}};
}

sdk::Reply VideoRoom::on_list(const sdk::Request& request) {
    check(kListParams, request.body);
    const auto key = request.body["admin_key"];
    if (key && !admin_key_.empty() && !equal_constant_time(admin_key_, key.text())) refuse(kUnauthorized, "Unauthorized (wrong admin_key)");
    const bool sees_private = key && !admin_key_.empty();
    auto list = Json::array();
    for (const auto& [id, room] : rooms_)
        if (sees_private || !room.settings.is_private) list.push(room.list_entry());
    return Json{{"videoroom", "success"}, {"list", list}};
}

sdk::Reply VideoRoom::on_listparticipants(const sdk::Request& request) {
    check(kRoomParams, request.body);
    const auto& room = room_of(request.body);
    auto list = Json::array();
    for (const auto& [id, publisher] : room.publishers) {
        auto entry = publisher.attendee_json();
        list.push(entry.set("publisher", publisher.up));
    }
    return Json{{"videoroom", "participants"}, {"room", to_json(room.id)}, {"participants", list}};
}

}  // namespace cardea::videoroom
