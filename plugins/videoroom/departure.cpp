// The ways out: unpublish, leave, a kick, and a peer connection that ends.
#include "errors.hpp"
#include "videoroom.hpp"

namespace cardea::videoroom {

sdk::Reply VideoRoom::on_unpublish(const sdk::Request& request) {
    Room* room = nullptr;
    if (!publishing(request, &room).negotiated) refuse(kNotPublished, "Can't unpublish, not published");
    host().push_event(request.handle, room->event().set("unpublished", "ok"), request.transaction);
    host().hangup(request.handle, "Close PC");
    return {};
}

sdk::Reply VideoRoom::on_leave(const sdk::Request& request) {
    Room* room = nullptr;
    const char* word = nullptr;
    if (participant(request.handle).role == Role::subscriber) {
        subscribing(request, &room);
        word = "left";
    } else {
        publishing(request, &room);
        word = "leaving";
    }
    const auto reply = room->event().set(word, "ok");
    leave_subscriber(request.handle);
    leave_publisher(request.handle, Departure::left);
    host().push_event(request.handle, reply, request.transaction);
    host().hangup(request.handle, "Close PC");
    return {};
}

void VideoRoom::media_gone(Room& room, Publisher& publisher) {
    const bool was_up = publisher.up;
    publisher.up = false;
    publisher.negotiated = false;
    publisher.streams.clear();
    end_forwarding(publisher);
    update_recording(room, publisher);
    if (!was_up) return;
    note(room, publisher, "unpublished");
    notify_others(room, publisher, room.event().set("unpublished", to_json(publisher.id)));
    feed_changed(room, publisher.id);
}

void VideoRoom::leave_publisher(sdk::HandleId handle, Departure how) {
    Room* room = nullptr;
    auto* publisher = publisher_of(handle, &room);
    if (publisher == nullptr) return;
    media_gone(*room, *publisher);
    const auto id = publisher->id;
    auto event = room->event().set(how == Departure::kicked ? "kicked" : "leaving", to_json(id));
    if (how == Departure::left && !publisher->display.empty()) event.set("display", publisher->display);
    if (how == Departure::left) event.set("metadata", publisher->metadata);
    notify_others(*room, *publisher, event);
    note(*room, *publisher, how == Departure::kicked ? "kicked" : "leaving");
    room->publishers.erase(id);
    participant(handle).role = how == Departure::kicked ? Role::gone : Role::none;
    host().info(how == Departure::kicked ? "publisher kicked" : "publisher left",
                {{"room", to_json(room->id)}, {"feed", to_json(id)}, {"handle", sdk::raw(handle)}, {"participants", room->publishers.size()}});
}

void VideoRoom::leave_subscriber(sdk::HandleId handle) {
    Room* room = nullptr;
    const auto* subscriber = subscriber_of(handle, &room);
    if (subscriber == nullptr) return;
    for (const auto& line : subscriber->lines)
        if (line.feed) note(handle, *room, "unsubscribed", [&](Json& json) { json.set("feed", to_json(*line.feed)).set("mid", line.feed_mid); });
    room->subscribers.erase(handle);
    participant(handle).role = Role::none;
    host().info("subscriber left",
                {{"room", to_json(room->id)}, {"handle", sdk::raw(handle)}, {"subscribers", room->subscribers.size()}});
}

void VideoRoom::on_hangup(sdk::HandleId handle, std::string_view) {
    Room* room = nullptr;
    if (auto* publisher = publisher_of(handle, &room); publisher != nullptr) media_gone(*room, *publisher);
    leave_subscriber(handle);
}

}  // namespace cardea::videoroom
