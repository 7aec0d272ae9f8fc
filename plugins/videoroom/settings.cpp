#include "settings.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "codecs.hpp"
#include "errors.hpp"

namespace cardea::videoroom {
namespace {

constexpr std::size_t kMaxCodecs = 5;

std::vector<std::string> codec_list(const Json& json, std::vector<std::string> fallback, const std::array<std::string_view, 4>& known) {
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

// Those of a room's own codecs; without a list the best audio and the best video one.
std::vector<DummyStream> dummies_from(const Json& list, const RoomSettings& settings) {
    if (!list) return {{settings.audio_codecs.front(), {}}, {settings.video_codecs.front(), {}}};
    const auto of_room = [&](std::string_view codec) {
        const auto is = [&](const std::string& known) { return known == codec; };
        return std::any_of(settings.audio_codecs.begin(), settings.audio_codecs.end(), is) ||
               std::any_of(settings.video_codecs.begin(), settings.video_codecs.end(), is);
    };
    std::vector<DummyStream> out;
    list.for_each([&](const Json& entry) {
        if (const auto codec = entry["codec"].text(); of_room(codec)) out.push_back({std::string{codec}, std::string{entry["fmtp"].text()}});
    });
    return out;
}

void read_access(RoomSettings& s, const Json& body) {
    s.secret = body["secret"].text();
    s.pin = body["pin"].text();
    s.is_private = body["is_private"].boolean();
    s.require_pvtid = body["require_pvtid"].boolean();
    s.require_e2ee = body["require_e2ee"].boolean();
    s.signed_tokens = body["signed_tokens"].boolean();
    s.check_allowed = body.has("allowed");
    body["allowed"].for_each([&](const Json& token) { s.allowed.emplace(token.text()); });
}

void read_media(RoomSettings& s, const Json& body) {
    s.audio_codecs = codec_list(body["audiocodec"], s.audio_codecs, kAudioCodecs);
    s.video_codecs = codec_list(body["videocodec"], s.video_codecs, kVideoCodecs);
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
    read_access(s, body);
    s.notify_joining = body["notify_joining"].boolean();
    s.publishers = std::max<std::uint64_t>(1, body["publishers"].unsigned_integer(s.publishers));
    s.bitrate = usable_bitrate(body["bitrate"].unsigned_integer());
    s.bitrate_cap = body["bitrate_cap"].boolean();
    s.fir_freq = body["fir_freq"].unsigned_integer();
    read_media(s, body);
    s.record = body["record"].boolean();
    s.lock_record = body["lock_record"].boolean();
    s.rec_dir = body["rec_dir"].text();
    s.dummy_publisher = body["dummy_publisher"].boolean();
    s.dummy_e2ee = body["dummy_e2ee"].boolean();
    if (s.dummy_publisher) s.dummy_streams = dummies_from(body["dummy_streams"], s);
    return s;
}

void RoomSettings::edit(const Json& body) {
    // As Janus has it an empty text changes nothing: a lock that is there cannot be taken off.
    const auto take = [&](const char* name, std::string& into) {
        if (const auto text = body[name]; !text.text().empty()) into = text.text();
    };
    take("new_description", description);
    take("new_secret", secret);
    take("new_pin", pin);
    take("new_rec_dir", rec_dir);
    is_private = body["new_is_private"].boolean(is_private);
    require_pvtid = body["new_require_pvtid"].boolean(require_pvtid);
    lock_record = body["new_lock_record"].boolean(lock_record);
    bitrate = usable_bitrate(body["new_bitrate"].unsigned_integer(bitrate));
    fir_freq = body["new_fir_freq"].unsigned_integer(fir_freq);
    publishers = std::max<std::uint64_t>(1, body["new_publishers"].unsigned_integer(publishers));
}

Json RoomSettings::to_body(const ApiId& id) const {
    auto body = Json{{"room", to_json(id)}, {"description", description}, {"is_private", is_private},
                     {"require_pvtid", require_pvtid}, {"require_e2ee", require_e2ee}, {"signed_tokens", signed_tokens},
                     {"notify_joining", notify_joining}, {"publishers", publishers}, {"bitrate", bitrate},
                     {"bitrate_cap", bitrate_cap}, {"fir_freq", fir_freq}, {"audiocodec", joined(audio_codecs)},
                     {"videocodec", joined(video_codecs)}, {"opus_fec", opus_fec}, {"opus_dtx", opus_dtx},
                     {"audiolevel_ext", audiolevel_ext}, {"audiolevel_event", audiolevel_event},
                     {"audio_active_packets", audio_active_packets}, {"audio_level_average", audio_level_average},
                     {"videoorient_ext", videoorient_ext}, {"playoutdelay_ext", playoutdelay_ext},
                     {"transport_wide_cc_ext", transport_wide_cc_ext}, {"record", record}, {"lock_record", lock_record},
                     {"dummy_publisher", dummy_publisher}, {"dummy_e2ee", dummy_e2ee}};
    const auto set_text = [&](const char* name, const std::string& text) {
        if (!text.empty()) body.set(name, text);
    };
    set_text("secret", secret);
    set_text("pin", pin);
    set_text("vp9_profile", vp9_profile);
    set_text("h264_profile", h264_profile);
    set_text("rec_dir", rec_dir);
    if (check_allowed) {
        auto tokens = Json::array();
        for (const auto& token : allowed) tokens.push(token);
        body.set("allowed", tokens);
    }
    if (dummy_publisher) {
        auto list = Json::array();
        for (const auto& [codec, fmtp] : dummy_streams) list.push(fmtp.empty() ? Json{{"codec", codec}} : Json{{"codec", codec}, {"fmtp", fmtp}});
        body.set("dummy_streams", list);
    }
    return body;
}

}  // namespace cardea::videoroom
