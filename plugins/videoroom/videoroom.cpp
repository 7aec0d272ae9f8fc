#include "videoroom.hpp"

#include <algorithm>
#include <array>

#include "access.hpp"
#include "errors.hpp"
#include "tables.hpp"

namespace cardea::videoroom {
namespace {

DataLabel data_label_of(const Json& name) {
    if (name.text() == "id") return DataLabel::id;
    return name.text() == "publisher" ? DataLabel::publisher : DataLabel::automatic;
}

}  // namespace

VideoRoom::VideoRoom(sdk::Host& host, Json config)
    : Plugin{host, std::move(config)},
      admin_key_{this->config()["admin_key"].text()},
      string_ids_{this->config()["string_ids"].boolean()},
      lock_rtp_forward_{this->config()["lock_rtp_forward"].boolean()},
      data_label_{data_label_of(this->config()["data_label"])},
      store_{std::string{this->config()["state_dir"].text()}} {
    this->config()["rooms"].for_each([this](const Json& room) { make_room(room); });
}

// What was kept counts over the configuration.
void VideoRoom::start() {
    if (const auto problem = store_.load()) host().error("permanent rooms are not to be had", {{"problem", *problem}});
    for (const auto& id : store_.removed()) rooms_.erase(id);
    for (const auto& [id, body] : store_.rooms()) {
        try {
            if (const auto configured = rooms_.find(id); configured != rooms_.end()) {
                host().cancel_timer(configured->second.keyframe_timer);
                rooms_.erase(configured);
            }
            check_all(kCreateParams, body);
            make_room(body).permanent = true;
        } catch (const sdk::RequestError& error) {
            host().error("permanent room is left out", {{"room", to_json(id)}, {"problem", error.what()}});
        }
    }
}

bool VideoRoom::attach(sdk::HandleId handle) {
    participants_[handle];
    return true;
}

void VideoRoom::detach(sdk::HandleId handle) {
    leave_publisher(handle, Departure::left);
    leave_subscriber(handle);
    participants_.erase(handle);
}

sdk::Reply VideoRoom::on_request(const sdk::Request& request) {
    static constexpr std::array kVerbs{
        Verb{"create", &VideoRoom::on_create},
        Verb{"edit", &VideoRoom::on_edit},
        Verb{"destroy", &VideoRoom::on_destroy},
        Verb{"exists", &VideoRoom::on_exists},
        Verb{"list", &VideoRoom::on_list},
        Verb{"allowed", &VideoRoom::on_allowed},
        Verb{"kick", &VideoRoom::on_kick},
        Verb{"moderate", &VideoRoom::on_moderate},
        Verb{"enable_recording", &VideoRoom::on_enable_recording},
        Verb{"listparticipants", &VideoRoom::on_listparticipants},
        Verb{"listforwarders", &VideoRoom::on_listforwarders},
        Verb{"rtp_forward", &VideoRoom::on_rtp_forward},
        Verb{"stop_rtp_forward", &VideoRoom::on_stop_rtp_forward},
        Verb{"publish_remotely", &VideoRoom::on_publish_remotely},
        Verb{"unpublish_remotely", &VideoRoom::on_unpublish_remotely},
        Verb{"listremotes", &VideoRoom::on_listremotes},
        Verb{"list_remotes", &VideoRoom::on_listremotes},
        Verb{"add_remote_publisher", &VideoRoom::on_add_remote_publisher},
        Verb{"update_remote_publisher", &VideoRoom::on_update_remote_publisher},
        Verb{"remove_remote_publisher", &VideoRoom::on_remove_remote_publisher},
        Verb{"join", &VideoRoom::on_join},
        Verb{"joinandconfigure", &VideoRoom::on_join_and_configure},
        Verb{"publish", &VideoRoom::on_publish},
        Verb{"configure", &VideoRoom::on_configure},
        Verb{"unpublish", &VideoRoom::on_unpublish},
        Verb{"start", &VideoRoom::on_start},
        Verb{"pause", &VideoRoom::on_pause},
        Verb{"subscribe", &VideoRoom::on_subscribe},
        Verb{"unsubscribe", &VideoRoom::on_unsubscribe},
        Verb{"update", &VideoRoom::on_update},
        Verb{"switch", &VideoRoom::on_switch},
        Verb{"leave", &VideoRoom::on_leave},
    };
    if (request.has_answer()) take_answer(request);
    const auto name = request.name();
    const auto verb = std::find_if(kVerbs.begin(), kVerbs.end(), [&](const Verb& each) { return each.name == name; });
    if (verb == kVerbs.end()) refuse(kInvalidRequest, "Unknown request '" + name + "'");
    return (this->*verb->handler)(request);
}

void VideoRoom::on_webrtc_up(sdk::HandleId handle) {
    Room* room = nullptr;
    auto* publisher = publisher_of(handle, &room);
    if (subscriber_of(handle, &room) != nullptr) note(handle, *room, "subscribed");
    if (publisher == nullptr || publisher->up) return;
    publisher->up = true;
    tell_published(*room, *publisher);
    note_published(*room, *publisher);
    update_recording(*room, *publisher);
}

void VideoRoom::on_slow_link(sdk::HandleId handle, const Json& about) {
    Room* room = nullptr;
    const auto* publisher = publisher_of(handle, &room);
    // uplink is the way from here to the peer: losses of what a publisher sends are the ones it can do something about.
    if (publisher == nullptr || about["uplink"].boolean()) return;
    host().push_event(handle, Json{{"videoroom", "slow_link"}, {"room", to_json(room->id)}, {"current-bitrate", publisher->bitrate}});
}

Json VideoRoom::query(sdk::HandleId handle) {
    Room* room = nullptr;
    if (const auto* publisher = publisher_of(handle, &room); publisher != nullptr)
        return Json{{"type", "publisher"}, {"room", to_json(room->id)}, {"id", to_json(publisher->id)}, {"display", publisher->display},
                    {"streams", room->publisher_streams_json(*publisher)}, {"bitrate", publisher->bitrate}, {"webrtc_up", publisher->up}};
    if (const auto* subscriber = subscriber_of(handle, &room); subscriber != nullptr)
        return Json{{"type", "subscriber"}, {"room", to_json(room->id)}, {"paused", subscriber->paused}, {"streams", room->lines_json(*subscriber)}};
    return Json{{"type", "none"}};
}

// "secret", "pin" and "admin_key" are looked at where there is a lock (access.cpp); for nothing they may be anything.
void VideoRoom::check(const cardea_params& params, const Json& body) const { check_all(params, without(body, {"secret", "pin", "admin_key"})); }

void VideoRoom::check_all(const cardea_params& params, const Json& body) const {
    if (const auto problem = host().validate(params, body)) refuse(problem->missing ? kMissingElement : kInvalidElement, problem->text);
}

Room& VideoRoom::room_of(const Json& body) {
    const auto id = id_from(body["room"]);
    const auto found = rooms_.find(id);
    if (found == rooms_.end()) refuse(kNoSuchRoom, "No such room (" + to_text(id) + ")");
    return found->second;
}

Publisher* VideoRoom::publisher_of(sdk::HandleId handle, Room** room) {
    const auto found = participants_.find(handle);
    if (found == participants_.end() || found->second.role != Role::publisher) return nullptr;
    const auto place = rooms_.find(found->second.room);
    if (place == rooms_.end()) return nullptr;
    *room = &place->second;
    return place->second.publisher(found->second.feed);
}

Subscriber* VideoRoom::subscriber_of(sdk::HandleId handle, Room** room) {
    const auto found = participants_.find(handle);
    if (found == participants_.end() || found->second.role != Role::subscriber) return nullptr;
    const auto place = rooms_.find(found->second.room);
    if (place == rooms_.end()) return nullptr;
    const auto subscriber = place->second.subscribers.find(handle);
    if (subscriber == place->second.subscribers.end()) return nullptr;
    *room = &place->second;
    return &subscriber->second;
}

Publisher& VideoRoom::publishing(const sdk::Request& request, Room** room) {
    if (auto* publisher = publisher_of(request.handle, room)) return *publisher;
    switch (participant(request.handle).role) {
        case Role::subscriber: refuse(kInvalidRequest, "Unknown request '" + request.name() + "'");
        case Role::gone: refuse(kNoSuchRoom, "No such room");
        default: refuse(kJoinFirst, "Invalid request on unconfigured participant");
    }
}

Subscriber& VideoRoom::subscribing(const sdk::Request& request, Room** room) {
    if (auto* subscriber = subscriber_of(request.handle, room)) return *subscriber;
    switch (participant(request.handle).role) {
        case Role::publisher: refuse(kInvalidRequest, "Unknown request '" + request.name() + "'");
        case Role::gone: refuse(kNoSuchRoom, "No such room");
        default: refuse(kJoinFirst, "Invalid request on unconfigured participant");
    }
}

void VideoRoom::refuse_newcomer(sdk::HandleId handle) const {
    const auto found = participants_.find(handle);
    switch (found == participants_.end() ? Role::none : found->second.role) {
        case Role::none: return;
        case Role::publisher: refuse(kAlreadyJoined, "Already in as a publisher on this handle");
        case Role::subscriber: refuse(kAlreadyJoined, "Already in as a subscriber on this handle");
        case Role::gone: refuse(kAlreadyJoined, "Not in a room (create a new handle)");
    }
}

void VideoRoom::notify_all(const Room& room, const Json& event) const { host().push_event_to(room.publisher_handles(), event); }

void VideoRoom::notify_others(const Room& room, const Publisher& about, const Json& event) const {
    auto handles = room.publisher_handles();
    std::erase(handles, about.handle);
    host().push_event_to(handles, event);
}

void VideoRoom::note_published(const Room& room, const Publisher& publisher) const {
    note(publisher.handle, room, "published", [&](Json& json) {
        json.set("id", to_json(publisher.id));
        if (!publisher.display.empty()) json.set("display", publisher.display);
        json.set("metadata", publisher.metadata).set("streams", room.publisher_streams_json(publisher));
    });
}

void VideoRoom::note_lines(const Room& room, const Subscriber& subscriber, const char* event) const {
    note(subscriber.handle, room, event, [&](Json& json) {
        json.set("streams", room.lines_json(subscriber)).set("private_id", subscriber.private_id);
    });
}

}  // namespace cardea::videoroom
