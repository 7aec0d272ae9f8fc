// What flows to subscribers, and in which quality: told to the core.
#include "errors.hpp"
#include "videoroom.hpp"

namespace cardea::videoroom {

void VideoRoom::apply_flow(const Subscriber& subscriber) const {
    for (const auto& line : subscriber.lines)
        if (line.sink != sdk::SinkId::none) host().set_active(line.sink, line.active && line.send && !subscriber.paused);
}

void VideoRoom::apply_quality(const Room& room, const Subscription& line) const {
    if (line.sink == sdk::SinkId::none || line.is_data()) return;
    host().set_layers(line.sink, line.layers.to_json());
    // The subscriber's wish counts before the publisher's.
    const auto* stream = room.stream_of(line);
    if (line.delay.is_set() || stream == nullptr)
        host().set_playout_delay(line.sink, line.delay.to_json());
    else
        host().set_playout_delay(line.sink, stream->delay.to_json());
}

void VideoRoom::apply_watchers(const Room& room, const ApiId& feed, std::string_view mid) const {
    for (const auto& [handle, subscriber] : room.subscribers)
        for (const auto& line : subscriber.lines)
            if (line.feed == feed && line.feed_mid == mid) apply_quality(room, line);
}

void VideoRoom::on_layers(sdk::HandleId handle, const Json& about) {
    Room* room = nullptr;
    auto* subscriber = subscriber_of(handle, &room);
    auto* line = subscriber == nullptr ? nullptr : subscriber->line(about["mid"].text());
    if (line == nullptr) return;
    line->reached.take(about);
    // One event for each member that has changed, as Janus tells them.
    for (const char* name : {"substream", "temporal", "spatial_layer", "temporal_layer"})
        if (about.has(name)) host().push_event(handle, room->event().set("mid", line->mid).set(name, about[name]));
}

}  // namespace cardea::videoroom
