// A room: its settings, who publishes, who watches. Values only; what goes on the wire is made here too.
#pragma once

#include <cardea/plugin.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "api_id.hpp"

namespace cardea::videoroom {

struct RoomSettings {
    std::string description;
    std::string secret, pin;
    bool is_private = false, require_pvtid = false, require_e2ee = false, notify_joining = false;
    std::uint64_t publishers = 3;
    std::uint64_t bitrate = 0;  // bits per second; 0 = no cap
    bool bitrate_cap = false;
    std::uint64_t fir_freq = 0;  // seconds; 0 = never
    std::vector<std::string> audio_codecs{"opus"}, video_codecs{"vp8"};
    std::string vp9_profile, h264_profile;
    bool opus_fec = true, opus_dtx = false;
    bool audiolevel_ext = true, audiolevel_event = false, videoorient_ext = true, playoutdelay_ext = true, transport_wide_cc_ext = true;
    std::uint64_t audio_active_packets = 100, audio_level_average = 25;
    bool record = false, lock_record = false;
    std::string rec_dir;

    // body of a `create`, already validated. Throws RequestError for what the table cannot say.
    [[nodiscard]] static RoomSettings from(const Json& body, const ApiId& id);
};

// One m-line that a publisher sends.
struct Stream {
    std::string mid;
    std::uint32_t mindex = 0;
    std::string kind, codec, fmtp, description;
    sdk::SourceId source{};
    bool disabled = false;
    Json simulcast;
};

struct Publisher {
    sdk::HandleId handle{};
    ApiId id;
    std::uint64_t private_id = 0;
    std::string display;
    Json metadata;
    std::vector<Stream> streams;
    bool negotiated = false;  // an answer has been given
    bool up = false;          // WebRTC is up: the others know of it
    std::uint64_t bitrate = 0;

    [[nodiscard]] const Stream* stream(std::string_view mid) const;
    [[nodiscard]] Json to_json() const;          // as in "publishers"
    [[nodiscard]] Json streams_json() const;
    [[nodiscard]] Json attendee_json() const;    // id, display?, metadata?
};

// One m-line towards a subscriber.
struct Subscription {
    std::string mid;  // empty until offered
    std::uint32_t mindex = 0;
    std::string kind, codec, fmtp;
    ApiId feed;
    std::string feed_mid, crossrefid;
    sdk::SourceId source{};
    sdk::SinkId sink{};
    bool active = true;  // the feed is there
    bool send = true;    // the subscriber wants it
};

struct Subscriber {
    sdk::HandleId handle{};
    std::vector<Subscription> lines;
    bool paused = false, autoupdate = true, use_msid = false;
    bool answered = true;   // no offer of ours is open
    bool changed = false;   // lines changed while an offer was open
    bool legacy = false;
    ApiId legacy_feed;
};

struct Room {
    ApiId id;
    RoomSettings settings;
    std::map<ApiId, Publisher> publishers;  // everybody who joined as publisher, publishing or not
    std::map<sdk::HandleId, Subscriber> subscribers;
    sdk::TimerId keyframe_timer{};

    [[nodiscard]] Json list_entry() const;
    [[nodiscard]] std::uint64_t publishing() const;
    [[nodiscard]] Json stream_json(const Subscription& line) const;  // as in "attached"
    [[nodiscard]] Json streams_json(const Subscriber& subscriber) const;
    [[nodiscard]] Json group() const { return Json{"videoroom:" + to_text(id)}; }
};

}  // namespace cardea::videoroom
