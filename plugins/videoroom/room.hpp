// A room: its settings, who publishes, who watches. Values only; what goes on the wire is made in room.cpp.
#pragma once

#include <cardea/plugin.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "api_id.hpp"
#include "forwarding.hpp"
#include "layers.hpp"
#include "settings.hpp"

namespace cardea::videoroom {

// One m-line that a publisher sends.
struct Stream {
    std::string mid;
    std::uint32_t mindex = 0;
    std::string kind, codec, fmtp, description;
    sdk::SourceId source{};
    bool disabled = false;   // not sent at present
    bool muted = false;      // by its publisher's own configure
    bool moderated = false;  // by a moderator
    bool simulcast = false, svc = false;
    bool talking = false;
    PlayoutDelay delay;

    [[nodiscard]] bool is_heard() const noexcept { return !muted && !moderated; }
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
    bool dummy = false;       // nobody is behind it; its streams hold m-lines of subscribers open
    bool e2ee = false;
    std::uint64_t bitrate = 0;
    std::uint64_t audio_active_packets = 0, audio_level_average = 0;  // 0: as the room has it
    bool record = false;  // wished; see recording.cpp
    std::string record_file;
    std::vector<ForwardedStream> forwarded;
    std::vector<Remotization> remotizations;
    sdk::RemoteId remote{};                       // set: it is in a room of another gateway, and has no handle here
    std::map<std::string, Json> remote_streams{}; // by mid, as the other gateway described them

    [[nodiscard]] bool is_remote() const noexcept { return remote != sdk::RemoteId::none; }
    [[nodiscard]] bool has_handle() const noexcept { return !dummy && !is_remote(); }
    sdk::RecordingId recording{};  // that runs

    [[nodiscard]] const Stream* stream(std::string_view mid) const;
    [[nodiscard]] Stream* stream(std::string_view mid);
    [[nodiscard]] const Stream* data_stream() const;  // that is sent
    void describe(const Json& descriptions);  // [{"mid","description"}]
    [[nodiscard]] Json attendee_json() const;  // id, display?, metadata?
};

// One m-line towards a subscriber. Without a feed it waits for another one of its kind.
struct Subscription {
    std::string mid;  // empty until offered
    std::uint32_t mindex = 0;
    std::string kind, codec;
    std::optional<ApiId> feed;
    std::string feed_mid, crossrefid;
    std::vector<ApiId> data_feeds;  // of an m-line for data: it carries any number of them
    std::set<sdk::SourceId> data_routes;  // of those that are routed
    sdk::SourceId source{};
    sdk::SinkId sink{};
    bool active = true;  // there is something to send on it; see Room::is_active
    bool agreed = false;  // an answer has taken its m-line
    bool ready = false;   // the same for the feed that is on it now
    bool send = true;    // the subscriber wants it
    LayerWish layers;
    LayerWish reached;  // as CARDEA_EVENT_LAYERS told last
    PlayoutDelay delay;

    [[nodiscard]] bool is_data() const noexcept { return kind == "data"; }
    [[nodiscard]] bool is_free() const noexcept { return !feed && data_feeds.empty(); }
};

struct Subscriber {
    sdk::HandleId handle{};
    std::uint64_t private_id = 0;  // of the publisher it says it belongs to; 0: it does not say
    std::vector<Subscription> lines;
    bool paused = false, autoupdate = true, use_msid = false;
    bool answered = true;  // no offer of ours is open
    bool changed = false;  // lines changed while an offer was open
    std::optional<ApiId> legacy_feed;

    [[nodiscard]] Subscription* line(std::string_view mid);
};

struct Room {
    ApiId id;
    RoomSettings settings;
    bool permanent = false;
    std::map<ApiId, Publisher> publishers;  // everybody who joined as publisher, publishing or not
    std::map<sdk::HandleId, Subscriber> subscribers;
    sdk::TimerId keyframe_timer{};
    std::uint64_t wrong_keys = 0;

    [[nodiscard]] Publisher* publisher(const ApiId& feed);
    [[nodiscard]] const Publisher* publisher(const ApiId& feed) const;
    // A feed that can be watched.
    [[nodiscard]] const Publisher* published(const ApiId& feed) const;
    [[nodiscard]] std::uint64_t publishing() const;  // those with a handle
    [[nodiscard]] std::uint64_t participants() const;
    [[nodiscard]] std::vector<sdk::HandleId> publisher_handles() const;
    [[nodiscard]] Json group() const { return Json{"videoroom:" + to_text(id)}; }

    [[nodiscard]] Json list_entry() const;
    [[nodiscard]] Json publisher_json(const Publisher& publisher) const;          // as in "publishers"
    [[nodiscard]] Json publisher_streams_json(const Publisher& publisher) const;
    [[nodiscard]] Json participant_json(const Publisher& publisher) const;        // as in "participants"
    [[nodiscard]] const Stream* stream_of(const Subscription& line) const;
    [[nodiscard]] bool is_active(const Subscription& line) const;                 // there is something to send on it
    [[nodiscard]] Json line_json(const Subscription& line) const;                 // as in "attached"
    [[nodiscard]] Json lines_json(const Subscriber& subscriber) const;
    [[nodiscard]] Json event() const { return Json{{"videoroom", "event"}, {"room", to_json(id)}}; }
};

}  // namespace cardea::videoroom
