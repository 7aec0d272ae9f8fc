// The VideoRoom plugin: rooms whose publishers are watched by subscribers (SFU). This class keeps who is where; media is
// only declared: routes from a publisher's sources to subscribers' sinks live in the core. One file per group of requests.
#pragma once

#include <cardea/plugin.hpp>

#include <map>
#include <string_view>
#include <unordered_map>

#include "room.hpp"
#include "room_store.hpp"

namespace cardea::videoroom {

// Under which label data of a publisher reaches its subscribers; see label_of().
enum class DataLabel : std::uint8_t { automatic, id, publisher };

class VideoRoom final : public sdk::Plugin {
  public:
    VideoRoom(sdk::Host& host, Json config);

    void start() override;  // permanent rooms
    bool attach(sdk::HandleId handle) override;
    void detach(sdk::HandleId handle) override;
    sdk::Reply on_request(const sdk::Request& request) override;
    void on_webrtc_up(sdk::HandleId handle) override;
    void on_hangup(sdk::HandleId handle, std::string_view reason) override;
    void on_slow_link(sdk::HandleId handle, const Json& about) override;
    void on_layers(sdk::HandleId handle, const Json& about) override;
    void on_recording(sdk::HandleId handle, const Json& end) override;
    void on_talking(sdk::HandleId handle, const Json& about) override;
    Json query(sdk::HandleId handle) override;

  private:
    // gone: kicked, or the room is over. Such a handle can only be detached.
    enum class Role : std::uint8_t { none, publisher, subscriber, gone };
    struct Participant {
        Role role = Role::none;
        ApiId room;
        ApiId feed;  // of a publisher
    };
    using Handler = sdk::Reply (VideoRoom::*)(const sdk::Request&);
    struct Verb {
        std::string_view name;
        Handler handler;
    };

    // room_requests.cpp: rooms come and go
    sdk::Reply on_create(const sdk::Request& request);
    sdk::Reply on_edit(const sdk::Request& request);
    sdk::Reply on_destroy(const sdk::Request& request);
    sdk::Reply on_exists(const sdk::Request& request);
    sdk::Reply on_list(const sdk::Request& request);
    Room& make_room(const Json& body);
    bool keep_room(Room& room);
    bool forget_room(const ApiId& id);
    void restart_keyframe_timer(Room& room);

    // moderation.cpp: who may be in a room, and who is
    sdk::Reply on_allowed(const sdk::Request& request);
    sdk::Reply on_kick(const sdk::Request& request);
    sdk::Reply on_moderate(const sdk::Request& request);
    sdk::Reply on_listparticipants(const sdk::Request& request);

    // forwarders.cpp: streams sent on by RTP
    struct ForwardWish {
        const Stream* stream = nullptr;
        Json wish;  // as sdk::Host::forward_rtp takes it
    };
    sdk::Reply on_rtp_forward(const sdk::Request& request);
    sdk::Reply on_stop_rtp_forward(const sdk::Request& request);
    sdk::Reply on_listforwarders(const sdk::Request& request);
    void check_forwarding_key(const Json& body) const;
    [[nodiscard]] Publisher& forwarding_publisher(Room& room, const Json& body);  // 428
    std::vector<ForwardedStream> forward(Publisher& publisher, const std::vector<ForwardWish>& wishes, const std::string& remote_id);
    void update_forwarding(Publisher& publisher);  // its streams have changed
    void end_forwarding(Publisher& publisher);

    // remote_publishers.cpp: publishers in rooms of two gateways
    sdk::Reply on_publish_remotely(const sdk::Request& request);
    sdk::Reply on_unpublish_remotely(const sdk::Request& request);
    sdk::Reply on_listremotes(const sdk::Request& request);
    sdk::Reply on_add_remote_publisher(const sdk::Request& request);
    sdk::Reply on_update_remote_publisher(const sdk::Request& request);
    sdk::Reply on_remove_remote_publisher(const sdk::Request& request);
    void remotize(Publisher& publisher, const Remotization& to);
    [[nodiscard]] Publisher& remote_publisher(Room& room, const Json& body);  // 428

    // recording.cpp
    sdk::Reply on_enable_recording(const sdk::Request& request);
    void check_rec_dir(const std::string& folder) const;                      // 430
    void wish_recording(Room& room, Publisher& publisher, const Json& body);  // of a configure
    void update_recording(Room& room, Publisher& publisher);                  // the wish, or what is published, has changed

    // access.cpp: secrets, pins, tokens
    void check_room_key(Room& room, std::string_view key, const Json& body, const char* name);
    void check_secret(Room& room, const Json& body) { check_room_key(room, room.settings.secret, body, "secret"); }
    void check_pin(Room& room, const Json& body) { check_room_key(room, room.settings.pin, body, "pin"); }
    void check_token(Room& room, const Json& body);
    void check_private_id(const Room& room, const Json& body) const;

    // join.cpp: into a room as publisher
    sdk::Reply on_join(const sdk::Request& request);
    sdk::Reply on_join_and_configure(const sdk::Request& request);
    Json join_publisher(const sdk::Request& request);
    void add_dummy(Room& room);

