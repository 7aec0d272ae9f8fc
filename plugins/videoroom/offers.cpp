// Offers to subscribers, their answers, and offers that follow what the feeds do.
#include <algorithm>

#include "errors.hpp"
#include "subscriptions.hpp"
#include "videoroom.hpp"

namespace cardea::videoroom {
namespace {

Json track_of(const Room& room, const Subscriber& subscriber, const Subscription& line) {
    auto track = Json{{"kind", line.kind}, {"direction", line.active ? "sendonly" : "inactive"}};
    if (!line.mid.empty()) track.set("mid", line.mid);
    if (line.is_data()) return track;
    // What an m-line was agreed to carry it keeps while it is inactive.
    if (line.active || !line.agreed) track.set("codec", line.codec);
    if (line.active && line.source != sdk::SourceId::none) track.set("source", sdk::raw(line.source));
    const auto* stream = room.stream_of(line);
    if (line.active && line.source == sdk::SourceId::none && stream != nullptr) track.set("fmtp", stream->fmtp);  // a dummy's
    if (subscriber.use_msid && line.feed) track.set("msid", "janus" + to_text(*line.feed) + " janus" + line.feed_mid);
    return track;
}

bool wants_e2ee(const Room& room, const Subscriber& subscriber) {
    return std::any_of(subscriber.lines.begin(), subscriber.lines.end(), [&](const Subscription& line) {
        const auto* feed = line.feed ? room.published(*line.feed) : nullptr;
        return feed != nullptr && feed->e2ee;
    });
}

// Lines without a mid got one: in the order in which they were offered each takes the next of its kind that is nobody's.
void adopt_mids(Subscriber& subscriber, const std::vector<sdk::MediaLine>& made) {
    for (auto& line : subscriber.lines) {
        const bool is_new = line.mid.empty();
        for (const auto& media : made) {
            const bool mine = is_new ? media.kind == line.kind && !media.disabled && subscriber.line(media.mid) == nullptr : media.mid == line.mid;
            if (!mine) continue;
            line.mid = media.mid;
            line.mindex = media.mindex;
            line.sink = media.sink;
            break;
        }
    }
}

}  // namespace

sdk::Ticket VideoRoom::offer_to(Room& room, Subscriber& subscriber, Ice ice) {
    auto media = Json::array();
    for (auto& line : subscriber.lines) {
        // Of an offer that nobody answered the host knows no m-line; offered again in the same order they get the same mids.
        if (!line.agreed) line.mid.clear();
        media.push(track_of(room, subscriber, line));
    }
    const auto& s = room.settings;
    // An offer that is still unanswered gives way: its answer would not fit any more.
    const Json wish{{"group", room.group()}, {"media", media}, {"replace", true}, {"restart", ice == Ice::restart},
                    {"e2ee", wants_e2ee(room, subscriber)},
                    {"extensions", Json{{"audio_level", s.audiolevel_ext}, {"video_orientation", s.videoorient_ext},
                                        {"playout_delay", s.playoutdelay_ext}}}};
    const auto result = host().offer(subscriber.handle, wish);
    if (!result) refuse(kInvalidSdp, result.error());
    adopt_mids(subscriber, result->media);
    subscriber.answered = false;
    subscriber.changed = false;
    for (const auto& line : subscriber.lines) apply_quality(room, line);
    apply_flow(subscriber);
    route_data(room, subscriber);
    return result->ticket;
}

// The host has applied the answer already. Another offer that is due goes out behind the reply to this request.
void VideoRoom::take_answer(const sdk::Request& request) {
    Room* room = nullptr;
    auto* subscriber = subscriber_of(request.handle, &room);
    if (subscriber == nullptr) return;
    subscriber->answered = true;
    for (const auto& media : sdk::media_lines(request.media["media"])) {
        // An m-line that the client refused may serve for something else later, under another mid.
        if (media.disabled) std::erase_if(subscriber->lines, [&](const Subscription& line) { return line.mid == media.mid; });
        if (auto* line = subscriber->line(media.mid); line != nullptr && media.sink != sdk::SinkId::none) line->sink = media.sink;
    }
    for (auto& line : subscriber->lines) {
        line.agreed = line.agreed || !line.mid.empty();
        line.ready = line.agreed;
    }
    apply_flow(*subscriber);
    route_data(*room, *subscriber);
    if (!subscriber->changed) return;
    host().post([this, handle = request.handle] {
        Room* place = nullptr;
        auto* waiting = subscriber_of(handle, &place);
        if (waiting != nullptr && waiting->answered && waiting->changed) offer_again(*place, *waiting);
    });
}

void VideoRoom::offer_again(Room& room, Subscriber& subscriber) {
    try {
        const auto ticket = offer_to(room, subscriber, Ice::keep);
        host().push_event(subscriber.handle,
                          Json{{"videoroom", "updated"}, {"room", to_json(room.id)}, {"streams", room.lines_json(subscriber)}},
                          sdk::Transaction::unsolicited, ticket);
        note_lines(room, subscriber, "updated");
    } catch (const sdk::RequestError& error) {
        host().warn("subscriber not updated", {{"handle", sdk::raw(subscriber.handle)}, {"problem", error.what()}});
    }
}

void VideoRoom::feed_changed(Room& room, const ApiId& feed) {
    for (auto& [handle, subscriber] : room.subscribers) {
        if (!follow_feed(room, subscriber, feed)) continue;
        apply_flow(subscriber);
        route_data(room, subscriber);
        if (!subscriber.autoupdate) continue;
        if (subscriber.answered)
            offer_again(room, subscriber);
        else
            subscriber.changed = true;
    }
}

}  // namespace cardea::videoroom
