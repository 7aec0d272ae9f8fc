// Publishers in rooms of two gateways: publish_remotely on the one where they are, add_remote_publisher on the other. Answered in
// the `success`.
#include <algorithm>
#include <utility>

#include "codecs.hpp"
#include "errors.hpp"
#include "tables.hpp"
#include "videoroom.hpp"

namespace cardea::videoroom {
namespace {

// Names of codecs come as an SDP has them, and their case does not matter (RFC 8866 section 6.6).
std::string codec_of(const Json& entry) {
    std::string codec{entry["codec"].text()};
    std::transform(codec.begin(), codec.end(), codec.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return codec;
}

// What an SDP would say about such a stream.
std::string fmtp_of(const Json& entry) {
    const auto codec = codec_of(entry);
    if (codec == "opus") {
        std::string fmtp = entry["fec"].boolean() ? "useinbandfec=1" : "useinbandfec=0";
        if (entry["stereo"].boolean()) fmtp += ";stereo=1;sprop-stereo=1";
        if (entry["dtx"].boolean()) fmtp += ";usedtx=1";
        return fmtp;
    }
    if (codec == "h264") {
        const auto profile = entry["h264_profile"].text("42e01f");
        return "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=" + std::string{profile};
    }
    if (codec == "vp9") return "profile-id=" + std::string{entry["vp9_profile"].text("0")};
    return {};
}

bool contains(const std::vector<std::string>& list, std::string_view item) { return std::find(list.begin(), list.end(), item) != list.end(); }

bool is_allowed(const Room& room, const Stream& stream) {
    if (stream.kind == "data") return true;
    return contains(stream.kind == "audio" ? room.settings.audio_codecs : room.settings.video_codecs, stream.codec);
}

Stream stream_of(const Room& room, const Json& entry) {
    Stream stream;
    stream.mid = entry["mid"].text();
    stream.mindex = static_cast<std::uint32_t>(entry["mindex"].unsigned_integer());
    stream.kind = entry["type"].text();
    stream.codec = codec_of(entry);
    stream.description = entry["description"].text();
    stream.simulcast = stream.kind == "video" && entry["simulcast"].boolean();
    stream.svc = stream.kind == "video" && entry["svc"].boolean();
    if (stream.kind != "data") stream.fmtp = fmtp_of(entry);
    stream.disabled = entry["disabled"].boolean() || !is_allowed(room, stream);
    return stream;
}

void check_stream(const Json& entry) {
    const auto type = entry["type"].text();
    if (type != "audio" && type != "video" && type != "data") refuse(kInvalidElement, "Invalid element value (type)");
    if (entry["mindex"].unsigned_integer() > 255) refuse(kInvalidElement, "Invalid element value (mindex)");
    if (type == "data" || entry["disabled"].boolean()) return;
    if (!entry["codec"]) refuse(kMissingElement, "Missing mandatory element (codec)");
    const auto& known = type == "audio" ? kAudioCodecs : kVideoCodecs;
    if (std::find(known.begin(), known.end(), codec_of(entry)) == known.end()) refuse(kMissingElement, "Invalid element value (unsupported codec)");
}

// One stream in the words of the core.
Json core_stream(const Stream& stream, const Json& entry) {
    auto ssrcs = Json::array();
    const auto encodings = stream.simulcast ? kSubstreams : 1U;
    for (std::uint32_t substream = 0; substream < encodings; ++substream) ssrcs.push(remote_ssrc(stream.mindex, substream));
    Json json{{"mid", stream.mid}, {"mindex", stream.mindex}, {"kind", stream.kind}, {"ssrcs", ssrcs}};
    if (stream.kind == "data") return json;
    auto extensions = Json::object();
    extensions.set("audio_level", entry["audiolevel_ext_id"])
        .set("video_orientation", entry["videoorient_ext_id"])
        .set("playout_delay", entry["playoutdelay_ext_id"])
        .set("dependency_descriptor", entry["dependencydesc_ext_id"]);
    return std::move(json).set("codec", stream.codec).set("fmtp", stream.fmtp).set("extensions", extensions);
}

Json core_streams(const Publisher& publisher) {
    auto list = Json::array();
    for (const auto& [mid, entry] : publisher.remote_streams)
        if (const auto* stream = publisher.stream(mid); stream != nullptr && !stream->disabled) list.push(core_stream(*stream, entry));
    return list;
}

void give_sources(Publisher& publisher, const std::vector<sdk::MediaLine>& media) {
    for (auto& stream : publisher.streams) {
        const auto line = std::find_if(media.begin(), media.end(), [&](const sdk::MediaLine& each) { return each.mid == stream.mid; });
        stream.source = line == media.end() ? sdk::SourceId::none : line->source;
    }
}

void take_streams(const Room& room, Publisher& publisher, const Json& streams) {
    streams.for_each([&](const Json& entry) {
        auto stream = stream_of(room, entry);
        publisher.remote_streams[stream.mid] = entry;
        if (auto* known = publisher.stream(stream.mid)) {
            stream.moderated = known->moderated;
            *known = std::move(stream);
        } else {
            publisher.streams.push_back(std::move(stream));
        }
    });
    std::sort(publisher.streams.begin(), publisher.streams.end(), [](const Stream& a, const Stream& b) { return a.mindex < b.mindex; });
}

}  // namespace

// ---- where the publisher is --------------------------------------------------------------------------------------------

void VideoRoom::remotize(Publisher& publisher, const Remotization& to) {
    std::vector<ForwardWish> wishes;
    for (const auto& stream : publisher.streams) {
        if (stream.source == sdk::SourceId::none) continue;
        const bool known = std::any_of(publisher.forwarded.begin(), publisher.forwarded.end(), [&](const ForwardedStream& each) {
            return each.remote_id == to.remote_id && each.source == stream.source;
        });
        if (known) continue;
        const auto encodings = stream.simulcast ? kSubstreams : 1U;
        for (std::uint32_t substream = 0; substream < encodings; ++substream) {
            auto wish = Json{{"host", to.host}, {"port", to.port}, {"rtcp_port", to.rtcp_port}, {"ssrc", remote_ssrc(stream.mindex, substream)}};
            wish.set("srtp", to.srtp);
            if (stream.kind == "data") wish.erase("rtcp_port");
            if (!to.family.empty()) wish.set("family", to.family);
            if (stream.simulcast) wish.set("substream", substream);
            wishes.push_back({&stream, std::move(wish)});
        }
    }
    forward(publisher, wishes, to.remote_id);
}

sdk::Reply VideoRoom::on_publish_remotely(const sdk::Request& request) {
    const auto& body = request.body;
    check(kPublishRemotelyParams, body);
    check_forwarding_key(body);
    check_rtp_words(body);
    if (body["port"].unsigned_integer() == 0) refuse(kInvalidElement, "Invalid element (port must be a non-zero positive integer)");
    auto& room = room_of(body);
    check_secret(room, body);
    auto& publisher = forwarding_publisher(room, body);
    if (publisher.is_remote()) refuse(kInvalidElement, "Only local publishers can be remotized");
    Remotization to{.remote_id = std::string{body["remote_id"].text()}, .host = std::string{body["host"].text()},
                    .family = std::string{body["host_family"].text()}, .port = body["port"].unsigned_integer(),
                    .rtcp_port = body["rtcp_port"].unsigned_integer(), .srtp = srtp_of(body)};
    const bool taken = std::any_of(publisher.remotizations.begin(), publisher.remotizations.end(),
                                   [&](const Remotization& each) { return each.remote_id == to.remote_id; });
    if (taken) refuse(kIdExists, "Remotization already exists (" + to.remote_id + ")");
    remotize(publisher, to);
    auto reply = Json{{"videoroom", "success"}, {"room", to_json(room.id)}, {"id", to_json(publisher.id)}, {"remote_id", to.remote_id}};
    publisher.remotizations.push_back(std::move(to));
    host().info("publisher sent to another gateway", {{"room", to_json(room.id)}, {"feed", to_json(publisher.id)}});
    return reply;
}

sdk::Reply VideoRoom::on_unpublish_remotely(const sdk::Request& request) {
    const auto& body = request.body;
    check(kUnpublishRemotelyParams, body);
    auto& room = room_of(body);
    check_secret(room, body);
    auto& publisher = forwarding_publisher(room, body);
    const auto remote_id = body["remote_id"].text();
    const auto gone = std::erase_if(publisher.remotizations, [&](const Remotization& each) { return each.remote_id == remote_id; });
    if (gone == 0) refuse(kNoSuchFeed, "No such remotization (" + std::string{remote_id} + ")");
    std::erase_if(publisher.forwarded, [&](const ForwardedStream& each) {
        if (each.remote_id != remote_id) return false;
        host().stop_forwarding(each.forwarder);
        return true;
    });
    return Json{{"videoroom", "success"}, {"room", to_json(room.id)}, {"id", to_json(publisher.id)}};
}

sdk::Reply VideoRoom::on_listremotes(const sdk::Request& request) {
    const auto& body = request.body;
    check(kListRemotesParams, body);
    auto& room = room_of(body);
    check_secret(room, body);
    const auto& publisher = forwarding_publisher(room, body);
    auto list = Json::array();
    for (const auto& each : publisher.remotizations) {
        auto entry = Json{{"remote_id", each.remote_id}, {"host", each.host}, {"port", each.port}};
        if (each.rtcp_port > 0) entry.set("rtcp_port", each.rtcp_port);
        list.push(std::move(entry));
    }
    return Json{{"videoroom", "success"}, {"room", to_json(room.id)}, {"id", to_json(publisher.id)}, {"list", list}};
}

// ---- where it is shown -------------------------------------------------------------------------------------------------

sdk::Reply VideoRoom::on_add_remote_publisher(const sdk::Request& request) {
    const auto& body = request.body;
    check(kAddRemotePublisherParams, body);
    if (body["streams"].size() == 0) refuse(kInvalidElement, "Invalid element value (streams can't be empty)");
    body["streams"].for_each(check_stream);
    check_rtp_words(body);
    if (body.has("mcast")) refuse(kInvalidElement, "Invalid element (mcast: groups are not joined)");
    auto& room = room_of(body);
    check_secret(room, body);
    Publisher publisher;
    publisher.id = id_from(body["id"]);
    if (!body.has("id") || publisher.id == ApiId{std::uint64_t{0}}) publisher.id = draw_id(room.publishers);
    if (room.publishers.contains(publisher.id)) refuse(kIdExists, "User ID " + to_text(publisher.id) + " already exists");
    publisher.display = body["display"].text();
    publisher.metadata = body["metadata"];
    publisher.record = room.settings.record;
    while (publisher.private_id == 0) publisher.private_id = host().random() & 0xffffffffU;
    take_streams(room, publisher, body["streams"]);
    auto wish = Json{{"group", room.group()}, {"streams", core_streams(publisher)}};
    wish.set("port", body["port"]).set("rtcp_port", body["rtcp_port"]).set("address", body["iface"]).set("sender", body["sender"]);
    wish.set("srtp", srtp_of(body));
    const auto opened = host().open_remote(wish);
    if (!opened) refuse(opened.status() == CARDEA_INVALID ? kInvalidElement : kUnknownError, opened.error());
    publisher.remote = opened->id;
    publisher.up = true;
    give_sources(publisher, opened->media);
    auto& added = room.publishers.emplace(publisher.id, std::move(publisher)).first->second;
    tell_published(room, added);
    note_published(room, added);
    update_recording(room, added);
    host().info("remote publisher added", {{"room", to_json(room.id)}, {"feed", to_json(added.id)}, {"port", unsigned{opened->port}}});
    return Json{{"videoroom", "success"}, {"room", to_json(room.id)}, {"id", to_json(added.id)},
                {"ip", opened->ip},       {"port", unsigned{opened->port}}, {"rtcp_port", unsigned{opened->rtcp_port}}};
}

Publisher& VideoRoom::remote_publisher(Room& room, const Json& body) {
    const auto id = id_from(body["id"]);
    auto* publisher = room.publisher(id);
    if (publisher == nullptr || !publisher->is_remote()) refuse(kNoSuchFeed, "No such remote publisher (" + to_text(id) + ")");
    return *publisher;
}

sdk::Reply VideoRoom::on_update_remote_publisher(const sdk::Request& request) {
    const auto& body = request.body;
    check(kUpdateRemotePublisherParams, body);
    body["streams"].for_each(check_stream);
    auto& room = room_of(body);
    check_secret(room, body);
    auto& publisher = remote_publisher(room, body);
    if (const auto display = body["display"]) publisher.display = display.text();
    if (const auto metadata = body["metadata"]) publisher.metadata = metadata;
    take_streams(room, publisher, body["streams"]);
    const auto media = host().update_remote(publisher.remote, Json{{"streams", core_streams(publisher)}});
    if (!media) refuse(media.status() == CARDEA_INVALID ? kInvalidElement : kUnknownError, media.error());
    give_sources(publisher, *media);
    for (const auto& stream : publisher.streams) apply_stream(stream);
    if (publisher.recording != sdk::RecordingId::none) {  // its streams were named when it began
        host().stop_recording(std::exchange(publisher.recording, sdk::RecordingId::none));
        update_recording(room, publisher);
    }
    tell_published(room, publisher);
    feed_changed(room, publisher.id);
    return Json{{"videoroom", "success"}};
}

sdk::Reply VideoRoom::on_remove_remote_publisher(const sdk::Request& request) {
    const auto& body = request.body;
    check(kRemoveRemotePublisherParams, body);
    auto& room = room_of(body);
    check_secret(room, body);
    remove_remote(room, remote_publisher(room, body), Departure::left);
    return Json{{"videoroom", "success"}};
}

void VideoRoom::remove_remote(Room& room, Publisher& publisher, Departure how) {
    const auto id = publisher.id;
    const auto remote = publisher.remote;
    media_gone(room, publisher);
    auto event = room.event().set(how == Departure::kicked ? "kicked" : "leaving", to_json(id));
    if (how == Departure::left && !publisher.display.empty()) event.set("display", publisher.display);
    if (how == Departure::left) event.set("metadata", publisher.metadata);
    notify_others(room, publisher, event);
    note(room, publisher, how == Departure::kicked ? "kicked" : "leaving");
    room.publishers.erase(id);
    host().close_remote(remote);
    host().info("remote publisher removed", {{"room", to_json(room.id)}, {"feed", to_json(id)}});
}

}  // namespace cardea::videoroom
