#include "subscriptions.hpp"

#include <algorithm>

#include "errors.hpp"

namespace cardea::videoroom {
namespace {

Subscription& free_line(Subscriber& subscriber, const std::string& kind) {
    const auto found = std::find_if(subscriber.lines.begin(), subscriber.lines.end(),
                                    [&](const Subscription& line) { return line.kind == kind && (line.is_free() || line.is_data()); });
    if (found != subscriber.lines.end()) return *found;
    Subscription line;
    line.kind = kind;
    return subscriber.lines.emplace_back(std::move(line));
}

void put_on(Subscription& line, const Publisher& feed, const Stream& stream) {
    line.feed = feed.id;
    line.feed_mid = stream.mid;
    line.codec = stream.codec;
    line.source = stream.source;
    line.active = !stream.disabled;
    line.reached = {};
}

void take_off(Subscription& line) {
    line.feed.reset();
    line.feed_mid.clear();
    line.data_feeds.clear();
    line.source = sdk::SourceId::none;
    line.active = line.ready = false;
    line.send = true;
    line.layers = line.reached = {};
    line.delay = {};
}

void add_data_feed(Subscription& line, const ApiId& feed) {
    if (std::find(line.data_feeds.begin(), line.data_feeds.end(), feed) == line.data_feeds.end()) line.data_feeds.push_back(feed);
    line.active = true;
}

bool remove_data_feed(Subscription& line, const ApiId& feed) {
    const bool removed = std::erase(line.data_feeds, feed) != 0;
    line.active = !line.data_feeds.empty();
    return removed;
}

bool follow_media(const Room& room, Subscription& line) {
    const auto* stream = room.stream_of(line);
    if (stream == nullptr) {
        take_off(line);
        return true;
    }
    if (line.active != stream->disabled && line.source == stream->source && line.codec == stream->codec) return false;
    put_on(line, *room.published(*line.feed), *stream);
    return true;
}

bool matches(const Subscription& line, const Json& wish) {
    if (wish.has("sub_mid")) return line.mid == wish["sub_mid"].text();
    if (!wish.has("feed")) return false;
    return line.feed == id_from(wish["feed"]) && (!wish.has("mid") || line.feed_mid == wish["mid"].text());
}

}  // namespace

void check_feed(const Room& room, const Json& wish) {
    check_layers(wish);
    const auto id = id_from(wish["feed"]);
    const auto* feed = room.published(id);
    if (feed == nullptr) refuse(kNoSuchFeed, "No such feed (" + to_text(id) + ")");
    if (const auto mid = wish["mid"]; mid && feed->stream(mid.text()) == nullptr)
        refuse(kNoSuchFeed, "No such mid '" + std::string{mid.text()} + "' in feed (" + to_text(id) + ")");
}

void add_feed(const Room& room, Subscriber& subscriber, const Json& wish) {
    const auto& feed = *room.published(id_from(wish["feed"]));
    for (const auto& stream : feed.streams) {
        if (stream.disabled || (wish.has("mid") && stream.mid != wish["mid"].text())) continue;
        auto& line = free_line(subscriber, stream.kind);
        if (line.is_data()) {
            add_data_feed(line, feed.id);
            continue;
        }
        put_on(line, feed, stream);
        line.crossrefid = wish["crossrefid"].text();
        line.send = wish["send"].boolean(true);
        line.layers.take(wish);
        line.delay.take(wish);
    }
}

bool remove_lines(Subscriber& subscriber, const Json& wish) {
    bool changed = false;
    for (auto& line : subscriber.lines) {
        if (line.is_free()) continue;
        const bool of_data_feed = line.is_data() && wish.has("feed") && !wish.has("sub_mid");
        if (of_data_feed) {
            changed = remove_data_feed(line, id_from(wish["feed"])) || changed;
        } else if (matches(line, wish)) {
            take_off(line);
            changed = true;
        }
    }
    return changed;
}

bool follow_feed(const Room& room, Subscriber& subscriber, const ApiId& id) {
    const auto* feed = room.published(id);
    bool changed = false;
    for (auto& line : subscriber.lines) {
        if (line.is_data()) {
            const bool over = feed == nullptr || feed->data_stream() == nullptr;
            changed = (over && remove_data_feed(line, id)) || changed;
        } else if (line.feed == id) {
            changed = follow_media(room, line) || changed;
        }
    }
    return changed;
}

Subscription* switch_line(const Room& room, Subscriber& subscriber, const Json& wish) {
    auto* line = subscriber.line(wish["sub_mid"].text());
    const auto& feed = *room.published(id_from(wish["feed"]));
    const auto& stream = *feed.stream(wish["mid"].text());
    if (line == nullptr || line->is_free() || line->is_data() || line->kind != stream.kind || line->codec != stream.codec) return nullptr;
    if (stream.disabled || (line->feed == feed.id && line->feed_mid == stream.mid)) return nullptr;
    put_on(*line, feed, stream);
    if (wish.has("crossrefid")) line->crossrefid = wish["crossrefid"].text();
    line->send = wish["send"].boolean(line->send);
    line->layers.take(wish);
    line->delay.take(wish);
    return line;
}

}  // namespace cardea::videoroom
