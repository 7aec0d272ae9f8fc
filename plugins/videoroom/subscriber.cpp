// Who watches: join, start, pause, configure, and offers that follow what the feeds do.
#include <algorithm>

#include "errors.hpp"
#include "tables.hpp"
#include "videoroom.hpp"

namespace cardea::videoroom {
namespace {

constexpr std::int64_t kHighestLayer = 2;

Json event_of(const Room& room) { return Json{{"videoroom", "event"}, {"room", to_json(room.id)}}; }

void check_layers(const Json& json) {
    for (const char* name : {"substream", "temporal", "spatial_layer", "temporal_layer"})
        if (json[name].integer() > kHighestLayer)
            refuse(kInvalidElement, std::string{"Invalid element ("} + name + " should be between 0 and 2)");
}

Subscription subscription_to(const Publisher& feed, const Stream& stream) {
    return {.mid = {}, .mindex = 0, .kind = stream.kind, .codec = stream.codec, .fmtp = stream.fmtp, .feed = feed.id, .feed_mid = stream.mid,
            .crossrefid = {}, .source = stream.source, .sink = {}};
}

// The streams of one feed that a join asks for.
void subscribe_feed(Room& room, Subscriber& subscriber, const Json& wish) {
    check_layers(wish);
    const auto feed_id = id_from(wish["feed"]);
    const auto found = room.publishers.find(feed_id);
    if (found == room.publishers.end() || !found->second.up) refuse(kNoSuchFeed, "No such feed (" + to_text(feed_id) + ")");
    const auto& feed = found->second;
    const auto mid = wish["mid"];
    if (mid && feed.stream(mid.text()) == nullptr)
        refuse(kNoSuchFeed, "No such mid '" + std::string{mid.text()} + "' in feed (" + to_text(feed_id) + ")");
    for (const auto& stream : feed.streams) {
        if (stream.disabled || (mid && stream.mid != mid.text())) continue;
        auto line = subscription_to(feed, stream);
        line.crossrefid = wish["crossrefid"].text();
        line.send = wish["send"].boolean(true);
        subscriber.lines.push_back(std::move(line));
    }
}

void drop_unwanted_kinds(Subscriber& subscriber, const Json& body, const char* audio, const char* video) {
    std::erase_if(subscriber.lines, [&](const Subscription& line) { return !body[line.kind == "audio" ? audio : video].boolean(true); });
}

}  // namespace

sdk::Reply VideoRoom::join_subscriber(const sdk::Request& request) {
    const auto& body = request.body;
    check(kJoinSubscriberParams, body);
    auto& room = room_of(body);
    check_key(room.settings.pin, body, "pin");
    const bool knows_private_id = std::any_of(room.publishers.begin(), room.publishers.end(), [&](const auto& entry) {
        return body.has("private_id") && entry.second.private_id == body["private_id"].unsigned_integer();
    });
    if (room.settings.require_pvtid && !knows_private_id) refuse(kUnauthorized, "Unauthorized (this room requires a valid private_id)");
    Subscriber joining;
    joining.handle = request.handle;
    joining.autoupdate = body["autoupdate"].boolean(true);
    joining.use_msid = body["use_msid"].boolean();
    check_layers(body);
    if (body["streams"].size() > 0) {
        body["streams"].for_each([&](const Json& wish) { subscribe_feed(room, joining, wish); });
    } else if (body.has("feed")) {
        joining.legacy = true;
        joining.legacy_feed = id_from(body["feed"]);
        subscribe_feed(room, joining, Json{{"feed", body["feed"]}});
        drop_unwanted_kinds(joining, body, "offer_audio", "offer_video");
    } else {
        refuse(kMissingElement, "Missing mandatory element (streams)");
    }
    // Janus ignores these at the top of a join; a wish of the client is better honoured.
    for (auto& line : joining.lines) line.send = line.send && body[line.kind.c_str()].boolean(true);
    if (joining.lines.empty()) refuse(kInvalidSdp, "Can't offer an SDP with no stream");

    participant(request.handle) = {Role::subscriber, room.id, {}};
    auto& subscriber = room.subscribers.emplace(request.handle, std::move(joining)).first->second;
    try {
        const auto ticket = offer_to(room, subscriber, false);
        auto reply = Json{{"videoroom", "attached"}, {"room", to_json(room.id)}, {"streams", room.streams_json(subscriber)}};
        if (subscriber.legacy) {
            reply.set("id", to_json(subscriber.legacy_feed)).set("warning", "deprecated_api");
            if (const auto feed = room.publishers.find(subscriber.legacy_feed); feed != room.publishers.end() && !feed->second.display.empty())
                reply.set("display", feed->second.display);
        }
        return {reply, ticket};
    } catch (...) {
        room.subscribers.erase(request.handle);
        participant(request.handle) = {};
        throw;
    }
}

sdk::Ticket VideoRoom::offer_to(Room& room, Subscriber& subscriber, bool restart) {
    auto media = Json::array();
    for (const auto& line : subscriber.lines) {
        auto entry = Json{{"kind", line.kind}, {"direction", line.active ? "sendonly" : "inactive"}};
        if (!line.mid.empty()) entry.set("mid", line.mid);
        if (line.active) entry.set("source", sdk::raw(line.source));
        if (subscriber.use_msid) entry.set("msid", "janus" + to_text(line.feed));
        media.push(std::move(entry));
    }
    auto wish = Json{{"group", room.group()}, {"media", media},
                     {"extensions", Json{{"audio_level", room.settings.audiolevel_ext}, {"video_orientation", room.settings.videoorient_ext},
                                         {"playout_delay", room.settings.playoutdelay_ext}}}};
    if (restart) wish.set("restart", true);
    const auto result = host().offer(subscriber.handle, wish);
    if (!result) refuse(kInvalidSdp, result.error());
    // The result's m-lines come in order of mindex; ours that had no mid were given one.
    for (std::size_t i = 0; i < subscriber.lines.size(); ++i) {
        auto& line = subscriber.lines[i];
        for (const auto& made : result->media) {
            const bool mine = line.mid.empty() ? std::none_of(subscriber.lines.begin(), subscriber.lines.end(),
                                                              [&](const auto& other) { return other.mid == made.mid; }) &&
                                                     made.kind == line.kind
                                               : made.mid == line.mid;
            if (!mine) continue;
            line.mid = made.mid;
            line.mindex = made.mindex;
            line.sink = made.sink;
            break;
        }
    }
    subscriber.answered = false;
    apply_activity(subscriber);
    return result->ticket;
}

void VideoRoom::apply_activity(Subscriber& subscriber) {
    for (const auto& line : subscriber.lines)
        if (line.sink != sdk::SinkId::none) host().set_active(line.sink, line.active && line.send && !subscriber.paused);
}

sdk::Reply VideoRoom::on_start(const sdk::Request& request) {
    Room* room = nullptr;
    auto* subscriber = subscriber_of(request.handle, &room);
    if (subscriber == nullptr) {
        if (participant(request.handle).role == Role::publisher) refuse(kInvalidRequest, "Unknown request 'start'");
        refuse(kJoinFirst, "Invalid request on unconfigured participant");
    }
    subscriber->paused = false;
    apply_activity(*subscriber);
    host().push_event(request.handle, event_of(*room).set("started", "ok"), request.transaction);
    if (request.has_answer()) {
        subscriber->answered = true;
        if (subscriber->changed) renegotiate(*room, *subscriber);
    }
    return {};
}

sdk::Reply VideoRoom::on_pause(const sdk::Request& request) {
    Room* room = nullptr;
    auto* subscriber = subscriber_of(request.handle, &room);
    if (subscriber == nullptr) {
        if (participant(request.handle).role == Role::publisher) refuse(kInvalidRequest, "Unknown request 'pause'");
        refuse(kJoinFirst, "Invalid request on unconfigured participant");
    }
    subscriber->paused = true;
    apply_activity(*subscriber);
    return event_of(*room).set("paused", "ok");
}

sdk::Reply VideoRoom::configure_subscriber(const sdk::Request& request) {
    const auto& body = request.body;
    check(kSubscriberConfigureParams, body);
    check_layers(body);
    Room* room = nullptr;
    auto* subscriber = subscriber_of(request.handle, &room);
    if (subscriber == nullptr) refuse(kJoinFirst, "Invalid request on unconfigured participant");
    body["streams"].for_each([&](const Json& entry) {
        check_layers(entry);
        const auto line = std::find_if(subscriber->lines.begin(), subscriber->lines.end(),
                                       [&](const auto& candidate) { return candidate.mid == entry["mid"].text(); });
        if (line == subscriber->lines.end()) refuse(kNoSuchFeed, "No such mid '" + std::string{entry["mid"].text()} + "' in subscription");
        line->send = entry["send"].boolean(line->send);
    });
    for (auto& line : subscriber->lines) {
        if (!body.has("streams")) line.send = body["send"].boolean(line.send);
        line.send = body[line.kind.c_str()].boolean(line.send);
    }
    apply_activity(*subscriber);
    const auto reply = event_of(*room).set("configured", "ok");
    if (!body["restart"].boolean() && !body["update"].boolean()) return reply;
    return {reply, offer_to(*room, *subscriber, body["restart"].boolean())};
}

void VideoRoom::feed_changed(Room& room, const ApiId& feed_id) {
    const auto feed = room.publishers.find(feed_id);
    for (auto& [handle, subscriber] : room.subscribers) {
        bool changed = false;
        for (auto& line : subscriber.lines) {
            if (line.feed != feed_id) continue;
            const auto* stream = feed == room.publishers.end() ? nullptr : feed->second.stream(line.feed_mid);
            const bool active = stream != nullptr && !stream->disabled;
            const auto source = active ? stream->source : sdk::SourceId::none;
            if (active == line.active && source == line.source) continue;
            line.active = active;
            line.source = source;
            changed = true;
        }
        if (!changed) continue;
        apply_activity(subscriber);
        subscriber.changed = true;
        if (subscriber.answered && subscriber.autoupdate) renegotiate(room, subscriber);
    }
}

void VideoRoom::renegotiate(Room& room, Subscriber& subscriber) {
    subscriber.changed = false;
    try {
        const auto ticket = offer_to(room, subscriber, false);
        host().push_event(subscriber.handle,
                          Json{{"videoroom", "updated"}, {"room", to_json(room.id)}, {"streams", room.streams_json(subscriber)}},
                          sdk::Transaction::unsolicited, ticket);
    } catch (const sdk::RequestError& error) {
        host().warn("subscriber not updated", {{"handle", sdk::raw(subscriber.handle)}, {"problem", error.what()}});
    }
}

}  // namespace cardea::videoroom