    // publish.cpp, publisher_settings.cpp
    sdk::Reply on_publish(const sdk::Request& request);
    sdk::Reply on_configure(const sdk::Request& request);
    sdk::Reply configure_publisher(const sdk::Request& request);
    sdk::Ticket negotiate_publisher(Room& room, Publisher& publisher, const sdk::Request& request);
    void apply_publisher_settings(Room& room, Publisher& publisher, const Json& body);
    void apply_stream_settings(Room& room, Publisher& publisher, const Json& body);
    void limit_bitrate(const Room& room, Publisher& publisher, const Json& wish);
    void tell_published(const Room& room, const Publisher& publisher);
    void apply_stream(const Stream& stream) const;
    void watch_talking(const Room& room, const Publisher& publisher) const;

    // departure.cpp: unpublish, leave, kick, hangup
    sdk::Reply on_unpublish(const sdk::Request& request);
    sdk::Reply on_leave(const sdk::Request& request);
    enum class Departure : std::uint8_t { left, kicked };
    void media_gone(Room& room, Publisher& publisher);
    void leave_publisher(sdk::HandleId handle, Departure how);
    void remove_remote(Room& room, Publisher& publisher, Departure how);
    void leave_subscriber(sdk::HandleId handle);

    // subscriber.cpp: into a room to watch, start, pause, configure
    sdk::Reply join_subscriber(const sdk::Request& request);
    sdk::Reply configure_subscriber(const sdk::Request& request);
    sdk::Reply on_start(const sdk::Request& request);
    sdk::Reply on_pause(const sdk::Request& request);

    // resubscribe.cpp: other feeds, with and without a new offer
    sdk::Reply on_subscribe(const sdk::Request& request);
    sdk::Reply on_unsubscribe(const sdk::Request& request);
    sdk::Reply on_update(const sdk::Request& request);
    sdk::Reply on_switch(const sdk::Request& request);
    sdk::Reply reply_updated(Room& room, Subscriber& subscriber, bool changed);

    // offers.cpp: what a subscriber is offered, and what flows
    enum class Ice : std::uint8_t { keep, restart };
    sdk::Ticket offer_to(Room& room, Subscriber& subscriber, Ice ice);
    void take_answer(const sdk::Request& request);
    void offer_again(Room& room, Subscriber& subscriber);
    void feed_changed(Room& room, const ApiId& feed);

    // flow.cpp: what of it flows, and how
    void apply_flow(const Subscriber& subscriber) const;
    void route_data(const Room& room, Subscriber& subscriber) const;
    [[nodiscard]] std::optional<std::string> label_of(const Room& room, const Publisher& publisher) const;  // none: the publisher's own
    void apply_quality(const Room& room, const Subscription& line) const;
    void apply_watchers(const Room& room, const ApiId& feed, std::string_view mid) const;

    // videoroom.cpp: what they share
    void check(const cardea_params& params, const Json& body) const;      // throws RequestError; passes over keys
    void check_all(const cardea_params& params, const Json& body) const;
    [[nodiscard]] Room& room_of(const Json& body);                    // 426
    [[nodiscard]] Participant& participant(sdk::HandleId handle) { return participants_[handle]; }
    [[nodiscard]] Publisher* publisher_of(sdk::HandleId handle, Room** room);
    [[nodiscard]] Subscriber* subscriber_of(sdk::HandleId handle, Room** room);
    // As above, for a request that only one of them has: 423, 424, 426.
    Publisher& publishing(const sdk::Request& request, Room** room);
    Subscriber& subscribing(const sdk::Request& request, Room** room);
    void refuse_newcomer(sdk::HandleId handle) const;  // 425
    void notify_all(const Room& room, const Json& event) const;
    void notify_others(const Room& room, const Publisher& about, const Json& event) const;
    [[nodiscard]] ApiId draw_id(const auto& taken) const;
    // What event handlers hear, in the words of Janus: {"event","room"} and what fill(Json&) adds. It is not called when nobody listens.
    template <class Fill>
    void note(sdk::HandleId handle, const Room& room, const char* event, Fill fill) const {
        host().notify_event(handle, [&] {
            auto json = Json{{"event", event}, {"room", to_json(room.id)}};
            fill(json);
            return json;
        });
    }
    void note(sdk::HandleId handle, const Room& room, const char* event) const {
        note(handle, room, event, [](Json&) {});
    }
    void note(const Room& room, const Publisher& publisher, const char* event) const {
        note(publisher.handle, room, event, [&](Json& json) { json.set("id", to_json(publisher.id)); });
    }
    void note_published(const Room& room, const Publisher& publisher) const;
    void note_lines(const Room& room, const Subscriber& subscriber, const char* event) const;

    std::string admin_key_;
    bool string_ids_ = false;
    bool lock_rtp_forward_ = false;  // whether forwarding needs the admin_key
    DataLabel data_label_ = DataLabel::automatic;
    RoomStore store_;
    std::map<ApiId, Room> rooms_;
    std::unordered_map<sdk::HandleId, Participant> participants_;
};

ApiId VideoRoom::draw_id(const auto& taken) const {
    for (;;) {
        const auto number = host().random_id();
        const ApiId id = string_ids_ ? ApiId{std::to_string(number)} : ApiId{number};
        if (!taken.contains(id)) return id;
    }
}

}  // namespace cardea::videoroom
