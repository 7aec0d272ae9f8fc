// Who watches: join, start, pause, configure.
#include <algorithm>

#include "errors.hpp"
#include "subscriptions.hpp"
#include "tables.hpp"
#include "videoroom.hpp"

namespace cardea::videoroom {
namespace {

void drop_unwanted_kinds(Subscriber& subscriber, const Json& body) {
    std::erase_if(subscriber.lines, [&](const Subscription& line) { return !body[("offer_" + line.kind).c_str()].boolean(true); });
}

// Janus checks these at the top of a join and then passes over them; here they hold for every stream, as in a configure.
void take_top_level(Subscriber& subscriber, const Json& body) {
    for (auto& line : subscriber.lines) {
        line.send = line.send && body[line.kind.c_str()].boolean(true);
        line.layers.take(body);
        line.delay.take(body);
    }
}

}  // namespace

sdk::Reply VideoRoom::join_subscriber(const sdk::Request& request) {
    const auto& body = request.body;
    check(kJoinSubscriberParams, body);
    auto& room = room_of(body);
    check_private_id(room, body);
    Subscriber joining;
    joining.handle = request.handle;
    joining.autoupdate = body["autoupdate"].boolean(true);
    joining.use_msid = body["use_msid"].boolean();
    joining.private_id = body["private_id"].unsigned_integer();
    check_layers(body);
    if (body["streams"].size() > 0) {
        body["streams"].for_each([&](const Json& wish) { check_feed(room, wish); });
        body["streams"].for_each([&](const Json& wish) { add_feed(room, joining, wish); });
    } else if (body.has("feed")) {
        joining.legacy_feed = id_from(body["feed"]);
        const Json wish{{"feed", body["feed"]}};
        check_feed(room, wish);
        add_feed(room, joining, wish);
        drop_unwanted_kinds(joining, body);
    } else {
        refuse(kMissingElement, "Missing mandatory element (streams)");
    }
    if (joining.lines.empty()) refuse(kInvalidSdp, "Can't offer an SDP with no stream");
    take_top_level(joining, body);

    participant(request.handle) = {Role::subscriber, room.id, {}};
    auto& subscriber = room.subscribers.emplace(request.handle, std::move(joining)).first->second;
    try {
        const auto ticket = offer_to(room, subscriber, Ice::keep);
        auto reply = Json{{"videoroom", "attached"}, {"room", to_json(room.id)}, {"streams", room.lines_json(subscriber)}};
        if (subscriber.legacy_feed) {
            reply.set("id", to_json(*subscriber.legacy_feed)).set("warning", "deprecated_api");
            if (const auto* feed = room.publisher(*subscriber.legacy_feed); !feed->display.empty()) reply.set("display", feed->display);
        }
        host().info("subscriber joined", {{"room", to_json(room.id)}, {"handle", sdk::raw(request.handle)},
                                          {"streams", subscriber.lines.size()}, {"subscribers", room.subscribers.size()}});
        note_lines(room, subscriber, "subscribing");
        return {reply, ticket};
    } catch (...) {
        room.subscribers.erase(request.handle);
        participant(request.handle) = {};
        throw;
    }
}

sdk::Reply VideoRoom::on_start(const sdk::Request& request) {
    Room* room = nullptr;
    auto& subscriber = subscribing(request, &room);
    subscriber.paused = false;
    apply_flow(subscriber);
    return room->event().set("started", "ok");
}

sdk::Reply VideoRoom::on_pause(const sdk::Request& request) {
    Room* room = nullptr;
    auto& subscriber = subscribing(request, &room);
    subscriber.paused = true;
    apply_flow(subscriber);
    return room->event().set("paused", "ok");
}

sdk::Reply VideoRoom::configure_subscriber(const sdk::Request& request) {
    const auto& body = request.body;
    check(kSubscriberConfigureParams, body);
    check_layers(body);
    Room* room = nullptr;
    auto& subscriber = subscribing(request, &room);
    body["streams"].for_each([&](const Json& entry) {
        check_layers(entry);
        if (entry.has("mid") && subscriber.line(entry["mid"].text()) == nullptr)
            refuse(kNoSuchFeed, "No such mid '" + std::string{entry["mid"].text()} + "' in subscription");
    });
    const auto take = [](Subscription& line, const Json& entry) {
        line.send = entry["send"].boolean(line.send);
        line.layers.take(entry);
        line.delay.take(entry);
    };
    const auto take_all = [&](const Json& entry) {
        for (auto& line : subscriber.lines) take(line, entry);
    };
    if (!body.has("streams")) take_all(body);
    body["streams"].for_each([&](const Json& entry) { entry.has("mid") ? take(*subscriber.line(entry["mid"].text()), entry) : take_all(entry); });
    for (auto& line : subscriber.lines) {
        line.send = body[line.kind.c_str()].boolean(line.send);
        apply_quality(*room, line);
    }
    apply_flow(subscriber);
    const auto reply = room->event().set("configured", "ok");
    const bool restart = body["restart"].boolean();
    if (!restart && !body["update"].boolean()) return reply;
    return {reply, offer_to(*room, subscriber, restart ? Ice::restart : Ice::keep)};
}

}  // namespace cardea::videoroom
