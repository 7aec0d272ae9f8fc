// Into a room as a publisher, who may publish or only listen to what happens.
#include "errors.hpp"
#include "tables.hpp"
#include "videoroom.hpp"

namespace cardea::videoroom {

sdk::Reply VideoRoom::on_join(const sdk::Request& request) {
    const auto& body = request.body;
    refuse_newcomer(request.handle);
    check(kRoomParams, body);
    auto& room = room_of(body);
    check_pin(room, body);
    check(kPtypeParams, body);
    const auto ptype = body["ptype"].text();
    if (ptype == "publisher") {
        check(kJoinParams, body);
        return join_publisher(request);
    }
    if (ptype == "subscriber" || ptype == "listener") return join_subscriber(request);
    refuse(kInvalidElement, "Invalid element (ptype)");
}

sdk::Reply VideoRoom::on_join_and_configure(const sdk::Request& request) {
    const auto& body = request.body;
    if (participant(request.handle).role == Role::subscriber) refuse(kInvalidRequest, "Unknown request 'joinandconfigure'");
    refuse_newcomer(request.handle);
    check(kRoomParams, body);
    auto& wished = room_of(body);
    check_pin(wished, body);
    check(kPtypeParams, body);
    if (body["ptype"].text() != "publisher") refuse(kInvalidElement, "Invalid element (joinandconfigure is for publishers)");
    check(kJoinParams, body);
    check(kPublishParams, body);
    auto joined = join_publisher(request);
    Room* room = nullptr;
    auto* publisher = publisher_of(request.handle, &room);
    try {
        const auto ticket = request.has_offer() ? negotiate_publisher(*room, *publisher, request) : sdk::Ticket::none;
        apply_publisher_settings(*room, *publisher, body);
        if (!request.has_offer()) return joined;
        const auto json = room->publisher_json(*publisher);
        joined.set("audio_codec", json["audio_codec"]).set("video_codec", json["video_codec"]).set("streams", json["streams"]);
        return {joined, ticket};
    } catch (...) {
        leave_publisher(request.handle, Departure::left);  // joined and configured, or neither
        participant(request.handle) = {};
        throw;
    }
}

Json VideoRoom::join_publisher(const sdk::Request& request) {
    const auto& body = request.body;
    auto& room = room_of(body);
    check_token(room, body);
    ApiId id = id_from(body["id"]);
    if (!body.has("id") || id == ApiId{std::uint64_t{0}}) {
        id = draw_id(room.publishers);
    } else if (room.publishers.contains(id)) {
        refuse(kIdExists, "User ID " + to_text(id) + " already exists");
    }
    Publisher joining{.handle = request.handle, .id = id, .private_id = host().random_id() & 0xffffffffU,
                      .display = std::string{body["display"].text()}, .metadata = body["metadata"], .streams = {},
                      .bitrate = room.settings.bitrate, .record = room.settings.record, .record_file = {}};
    participant(request.handle) = {Role::publisher, room.id, id};
    auto& publisher = room.publishers.emplace(id, std::move(joining)).first->second;
    publisher.audio_active_packets = body["audio_active_packets"].unsigned_integer();
    publisher.audio_level_average = body["audio_level_average"].unsigned_integer();
    host().info("publisher joined", {{"room", to_json(room.id)}, {"feed", to_json(id)}, {"handle", sdk::raw(request.handle)},
                                     {"participants", room.publishers.size()}});
    note(request.handle, room, "joined", [&](Json& json) {
        json.set("id", to_json(id)).set("private_id", publisher.private_id);
        if (!publisher.display.empty()) json.set("display", publisher.display);
        json.set("metadata", publisher.metadata);
    });
    auto publishers = Json::array();
    auto attendees = Json::array();
    for (const auto& [other_id, other] : room.publishers) {
        if (other_id == id) continue;
        if (other.up) {
            publishers.push(room.publisher_json(other));
        } else if (room.settings.notify_joining) {
            attendees.push(other.attendee_json());
        }
    }
    if (room.settings.notify_joining) notify_others(room, publisher, room.event().set("joining", publisher.attendee_json()));
    auto joined = Json{{"videoroom", "joined"}, {"room", to_json(room.id)}, {"description", room.settings.description},
                       {"id", to_json(id)}, {"private_id", publisher.private_id}, {"publishers", publishers}};
    if (room.settings.notify_joining) joined.set("attendees", attendees);
    if (publisher.audio_active_packets > 0) joined.set("audio_active_packets", publisher.audio_active_packets);
    if (publisher.audio_level_average > 0) joined.set("audio_level_average", publisher.audio_level_average);
    return joined;
}

}  // namespace cardea::videoroom
