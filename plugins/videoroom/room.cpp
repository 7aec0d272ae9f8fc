#include "room.hpp"

#include <algorithm>

#include "errors.hpp"

namespace cardea::videoroom {
namespace {

constexpr std::size_t kMaxCodecs = 5;
constexpr std::uint64_t kLowestBitrate = 64'000;

std::vector<std::string> codec_list(const Json& json, std::vector<std::string> fallback, std::initializer_list<std::string_view> known) {
    if (!json) return fallback;
    std::vector<std::string> out;
    auto rest = json.text();
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        const auto name = rest.substr(0, comma);
        rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
        if (std::find(known.begin(), known.end(), name) == known.end())
            refuse(kInvalidElement, "Invalid element (unsupported codec " + std::string{name} + ")");
        if (out.size() == kMaxCodecs) break;
        if (std::find(out.begin(), out.end(), name) == out.end()) out.emplace_back(name);
    }
    if (out.empty()) return fallback;
    return out;
}

std::string joined(const std::vector<std::string>& list) {
    std::string out;
    for (const auto& item : list) out += (out.empty() ? "" : ",") + item;
    return out;
}

}  // namespace

RoomSettings RoomSettings::from(const Json& body, const ApiId& id) {
    RoomSettings s;
    s.description = body["description"].text("Room " + to_text(id));
    s.secret = body["secret"].text();
    s.pin = body["pin"].text();
    s.is_private = body["is_private"].boolean();
    s.require_pvtid = body["require_pvtid"].boolean();
    s.require_e2ee = body["require_e2ee"].boolean();
    s.notify_joining = body["notify_joining"].boolean();
    s.publishers = std::max<std::uint64_t>(1, body["publishers"].unsigned_integer(s.publishers));
    s.bitrate = body["bitrate"].unsigned_integer();
    if (s.bitrate > 0) s.bitrate = std::max(s.bitrate, kLowestBitrate);
    s.bitrate_cap = body["bitrate_cap"].boolean();
    s.fir_freq = body["fir_freq"].unsigned_integer();
    s.audio_codecs = codec_list(body["audiocodec"], s.audio_codecs, {"opus", "g722", "pcmu", "pcma"});
    s.video_codecs = codec_list(body["videocodec"], s.video_codecs, {"vp8", "vp9", "h264", "av1"});
    s.vp9_profile = body["vp9_profile"].text();
    s.h264_profile = body["h264_profile"].text();
    s.opus_fec = body["opus_fec"].boolean(true);
    s.opus_dtx = body["opus_dtx"].boolean();
    s.audiolevel_ext = body["audiolevel_ext"].boolean(true);
    s.audiolevel_event = body["audiolevel_event"].boolean();
    s.audio_active_packets = body["audio_active_packets"].unsigned_integer(s.audio_active_packets);
    s.audio_level_average = body["audio_level_average"].unsigned_integer(s.audio_level_average);
    s.videoorient_ext = body["videoorient_ext"].boolean(true);
    s.playoutdelay_ext = body["playoutdelay_ext"].boolean(true);
    s.transport_wide_cc_ext = body["transport_wide_cc_ext"].boolean(true);
    s.record = body["record"].boolean();
    s.lock_record = body["lock_record"].boolean();
    s.rec_dir = body["rec_dir"].text();
    return s;
}

const Stream* Publisher::stream(std::string_view mid) const {
    for (const auto& stream : streams)
        if (stream.mid == mid) return &stream;
    return nullptr;
}

Json Publisher::attendee_json() const {
    auto json = Json{{"id", videoroom::to_json(id)}};
    if (!display.empty()) json.set("display", display);
    json.set("metadata", metadata);
    return json;
}

Json Publisher::streams_json() const {
    auto list = Json::array();
    for (const auto& stream : streams) {
        auto json = Json{{"type", stream.kind}, {"mindex", stream.mindex}, {"mid", stream.mid}};
        if (stream.disabled) {
            json.set("disabled", true);
        } else {
            if (!stream.codec.empty()) json.set("codec", stream.codec);
            if (!stream.description.empty()) json.set("description", stream.description);
            if (stream.simulcast) json.set("simulcast", true);
        }
        list.push(std::move(json));
    }
    return list;
}

Json Publisher::to_json() const {
    auto json = attendee_json();
    for (const auto& stream : streams) {
        const char* legacy = stream.kind == "audio" ? "audio_codec" : "video_codec";
        if (!stream.disabled && !stream.codec.empty() && !json.has(legacy)) json.set(legacy, stream.codec);
    }
    json.set("streams", streams_json());
    return json;
}

std::uint64_t Room::publishing() const {
    return static_cast<std::uint64_t>(
        std::count_if(publishers.begin(), publishers.end(), [](const auto& entry) { return entry.second.negotiated; }));
}

Json Room::list_entry() const {
    auto json = Json{{"room", to_json(id)}, {"description", settings.description}, {"pin_required", !settings.pin.empty()},
                     {"is_private", settings.is_private}, {"max_publishers", settings.publishers}, {"bitrate", settings.bitrate}};
    if (settings.bitrate_cap) json.set("bitrate_cap", true);
    json.set("fir_freq", settings.fir_freq)
        .set("require_pvtid", settings.require_pvtid)
        .set("require_e2ee", settings.require_e2ee)
        .set("dummy_publisher", false)
        .set("notify_joining", settings.notify_joining)
        .set("audiocodec", joined(settings.audio_codecs))
        .set("videocodec", joined(settings.video_codecs));
    if (settings.opus_fec) json.set("opus_fec", true);
    if (settings.opus_dtx) json.set("opus_dtx", true);
    json.set("record", settings.record);
    if (!settings.rec_dir.empty()) json.set("rec_dir", settings.rec_dir);
    json.set("lock_record", settings.lock_record)
        .set("num_participants", publishers.size())
        .set("audiolevel_ext", settings.audiolevel_ext)
        .set("audiolevel_event", settings.audiolevel_event);
    if (settings.audiolevel_event)
        json.set("audio_active_packets", settings.audio_active_packets).set("audio_level_average", settings.audio_level_average);
    json.set("videoorient_ext", settings.videoorient_ext)
        .set("playoutdelay_ext", settings.playoutdelay_ext)
        .set("transport_wide_cc_ext", settings.transport_wide_cc_ext);
    return json;
}

Json Room::stream_json(const Subscription& line) const {
    auto json = Json{{"type", line.kind}, {"active", line.active}, {"mindex", line.mindex}, {"mid", line.mid}};
    if (!line.crossrefid.empty()) json.set("crossrefid", line.crossrefid);
    json.set("ready", line.sink != sdk::SinkId::none).set("send", line.send);
    const auto feed = publishers.find(line.feed);
    if (!line.active || feed == publishers.end()) return json.set("sources", 0).set("source_ids", Json::array());
    json.set("feed_id", to_json(line.feed));
    if (!feed->second.display.empty()) json.set("feed_display", feed->second.display);
    json.set("feed_metadata", feed->second.metadata).set("feed_mid", line.feed_mid);
    if (const auto* stream = feed->second.stream(line.feed_mid); stream != nullptr && !stream->description.empty())
        json.set("feed_description", stream->description);
    if (!line.codec.empty()) json.set("codec", line.codec);
    auto ids = Json::array();
    ids.push(to_json(line.feed));
    return json.set("sources", 1).set("source_ids", ids);
}

Json Room::streams_json(const Subscriber& subscriber) const {
    auto list = Json::array();
    for (const auto& line : subscriber.lines) list.push(stream_json(line));
    return list;
}

}  // namespace cardea::videoroom
