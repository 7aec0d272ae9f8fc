#include "room.hpp"

#include <algorithm>

#include "codecs.hpp"

namespace cardea::videoroom {
namespace {

std::string joined(const std::vector<std::string>& list) {
    std::string out;
    for (const auto& item : list) out += (out.empty() ? "" : ",") + item;
    return out;
}

void describe_codec(Json& json, const Stream& stream) {
    json.set("codec", stream.codec);
    if (stream.codec == "opus") {
        if (fmtp_value(stream.fmtp, "stereo") == "1") json.set("stereo", true);
        if (fmtp_value(stream.fmtp, "useinbandfec") == "1") json.set("fec", true);
        if (fmtp_value(stream.fmtp, "usedtx") == "1") json.set("dtx", true);
    } else if (stream.codec == "h264") {
        if (const auto profile = fmtp_value(stream.fmtp, "profile-level-id"); !profile.empty()) json.set("h264_profile", profile);
    } else if (stream.codec == "vp9") {
        if (const auto profile = fmtp_value(stream.fmtp, "profile-id"); !profile.empty()) json.set("vp9_profile", profile);
    }
}

// What nobody has chosen or told yet is the highest.
constexpr std::uint64_t kHighestLayer = 2;
constexpr std::uint64_t kDefaultFallback = 250'000;

void describe_layers(Json& json, const Subscription& line, const Stream& stream) {
    const auto& target = line.layers;
    const auto& reached = line.reached;
    if (stream.simulcast) {
        json.set("simulcast", Json{{"substream", reached.substream.value_or(kHighestLayer)},
                                   {"substream-target", target.substream.value_or(kHighestLayer)},
                                   {"temporal-layer", reached.temporal.value_or(kHighestLayer)},
                                   {"temporal-layer-target", target.temporal.value_or(kHighestLayer)},
                                   {"fallback", target.fallback.value_or(kDefaultFallback)}});
    } else if (stream.svc) {
        json.set("svc", Json{{"spatial-layer", reached.spatial_layer.value_or(kHighestLayer)},
                             {"spatial-layer-target", target.spatial_layer.value_or(kHighestLayer)},
                             {"temporal-layer", reached.temporal_layer.value_or(kHighestLayer)},
                             {"temporal-layer-target", target.temporal_layer.value_or(kHighestLayer)}});
    }
}

}  // namespace

const Stream* Publisher::stream(std::string_view mid) const {
    const auto found = std::find_if(streams.begin(), streams.end(), [&](const Stream& each) { return each.mid == mid; });
    return found == streams.end() ? nullptr : &*found;
}
Stream* Publisher::stream(std::string_view mid) { return const_cast<Stream*>(std::as_const(*this).stream(mid)); }

const Stream* Publisher::data_stream() const {
    const auto found = std::find_if(streams.begin(), streams.end(), [](const Stream& each) {
        return each.kind == "data" && !each.disabled && each.source != sdk::SourceId::none;
    });
    return found == streams.end() ? nullptr : &*found;
}

void Publisher::describe(const Json& descriptions) {
    descriptions.for_each([&](const Json& entry) {
        if (auto* found = stream(entry["mid"].text())) found->description = entry["description"].text();
    });
}

Json Publisher::attendee_json() const {
    auto json = Json{{"id", to_json(id)}};
    if (!display.empty()) json.set("display", display);
    json.set("metadata", metadata);
    return json;
}

Subscription* Subscriber::line(std::string_view mid) {
    const auto found = std::find_if(lines.begin(), lines.end(), [&](const Subscription& each) { return each.mid == mid; });
    return found == lines.end() ? nullptr : &*found;
}

const Publisher* Room::publisher(const ApiId& feed) const {
    const auto found = publishers.find(feed);
    return found == publishers.end() ? nullptr : &found->second;
}
Publisher* Room::publisher(const ApiId& feed) { return const_cast<Publisher*>(std::as_const(*this).publisher(feed)); }

const Publisher* Room::published(const ApiId& feed) const {
    const auto* found = publisher(feed);
    return found != nullptr && found->up ? found : nullptr;
}

std::uint64_t Room::publishing() const {
    return static_cast<std::uint64_t>(std::count_if(publishers.begin(), publishers.end(), [](const auto& entry) {
        return entry.second.negotiated && entry.second.has_handle();
    }));
}

std::uint64_t Room::participants() const { return publishers.size(); }

std::vector<sdk::HandleId> Room::publisher_handles() const {
    std::vector<sdk::HandleId> handles;
    for (const auto& [feed, publisher] : publishers)
        if (publisher.has_handle()) handles.push_back(publisher.handle);
    return handles;
}

Json Room::list_entry() const {
    auto json = Json{{"room", to_json(id)}, {"description", settings.description}, {"pin_required", !settings.pin.empty()},
                     {"is_private", settings.is_private}, {"max_publishers", settings.publishers}, {"bitrate", settings.bitrate}};
    if (settings.bitrate_cap) json.set("bitrate_cap", true);
    json.set("fir_freq", settings.fir_freq)
        .set("require_pvtid", settings.require_pvtid)
        .set("require_e2ee", settings.require_e2ee)
        .set("dummy_publisher", settings.dummy_publisher)
        .set("notify_joining", settings.notify_joining)
        .set("audiocodec", joined(settings.audio_codecs))
        .set("videocodec", joined(settings.video_codecs));
    if (settings.opus_fec) json.set("opus_fec", true);
    if (settings.opus_dtx) json.set("opus_dtx", true);
    json.set("record", settings.record);
    if (!settings.rec_dir.empty()) json.set("rec_dir", settings.rec_dir);
    json.set("lock_record", settings.lock_record)
        .set("num_participants", participants())
        .set("audiolevel_ext", settings.audiolevel_ext)
        .set("audiolevel_event", settings.audiolevel_event);
    if (settings.audiolevel_event)
        json.set("audio_active_packets", settings.audio_active_packets).set("audio_level_average", settings.audio_level_average);
    json.set("videoorient_ext", settings.videoorient_ext)
        .set("playoutdelay_ext", settings.playoutdelay_ext)
        .set("transport_wide_cc_ext", settings.transport_wide_cc_ext);
    return json;
}

Json Room::publisher_streams_json(const Publisher& publisher) const {
    auto list = Json::array();
    for (const auto& stream : publisher.streams) {
        auto json = Json{{"type", stream.kind}, {"mindex", stream.mindex}, {"mid", stream.mid}};
        if (stream.disabled) {
            list.push(json.set("disabled", true));
            continue;
        }
        if (!stream.description.empty()) json.set("description", stream.description);
        if (!stream.codec.empty()) describe_codec(json, stream);
        if (stream.simulcast) json.set("simulcast", true);
        if (stream.svc) json.set("svc", true);
        if (stream.moderated) json.set("moderated", true);
        if (settings.audiolevel_event && stream.kind == "audio") json.set("talking", stream.talking);
        list.push(std::move(json));
    }
    return list;
}

Json Room::publisher_json(const Publisher& publisher) const {
    auto json = publisher.attendee_json();
    if (publisher.dummy) json.set("dummy", true);
    for (const auto& stream : publisher.streams) {
        const char* legacy = stream.kind == "audio" ? "audio_codec" : "video_codec";
        if (!stream.disabled && !stream.codec.empty() && !json.has(legacy)) json.set(legacy, stream.codec);
    }
    if (settings.audiolevel_event)
        json.set("talking", std::any_of(publisher.streams.begin(), publisher.streams.end(), [](const Stream& each) { return each.talking; }));
    return json.set("streams", publisher_streams_json(publisher));
}

Json Room::participant_json(const Publisher& publisher) const {
    auto json = publisher.attendee_json();
    if (publisher.dummy) json.set("dummy", true);
    if (publisher.is_remote()) json.set("remote", true);
    json.set("publisher", publisher.up);
    if (settings.audiolevel_event && publisher.up && !publisher.dummy)
        json.set("talking", std::any_of(publisher.streams.begin(), publisher.streams.end(), [](const Stream& each) { return each.talking; }));
    return json;
}

const Stream* Room::stream_of(const Subscription& line) const {
    const auto* feed = line.feed ? published(*line.feed) : nullptr;
    return feed == nullptr ? nullptr : feed->stream(line.feed_mid);
}

bool Room::is_active(const Subscription& line) const {
    if (line.is_data()) return !line.data_feeds.empty();
    const auto* stream = stream_of(line);
    return stream != nullptr && !stream->disabled;
}

Json Room::line_json(const Subscription& line) const {
    auto json = Json{{"type", line.kind}, {"active", line.active}, {"mindex", line.mindex}, {"mid", line.mid}};
    if (!line.crossrefid.empty()) json.set("crossrefid", line.crossrefid);
    json.set("ready", line.ready).set("send", line.send);
    if (line.is_data()) {
        auto ids = Json::array();
        for (const auto& feed : line.data_feeds) ids.push(to_json(feed));
        return json.set("sources", line.data_feeds.size()).set("source_ids", ids);
    }
    const auto* feed = line.feed ? publisher(*line.feed) : nullptr;
    if (feed == nullptr) return json;
    json.set("feed_id", to_json(feed->id));
    if (!feed->display.empty()) json.set("feed_display", feed->display);
    json.set("feed_metadata", feed->metadata).set("feed_mid", line.feed_mid);
    const auto* stream = stream_of(line);
    if (stream == nullptr || stream->disabled) return json;
    if (!stream->description.empty()) json.set("feed_description", stream->description);
    if (stream->codec.empty()) return json;
    json.set("codec", stream->codec);
    // Written with a hyphen here, with an underscore in "publishers".
    if (stream->codec == "h264")
        if (const auto profile = fmtp_value(stream->fmtp, "profile-level-id"); !profile.empty()) json.set("h264-profile", profile);
    if (stream->codec == "vp9")
        if (const auto profile = fmtp_value(stream->fmtp, "profile-id"); !profile.empty()) json.set("vp9-profile", profile);
    describe_layers(json, line, *stream);
    if (line.delay.is_set()) json.set("playout-delay", Json{{"min-delay", *line.delay.min}, {"max-delay", *line.delay.max}});
    return json;
}

Json Room::lines_json(const Subscriber& subscriber) const {
    auto list = Json::array();
    for (const auto& line : subscriber.lines) list.push(line_json(line));
    return list;
}

}  // namespace cardea::videoroom
