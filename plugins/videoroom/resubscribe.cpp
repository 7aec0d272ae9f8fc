// A subscriber wants other feeds: subscribe, unsubscribe and update with another offer, switch without.
#include <algorithm>

#include "errors.hpp"
#include "subscriptions.hpp"
#include "tables.hpp"
#include "videoroom.hpp"

namespace cardea::videoroom {
namespace {

// The old form of a switch: the audio and the video of one feed, on the first m-line of each kind.
Json entries_of_legacy_switch(const Room& room, const Subscriber& subscriber, const Json& body) {
    auto entries = Json::array();
    const auto* feed = room.published(id_from(body["feed"]));
    if (feed == nullptr) return entries;
    for (const char* kind : {"audio", "video"}) {
        if (!body[kind].boolean(true)) continue;
        const auto of_kind = [&](const auto& each) { return each.kind == kind; };
        const auto stream = std::find_if(feed->streams.begin(), feed->streams.end(), of_kind);
        const auto line = std::find_if(subscriber.lines.begin(), subscriber.lines.end(), of_kind);
        if (stream == feed->streams.end() || line == subscriber.lines.end()) continue;
        entries.push({{"feed", body["feed"]}, {"mid", stream->mid}, {"sub_mid", line->mid}});
    }
    return entries;
}

void refuse_empty(const Json& list, const char* what) {
    if (list.size() == 0) refuse(kInvalidElement, std::string{"Empty "} + what + " list");
}

}  // namespace

sdk::Reply VideoRoom::on_subscribe(const sdk::Request& request) {
    Room* room = nullptr;
    auto& subscriber = subscribing(request, &room);
    const auto& body = request.body;
    check(kSubscribeParams, body);
    refuse_empty(body["streams"], "subscription");
    body["streams"].for_each([&](const Json& wish) { check_feed(*room, wish); });
    body["streams"].for_each([&](const Json& wish) { add_feed(*room, subscriber, wish); });
    return reply_updated(*room, subscriber, true);
}

sdk::Reply VideoRoom::on_unsubscribe(const sdk::Request& request) {
    Room* room = nullptr;
    auto& subscriber = subscribing(request, &room);
    const auto& body = request.body;
    check(kUnsubscribeParams, body);
    refuse_empty(body["streams"], "unsubscription");
    bool changed = false;
    body["streams"].for_each([&](const Json& wish) { changed = remove_lines(subscriber, wish) || changed; });
    return reply_updated(*room, subscriber, changed);
}

sdk::Reply VideoRoom::on_update(const sdk::Request& request) {
    Room* room = nullptr;
    auto& subscriber = subscribing(request, &room);
    const auto& body = request.body;
    check(kUpdateParams, body);
    if (!body.has("subscribe") && !body.has("unsubscribe"))
        refuse(kMissingElement, "At least one of either 'subscribe' or 'unsubscribe' must be present");
    body["subscribe"].for_each([&](const Json& wish) { check_feed(*room, wish); });
    // What leaves makes room on its m-lines for what comes.
    bool changed = body["subscribe"].size() > 0;
    body["unsubscribe"].for_each([&](const Json& wish) { changed = remove_lines(subscriber, wish) || changed; });
    body["subscribe"].for_each([&](const Json& wish) { add_feed(*room, subscriber, wish); });
    return reply_updated(*room, subscriber, changed);
}

sdk::Reply VideoRoom::reply_updated(Room& room, Subscriber& subscriber, bool changed) {
    auto reply = Json{{"videoroom", "updated"}, {"room", to_json(room.id)}};
    if (!changed) return reply;
    apply_flow(subscriber);
    route_data(room, subscriber);
    if (!subscriber.answered) {
        subscriber.changed = true;
        return reply.set("videoroom", "updating");
    }
    const auto ticket = offer_to(room, subscriber, Ice::keep);
    note_lines(room, subscriber, "updated");
    return {reply.set("streams", room.lines_json(subscriber)), ticket};
}

sdk::Reply VideoRoom::on_switch(const sdk::Request& request) {
    Room* room = nullptr;
    auto& subscriber = subscribing(request, &room);
    const auto& body = request.body;
    check(kSwitchParams, body);
    auto entries = body["streams"];
    if (entries.size() == 0) {
        check_feed(*room, Json{{"feed", body.has("feed") ? body["feed"] : Json{0}}});
        entries = entries_of_legacy_switch(*room, subscriber, body);
    }
    entries.for_each([&](const Json& wish) { check_feed(*room, wish); });
    int changes = 0;
    entries.for_each([&](const Json& wish) {
        const auto* line = switch_line(*room, subscriber, wish);
        if (line == nullptr) return;
        ++changes;
        if (line->sink != sdk::SinkId::none) host().route(line->sink, line->source);
        apply_quality(*room, *line);
    });
    apply_flow(subscriber);
    if (changes > 0) note_lines(*room, subscriber, "switched");
    return room->event().set("switched", "ok").set("changes", changes).set("streams", room->lines_json(subscriber));
}

}  // namespace cardea::videoroom
