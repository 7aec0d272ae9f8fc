// What a publisher sends: publish, configure, and what the others hear of it.
#include <algorithm>

#include "errors.hpp"
#include "tables.hpp"
#include "videoroom.hpp"

namespace cardea::videoroom {
namespace {

Json strings(const std::vector<std::string>& list) {
    auto json = Json::array();
    for (const auto& item : list) json.push(item);
    return json;
}

// The codecs of a room, or the one of them that this publisher asks for.
Json codecs_for(const std::vector<std::string>& room_codecs, const Json& wish) {
    if (!wish) return strings(room_codecs);
    if (std::find(room_codecs.begin(), room_codecs.end(), wish.text()) == room_codecs.end())
        refuse(kInvalidElement, "Codec " + std::string{wish.text()} + " is not allowed in this room");
    return strings({std::string{wish.text()}});
}

Json publishing_policy(const Room& room, const Json& body) {
    const auto& s = room.settings;
    auto audio = Json{{"direction", "recvonly"}, {"codecs", codecs_for(s.audio_codecs, body["audiocodec"])},
                      {"opus_fec", s.opus_fec}, {"opus_dtx", s.opus_dtx}};
    auto video = Json{{"direction", "recvonly"}, {"codecs", codecs_for(s.video_codecs, body["videocodec"])}};
    if (!s.vp9_profile.empty()) video.set("vp9_profile", s.vp9_profile);
    if (!s.h264_profile.empty()) video.set("h264_profile", s.h264_profile);
    return Json{{"group", room.group()}, {"audio", audio}, {"video", video}, {"data", true},
                {"extensions", Json{{"audio_level", s.audiolevel_ext}, {"video_orientation", s.videoorient_ext},
                                    {"playout_delay", s.playoutdelay_ext}, {"transport_cc", s.transport_wide_cc_ext}}}};
}

bool has_svc(const Json& jsep_svc, const sdk::MediaLine& line) {
    bool found = false;
    jsep_svc.for_each([&](const Json& entry) {
        found = found || (entry.has("mid") ? entry["mid"].text() == line.mid : entry.has("mindex") && entry["mindex"].integer() == line.mindex);
    });
    return found;
}

// What was decided about an m-line stays over a renegotiation.
Stream stream_from(const sdk::MediaLine& line, const Publisher& publisher, const Json& offer) {
    Stream stream;
    if (const auto* before = publisher.stream(line.mid)) stream = *before;
    stream.mid = line.mid;
    stream.mindex = line.mindex;
    stream.kind = line.kind;
    stream.codec = line.codec;
    stream.fmtp = line.fmtp;
    stream.source = line.source;
    stream.disabled = line.disabled || line.source == sdk::SourceId::none;
    stream.simulcast = line.json.has("simulcast");
    stream.svc = has_svc(offer["svc"], line);
    return stream;
}

}  // namespace

sdk::Reply VideoRoom::on_publish(const sdk::Request& request) {
    Room* room = nullptr;
    if (publishing(request, &room).negotiated) refuse(kAlreadyPublished, "Can't publish, already published");
    return configure_publisher(request);
}

sdk::Reply VideoRoom::on_configure(const sdk::Request& request) {
    if (participant(request.handle).role == Role::subscriber) return configure_subscriber(request);
    return configure_publisher(request);
}

sdk::Reply VideoRoom::configure_publisher(const sdk::Request& request) {
    const auto& body = request.body;
    Room* room = nullptr;
    auto& publisher = publishing(request, &room);
    check_all(kPublishParams, body);
    body["streams"].for_each([&](const Json& entry) {
        if (const auto mid = entry["mid"]; !request.has_offer() && mid && publisher.stream(mid.text()) == nullptr)
            refuse(kNoSuchFeed, "No such mid '" + std::string{mid.text()} + "' published");
    });
    if (request.has_answer()) refuse(kInvalidSdpType, "Invalid SDP type (publishers send offers)");
    const auto ticket = request.has_offer() ? negotiate_publisher(*room, publisher, request) : sdk::Ticket::none;
    apply_publisher_settings(*room, publisher, body);
    auto reply = room->event().set("configured", "ok");
    if (request.has_offer()) {
        const auto json = room->publisher_json(publisher);
        reply.set("audio_codec", json["audio_codec"]).set("video_codec", json["video_codec"]).set("streams", json["streams"]);
    }
    return {reply, ticket};
}

sdk::Ticket VideoRoom::negotiate_publisher(Room& room, Publisher& publisher, const sdk::Request& request) {
    if (!publisher.negotiated && room.publishing() >= room.settings.publishers)
        refuse(kPublishersFull, "Maximum number of publishers (" + std::to_string(room.settings.publishers) + ") already reached");
    publisher.e2ee = request.media["e2ee"].boolean();
    if (room.settings.require_e2ee && !publisher.e2ee) refuse(kUnauthorized, "Room requires end-to-end encrypted media");
    const auto result = host().answer(publisher.handle, publishing_policy(room, request.body));
    if (!result) refuse(kInvalidSdp, result.error());
    std::vector<Stream> streams;
    for (const auto& line : result->media)
        if (line.kind != "data" || !line.disabled) streams.push_back(stream_from(line, publisher, request.media));
    publisher.streams = std::move(streams);
    publisher.negotiated = true;
    publisher.describe(request.body["descriptions"]);
    host().limit_bitrate(publisher.handle, publisher.bitrate);
    for (const auto& stream : publisher.streams) apply_stream(stream);
    watch_talking(room, publisher);
    update_forwarding(publisher);
    if (publisher.up) {  // a renegotiation: the others see the new list, watchers of what ended get an offer
        tell_published(room, publisher);
        feed_changed(room, publisher.id);
    }
    return result->ticket;
}

void VideoRoom::tell_published(const Room& room, const Publisher& publisher) {
    auto list = Json::array();
    list.push(room.publisher_json(publisher));
    notify_others(room, publisher, room.event().set("publishers", list));
}

void VideoRoom::apply_stream(const Stream& stream) const {
    if (stream.source != sdk::SourceId::none) host().set_active(stream.source, stream.is_heard());
}

}  // namespace cardea::videoroom
