// What flows to subscribers, and in which quality: told to the core.
#include "errors.hpp"
#include "videoroom.hpp"

namespace cardea::videoroom {

void VideoRoom::apply_flow(const Subscriber& subscriber) const {
    for (const auto& line : subscriber.lines)
        if (line.sink != sdk::SinkId::none) host().set_active(line.sink, line.active && line.send && !subscriber.paused);
}

// An id tells apart what several feeds send over one connection. Where there is only one feed its own label says more, and clients
// of Nextcloud Talk look for it. A publisher of another gateway sends none along.
std::optional<std::string> VideoRoom::label_of(const Room& room, const Publisher& publisher) const {
    const bool keeps_own = data_label_ == DataLabel::publisher || (data_label_ == DataLabel::automatic && room.settings.publishers == 1);
    if (keeps_own && !publisher.is_remote()) return std::nullopt;
    return to_text(publisher.id);
}

void VideoRoom::route_data(const Room& room, Subscriber& subscriber) const {
    for (auto& line : subscriber.lines) {
        if (!line.is_data() || line.sink == sdk::SinkId::none) continue;
        std::set<sdk::SourceId> wanted;
        for (const auto& id : line.data_feeds) {
            const auto* feed = room.published(id);
            const auto* stream = feed == nullptr ? nullptr : feed->data_stream();
            if (stream == nullptr) continue;
            wanted.insert(stream->source);
            if (line.data_routes.contains(stream->source)) continue;
            const auto label = label_of(room, *feed);
            label ? host().route_data(line.sink, stream->source, *label) : host().route_data(line.sink, stream->source);
        }
        for (const auto source : line.data_routes)
            if (!wanted.contains(source)) host().unroute_data(line.sink, source);
        line.data_routes = std::move(wanted);
    }
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
