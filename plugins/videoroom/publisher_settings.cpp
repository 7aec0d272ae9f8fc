// What a publisher's configure changes while it publishes: bitrate, names, mutes, keyframes; and who is talking.
#include "videoroom.hpp"

namespace cardea::videoroom {

void VideoRoom::limit_bitrate(const Room& room, Publisher& publisher, const Json& wish) {
    publisher.bitrate = usable_bitrate(wish.unsigned_integer());
    const auto cap = room.settings.bitrate;
    if (room.settings.bitrate_cap && cap > 0 && (publisher.bitrate == 0 || publisher.bitrate > cap)) publisher.bitrate = cap;
    host().limit_bitrate(publisher.handle, publisher.bitrate);
}

void VideoRoom::apply_publisher_settings(Room& room, Publisher& publisher, const Json& body) {
    if (const auto bitrate = body["bitrate"]) limit_bitrate(room, publisher, bitrate);
    if (body.has("descriptions") && publisher.up) {
        publisher.describe(body["descriptions"]);
        tell_published(room, publisher);
    }
    auto change = room.event().set("id", to_json(publisher.id));
    if (const auto display = body["display"]; display && display.text() != publisher.display) {
        publisher.display = display.text();
        change.set("display", display);
    }
    if (const auto metadata = body["metadata"]; metadata && !(metadata == publisher.metadata)) {
        publisher.metadata = metadata;
        change.set("metadata", metadata);
    }
    if (change.has("display") || change.has("metadata")) notify_others(room, publisher, change);
    if (body.has("audio_active_packets") || body.has("audio_level_average")) {
        publisher.audio_active_packets = body["audio_active_packets"].unsigned_integer(publisher.audio_active_packets);
        publisher.audio_level_average = body["audio_level_average"].unsigned_integer(publisher.audio_level_average);
        watch_talking(room, publisher);
    }
    wish_recording(room, publisher, body);
    apply_stream_settings(room, publisher, body);
    note(publisher.handle, room, "configured", [&](Json& json) { json.set("id", to_json(publisher.id)).set("bitrate", publisher.bitrate); });
}

// "audio", "video" and "data" mute what this publisher sends of the kind, for everybody; an entry of "streams" does so for one.
void VideoRoom::apply_stream_settings(Room& room, Publisher& publisher, const Json& body) {
    for (auto& stream : publisher.streams) {
        if (stream.source == sdk::SourceId::none) continue;
        bool keyframe = body["keyframe"].boolean();
        bool delayed = false;
        stream.muted = !body[stream.kind.c_str()].boolean(!stream.muted);
        body["streams"].for_each([&](const Json& entry) {
            if (entry["mid"].text() != stream.mid) return;
            stream.muted = !entry["send"].boolean(!stream.muted);
            keyframe = keyframe || entry["keyframe"].boolean();
            delayed = delayed || entry.has("min_delay") || entry.has("max_delay");
            stream.delay.take(entry);
        });
        apply_stream(stream);
        if (keyframe && stream.kind == "video") host().request_keyframe(stream.source);
        if (delayed) apply_watchers(room, publisher.id, stream.mid);
    }
}

void VideoRoom::watch_talking(const Room& room, const Publisher& publisher) const {
    if (!room.settings.audiolevel_event) return;
    const auto own_or = [](std::uint64_t own, std::uint64_t of_room) { return own > 0 ? own : of_room; };
    const Json watch{{"packets", own_or(publisher.audio_active_packets, room.settings.audio_active_packets)},
                     {"level", own_or(publisher.audio_level_average, room.settings.audio_level_average)}};
    for (const auto& stream : publisher.streams)
        if (stream.kind == "audio" && stream.source != sdk::SourceId::none) host().watch_talking(stream.source, watch);
}

void VideoRoom::on_talking(sdk::HandleId handle, const Json& about) {
    Room* room = nullptr;
    auto* publisher = publisher_of(handle, &room);
    auto* stream = publisher == nullptr ? nullptr : publisher->stream(about["mid"].text());
    if (stream == nullptr) return;
    stream->talking = about["talking"].boolean();
    const Json event{{"videoroom", stream->talking ? "talking" : "stopped-talking"},
                     {"room", to_json(room->id)},
                     {"id", to_json(publisher->id)},
                     {"mindex", stream->mindex},
                     {"mid", stream->mid},
                     {"audio-level-dBov-avg", about["level"]}};
    notify_all(*room, event);
    host().notify_event(handle, [&] { return event; });
}

}  // namespace cardea::videoroom
