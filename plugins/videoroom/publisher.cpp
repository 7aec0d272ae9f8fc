// Who joined as a publisher: join, publish, configure, unpublish, leave, and what the others hear of it.
#include <algorithm>

#include "errors.hpp"
#include "tables.hpp"
#include "videoroom.hpp"

namespace cardea::videoroom {
namespace {

Json event_of(const Room& room) { return Json{{"videoroom", "event"}, {"room", to_json(room.id)}}; }

Json strings(const std::vector<std::string>& list) {
    auto json = Json::array();
    for (const auto& item : list) json.push(item);
    return json;
}

// The codecs of a room, or the one of them that this publisher asks for.
Json codecs_for(const std::vector<std::string>& room_codecs, const Json& wish) {
    if (!wish) return strings(room_codecs);
    if (std::find(room_codecs.begin(), room_codecs.end(), wish.text()) == room_codecs.end())
        refuse(kInvalidElement, "Codec " + std::string{wish.text()} + " is not allowed in this room");
    return strings({std::string{wish.text()}});
}

Json publishing_policy(const Room& room, const Json& body) {
    const auto& s = room.settings;
    auto audio = Json{{"direction", "recvonly"}, {"codecs", codecs_for(s.audio_codecs, body["audiocodec"])},
                      {"opus_fec", s.opus_fec}, {"opus_dtx", s.opus_dtx}};
    auto video = Json{{"direction", "recvonly"}, {"codecs", codecs_for(s.video_codecs, body["videocodec"])}};
    if (!s.vp9_profile.empty()) video.set("vp9_profile", s.vp9_profile);
    if (!s.h264_profile.empty()) video.set("h264_profile", s.h264_profile);
    return Json{{"group", room.group()}, {"audio", audio}, {"video", video}, {"data", false},
                {"extensions", Json{{"audio_level", s.audiolevel_ext}, {"video_orientation", s.videoorient_ext},
                                    {"playout_delay", s.playoutdelay_ext}, {"transport_cc", s.transport_wide_cc_ext}}}};
}

Stream stream_from(const sdk::MediaLine& line, const Publisher& publisher) {
    Stream stream{.mid = line.mid, .mindex = line.mindex, .kind = line.kind, .codec = line.codec, .fmtp = line.fmtp, .description = {},
                  .source = line.source, .disabled = line.disabled || line.source == sdk::SourceId::none, .simulcast = line.json["simulcast"]};
    if (const auto* before = publisher.stream(line.mid)) stream.description = before->description;
    return stream;
}

}  // namespace

sdk::Reply VideoRoom::on_join(const sdk::Request& request) {
    const auto role = participant(request.handle).role;
    if (role == Role::publisher) refuse(kAlreadyJoined, "Already in as a publisher on this handle");
    if (role == Role::subscriber) refuse(kAlreadyJoined, "Already in as a subscriber on this handle");
    check(kJoinParams, request.body);
    const auto ptype = request.body["ptype"].text();
    if (ptype == "subscriber" || ptype == "listener") return join_subscriber(request);
    if (ptype != "publisher") refuse(kInvalidElement, "Invalid element (ptype)");
    return join_publisher(request);
}

sdk::Reply VideoRoom::on_join_and_configure(const sdk::Request& request) {
    const auto role = participant(request.handle).role;
    if (role != Role::none) refuse(kAlreadyJoined, "Already in on this handle");
    check(kJoinParams, request.body);
    if (request.body["ptype"].text() != "publisher") refuse(kInvalidElement, "Invalid element (joinandconfigure is for publishers)");
    check(kPublishParams, request.body);
    auto joined = join_publisher(request);
    Room* room = nullptr;
    auto* publisher = publisher_of(request.handle, &room);
    if (!request.has_offer()) return joined;
    try {
        return {joined, negotiate_publisher(*room, *publisher, request)};
    } catch (...) {
        leave_publisher(request.handle, false);  // joined and configured, or neither
        throw;
    }
}

Json VideoRoom::join_publisher(const sdk::Request& request) {
    const auto& body = request.body;
    auto& room = room_of(body);
    check_key(room.settings.pin, body, "pin");
    ApiId id = id_from(body["id"]);
    if (!body.has("id")) {
        id = draw_id(room.publishers);
    } else if (room.publishers.contains(id)) {
        refuse(kIdExists, "User ID " + to_text(id) + " already exists");
    }
    Publisher joining{.handle = request.handle, .id = id, .private_id = host().random_id() & 0xffffffffU,
                      .display = std::string{body["display"].text()}, .metadata = body["metadata"], .streams = {},
                      .bitrate = room.settings.bitrate};
    participant(request.handle) = {Role::publisher, room.id, id};
    const auto& publisher = room.publishers.emplace(id, std::move(joining)).first->second;
    auto publishers = Json::array();
    auto attendees = Json::array();
    for (const auto& [other_id, other] : room.publishers) {
        if (other_id == id) continue;
        if (other.up) {
            publishers.push(other.to_json());
        } else if (room.settings.notify_joining) {
            attendees.push(other.attendee_json());
        }
    }
    if (room.settings.notify_joining) notify_others(room, publisher, event_of(room).set("joining", publisher.attendee_json()));
    auto joined = Json{{"videoroom", "joined"}, {"room", to_json(room.id)}, {"description", room.settings.description},
                       {"id", to_json(id)}, {"private_id", publisher.private_id}, {"publishers", publishers}};
    if (room.settings.notify_joining) joined.set("attendees", attendees);
    return joined;
}

sdk::Reply VideoRoom::on_publish(const sdk::Request& request) {
    Room* room = nullptr;
    auto* publisher = publisher_of(request.handle, &room);
    if (publisher == nullptr) {
        if (participant(request.handle).role == Role::subscriber) refuse(kInvalidRequest, "Unknown request 'publish'");
        refuse(kJoinFirst, "Invalid request on unconfigured participant");
    }
    if (publisher->negotiated) refuse(kAlreadyPublished, "Can't publish, already published");
    return configure_publisher(request);
}

sdk::Reply VideoRoom::on_configure(const sdk::Request& request) {
    switch (participant(request.handle).role) {
        case Role::publisher: return configure_publisher(request);
        case Role::subscriber: return configure_subscriber(request);
        case Role::none: break;
    }
    refuse(kJoinFirst, "Invalid request on unconfigured participant");
}

sdk::Reply VideoRoom::configure_publisher(const sdk::Request& request) {
    const auto& body = request.body;
    check(kPublishParams, body);
    Room* room = nullptr;
    auto* publisher = publisher_of(request.handle, &room);
    if (publisher == nullptr) refuse(kJoinFirst, "Invalid request on unconfigured participant");
    sdk::Ticket ticket{};
    if (request.has_offer()) ticket = negotiate_publisher(*room, *publisher, request);
    if (request.has_answer()) refuse(kInvalidSdpType, "Invalid SDP type (publishers send offers)");
    apply_publisher_settings(*room, *publisher, body);
    auto reply = event_of(*room).set("configured", "ok");
    if (request.has_offer()) {
        const auto json = publisher->to_json();
        reply.set("audio_codec", json["audio_codec"]).set("video_codec", json["video_codec"]).set("streams", publisher->streams_json());
    }
    return {reply, ticket};
}

sdk::Ticket VideoRoom::negotiate_publisher(Room& room, Publisher& publisher, const sdk::Request& request) {
    if (!publisher.negotiated && room.publishing() >= room.settings.publishers)
        refuse(kPublishersFull, "Maximum number of publishers (" + std::to_string(room.settings.publishers) + ") already reached");
    if (room.settings.require_e2ee && !request.media["e2ee"].boolean()) refuse(kUnauthorized, "Room requires end-to-end encrypted media");
    const auto result = host().answer(publisher.handle, publishing_policy(room, request.body));
    if (!result) refuse(kInvalidSdp, result.error());
    std::vector<Stream> streams;
    for (const auto& line : result->media)
        if (line.kind != "data") streams.push_back(stream_from(line, publisher));
    publisher.streams = std::move(streams);
    publisher.negotiated = true;
    request.body["descriptions"].for_each([&](const Json& entry) {
        for (auto& stream : publisher.streams)
            if (stream.mid == entry["mid"].text()) stream.description = entry["description"].text();
    });
    host().limit_bitrate(publisher.handle, publisher.bitrate);
    if (publisher.up) {  // a renegotiation: the others see the new list, watchers of what ended get an offer
        auto list = Json::array();
        list.push(publisher.to_json());
        notify_others(room, publisher, event_of(room).set("publishers", list));
        feed_changed(room, publisher.id);
    }
    return result->ticket;
}

void VideoRoom::apply_publisher_settings(Room& room, Publisher& publisher, const Json& body) {
    if (const auto bitrate = body["bitrate"]) {
        publisher.bitrate = bitrate.unsigned_integer();
        if (publisher.bitrate > 0) publisher.bitrate = std::max<std::uint64_t>(publisher.bitrate, 64'000);
        if (room.settings.bitrate_cap && room.settings.bitrate > 0 && (publisher.bitrate == 0 || publisher.bitrate > room.settings.bitrate))
            publisher.bitrate = room.settings.bitrate;
        host().limit_bitrate(publisher.handle, publisher.bitrate);
    }
    auto change = event_of(room).set("id", to_json(publisher.id));
    if (const auto display = body["display"]; display && display.text() != publisher.display) {
        publisher.display = display.text();
        change.set("display", display);
    }
    if (const auto metadata = body["metadata"]; metadata && !(metadata == publisher.metadata)) {
        publisher.metadata = metadata;
        change.set("metadata", metadata);
    }
    if (change.has("display") || change.has("metadata")) notify_others(room, publisher, change);
    const bool all_keyframes = body["keyframe"].boolean();
    for (const auto& stream : publisher.streams) {
        if (stream.source == sdk::SourceId::none) continue;
        // "audio": false and "video": false mute what this publisher sends, for everybody.
        if (const auto wanted = body[stream.kind.c_str()]; wanted.is_bool()) host().set_active(stream.source, wanted.boolean());
        bool keyframe = all_keyframes;
        body["streams"].for_each([&](const Json& entry) {
            if (entry["mid"].text() != stream.mid) return;
            if (entry.has("send")) host().set_active(stream.source, entry["send"].boolean());
            keyframe = keyframe || entry["keyframe"].boolean();
        });
        if (keyframe && stream.kind == "video") host().request_keyframe(stream.source);
    }
}

sdk::Reply VideoRoom::on_unpublish(const sdk::Request& request) {
    Room* room = nullptr;
    auto* publisher = publisher_of(request.handle, &room);
    if (publisher == nullptr) {
        if (participant(request.handle).role == Role::subscriber) refuse(kInvalidRequest, "Unknown request 'unpublish'");
        refuse(kJoinFirst, "Invalid request on unconfigured participant");
    }
    if (!publisher->negotiated) refuse(kNotPublished, "Can't unpublish, not published");
    const auto reply = event_of(*room).set("unpublished", "ok");
    host().push_event(request.handle, reply, request.transaction);
    host().hangup(request.handle, "Close PC");
    return {};
}

void VideoRoom::media_gone(Room& room, Publisher& publisher) {
    const bool was_up = publisher.up;
    publisher.up = false;
    publisher.negotiated = false;
    publisher.streams.clear();
    if (!was_up) return;
    notify_others(room, publisher, event_of(room).set("unpublished", to_json(publisher.id)));
    feed_changed(room, publisher.id);
}

void VideoRoom::leave_publisher(sdk::HandleId handle, bool kicked) {
    Room* room = nullptr;
    auto* publisher = publisher_of(handle, &room);
    if (publisher == nullptr) return;
    media_gone(*room, *publisher);
    auto event = event_of(*room).set(kicked ? "kicked" : "leaving", to_json(publisher->id));
    if (!publisher->display.empty()) event.set("display", publisher->display);
    event.set("metadata", publisher->metadata);
    notify_others(*room, *publisher, event);
    room->publishers.erase(publisher->id);
    participant(handle) = {};
}

sdk::Reply VideoRoom::on_leave(const sdk::Request& request) {
    Room* room = nullptr;
    if (publisher_of(request.handle, &room) != nullptr) {
        const auto reply = event_of(*room).set("leaving", "ok");
        leave_publisher(request.handle, false);
        host().push_event(request.handle, reply, request.transaction);
        host().hangup(request.handle, "Close PC");
        return {};
    }
    if (subscriber_of(request.handle, &room) != nullptr) {
        const auto reply = event_of(*room).set("left", "ok");
        room->subscribers.erase(request.handle);
        participant(request.handle) = {};
        host().push_event(request.handle, reply, request.transaction);
        host().hangup(request.handle, "Close PC");
        return {};
    }
    refuse(kJoinFirst, "Invalid request on unconfigured participant");
}

}  // namespace cardea::videoroom
