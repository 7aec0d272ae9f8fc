#include "modules/negotiation_json.hpp"

namespace cardea {
namespace {

MediaKind kind_of(std::string_view text) {
    if (text == "video") return MediaKind::video;
    return text == "data" ? MediaKind::data : MediaKind::audio;
}

std::vector<Codec> codecs_of(const Json& names) {
    std::vector<Codec> codecs;
    names.for_each([&](const Json& name) {
        if (const auto codec = codec_of(name.text()); codec != Codec::unknown) codecs.push_back(codec);
    });
    return codecs;
}

// "stream track", as a=msid has it.
Msid msid_of(const Json& text) {
    const auto whole = text.text();
    const auto space = whole.find(' ');
    if (space == std::string_view::npos) return {std::string{whole}, {}};
    return {std::string{whole.substr(0, space)}, std::string{whole.substr(space + 1)}};
}

KindPolicy kind_policy(const Json& json) {
    KindPolicy policy;
    policy.direction = direction_of(json["direction"].text("sendrecv")).value_or(MediaDirection::sendrecv);
    policy.codecs = codecs_of(json["codecs"]);
    policy.vp9_profile = json["vp9_profile"].text();
    policy.h264_profile = json["h264_profile"].text();
    policy.opus_fec = json["opus_fec"].boolean(policy.opus_fec);
    policy.opus_dtx = json["opus_dtx"].boolean(policy.opus_dtx);
    policy.opus_stereo = json["opus_stereo"].boolean(policy.opus_stereo);
    policy.bandwidth = json["bandwidth"].unsigned_integer();
    return policy;
}

MediaPolicy media_policy(const Json& json) {
    MediaPolicy policy;
    policy.mid = json["mid"].text();
    if (json.has("direction")) policy.direction = direction_of(json["direction"].text());
    if (json.has("codecs")) policy.codecs = codecs_of(json["codecs"]);
    policy.msid = msid_of(json["msid"]);
    policy.reject = json["reject"].boolean();
    return policy;
}

Json codec_json(const OfferedCodec& codec) {
    return {{"name", codec.name},
            {"pt", static_cast<unsigned>(codec.pt)},
            {"clock", codec.clock_rate},
            {"channels", static_cast<unsigned>(codec.channels)},
            {"fmtp", codec.fmtp}};
}

Json simulcast_json(const std::vector<std::string>& rids, const std::vector<Ssrc>& ssrcs) {
    if (rids.empty() && ssrcs.empty()) return {};
    auto list = Json::array();
    for (const auto& rid : rids) list.push(rid);
    for (const auto ssrc : ssrcs) list.push(ssrc.value);
    return Json::object().set(rids.empty() ? "ssrcs" : "rids", list);
}

Json offered_json(const OfferedMedia& media) {
    auto codecs = Json::array();
    for (const auto& codec : media.codecs) codecs.push(codec_json(codec));
    Json json{{"mid", media.mid},
              {"mindex", static_cast<unsigned>(media.mindex)},
              {"kind", to_text(media.kind)},
              {"direction", to_text(media.direction)},
              {"codecs", codecs}};
    json.set("simulcast", simulcast_json(media.rids, media.simulcast_ssrcs));
    if (!media.msid.empty()) json.set("msid", media.msid.stream + " " + media.msid.track);
    if (media.bandwidth != 0) json.set("bandwidth", media.bandwidth);
    if (media.disabled) json.set("disabled", true);
    return json;
}

}  // namespace

ExtensionWish extension_wish(const Json& json) {
    ExtensionWish wish;
    wish.audio_level = json["audio_level"].boolean(wish.audio_level);
    wish.abs_send_time = json["abs_send_time"].boolean(wish.abs_send_time);
    wish.transport_cc = json["transport_cc"].boolean(wish.transport_cc);
    wish.video_orientation = json["video_orientation"].boolean(wish.video_orientation);
    wish.playout_delay = json["playout_delay"].boolean(wish.playout_delay);
    wish.dependency_descriptor = json["dependency_descriptor"].boolean(wish.dependency_descriptor);
    return wish;
}

AnswerPolicy answer_policy(const Json& json) {
    AnswerPolicy policy;
    policy.audio = kind_policy(json["audio"]);
    policy.video = kind_policy(json["video"]);
    policy.data = json["data"].boolean();
    policy.extensions = extension_wish(json["extensions"]);
    json["media"].for_each([&](const Json& entry) { policy.media.push_back(media_policy(entry)); });
    return policy;
}

OfferTrack offer_track(const Json& json, const ExtensionWish& extensions) {
    OfferTrack track;
    track.mid = json["mid"].text();
    track.kind = kind_of(json["kind"].text());
    track.direction = direction_of(json["direction"].text("sendonly")).value_or(MediaDirection::sendonly);
    track.msid = msid_of(json["msid"]);
    track.extensions = extensions;
    track.bandwidth = json["bandwidth"].unsigned_integer();
    const auto named = codec_of(json["codec"].text());
    const auto usual = track.kind == MediaKind::video ? Codec::vp8 : Codec::opus;
    // An m-line that falls silent keeps what it was agreed to carry, unless told otherwise.
    const bool keeps_codec = named == Codec::unknown && !track.mid.empty() && track.direction == MediaDirection::inactive;
    if (track.kind != MediaKind::data && !keeps_codec) track.payload_type = default_payload_type(named == Codec::unknown ? usual : named);
    if (json["fmtp"].is_string()) track.payload_type.fmtp = json["fmtp"].text();
    return track;
}

DataRouteOptions data_route_options(const Json& json) {
    DataRouteOptions options;
    if (json["label"].is_string()) options = {std::string{json["label"].text()}, std::string{json["protocol"].text()}};
    return options;
}

Json offer_json(const OfferSummary& offer) {
    auto media = Json::array();
    for (const auto& entry : offer.media) media.push(offered_json(entry));
    return {{"type", "offer"}, {"update", offer.update}, {"restart", offer.restart}, {"media", media}};
}

Json media_json(const NegotiatedMedia& media, SourceId source, SinkId sink) {
    Json json{{"mid", media.mid},
              {"mindex", static_cast<unsigned>(media.mindex)},
              {"kind", to_text(media.kind)},
              {"direction", to_text(media.direction)}};
    if (media.payload_type) {
        json.set("codec", to_text(media.payload_type->codec)).set("pt", static_cast<unsigned>(media.payload_type->number));
        if (!media.payload_type->fmtp.empty()) json.set("fmtp", media.payload_type->fmtp);
    }
    if (source.is_set()) json.set("source", source.value);
    if (sink.is_set()) json.set("sink", sink.value);
    json.set("simulcast", simulcast_json(media.rids, media.simulcast_ssrcs));
    if (!media.msid.empty()) json.set("msid", media.msid.stream + " " + media.msid.track);
    if (media.rejected) json.set("disabled", true);
    return json;
}

}  // namespace cardea
