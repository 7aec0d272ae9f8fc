// The VideoRoom plugin: rooms whose publishers are watched by subscribers (SFU). This class keeps who is where; media is
// only declared: routes from a publisher's sources to subscribers' sinks live in the core.
#pragma once

#include <cardea/plugin.hpp>

#include <map>
#include <string_view>
#include <unordered_map>

#include "room.hpp"

namespace cardea::videoroom {

class VideoRoom final : public sdk::Plugin {
  public:
    VideoRoom(sdk::Host& host, Json config);

    bool attach(sdk::HandleId handle) override;
    void detach(sdk::HandleId handle) override;
    sdk::Reply on_request(const sdk::Request& request) override;
    void on_webrtc_up(sdk::HandleId handle) override;
    void on_hangup(sdk::HandleId handle, std::string_view reason) override;
    void on_slow_link(sdk::HandleId handle, const Json& about) override;
    Json query(sdk::HandleId handle) override;

  private:
    enum class Role : std::uint8_t { none, publisher, subscriber };
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

    // room_requests.cpp: management, synchronous
    sdk::Reply on_create(const sdk::Request& request);
    sdk::Reply on_destroy(const sdk::Request& request);
    sdk::Reply on_exists(const sdk::Request& request);
    sdk::Reply on_list(const sdk::Request& request);
    sdk::Reply on_listparticipants(const sdk::Request& request);
    Room& make_room(const Json& body);
    void arm_keyframe_timer(Room& room);

    // publisher.cpp
    sdk::Reply on_join(const sdk::Request& request);
    sdk::Reply on_join_and_configure(const sdk::Request& request);
    sdk::Reply on_publish(const sdk::Request& request);
    sdk::Reply on_configure(const sdk::Request& request);
    sdk::Reply on_unpublish(const sdk::Request& request);
    sdk::Reply on_leave(const sdk::Request& request);
    Json join_publisher(const sdk::Request& request);
    sdk::Reply configure_publisher(const sdk::Request& request);
    sdk::Ticket negotiate_publisher(Room& room, Publisher& publisher, const sdk::Request& request);
    void apply_publisher_settings(Room& room, Publisher& publisher, const Json& body);
    void media_gone(Room& room, Publisher& publisher);
    void leave_publisher(sdk::HandleId handle, bool kicked);

    // subscriber.cpp
    sdk::Reply join_subscriber(const sdk::Request& request);
    sdk::Reply configure_subscriber(const sdk::Request& request);
    sdk::Reply on_start(const sdk::Request& request);
    sdk::Reply on_pause(const sdk::Request& request);
    sdk::Ticket offer_to(Room& room, Subscriber& subscriber, bool restart);
    void apply_activity(Subscriber& subscriber);
    void feed_changed(Room& room, const ApiId& feed);
    void renegotiate(Room& room, Subscriber& subscriber);

    // videoroom.cpp: what they share
    void check(const cardea_params& params, const Json& body) const;  // throws RequestError
    [[nodiscard]] Room& room_of(const Json& body);                    // 426
    [[nodiscard]] Participant& participant(sdk::HandleId handle) { return participants_[handle]; }
    [[nodiscard]] Publisher* publisher_of(sdk::HandleId handle, Room** room);
    [[nodiscard]] Subscriber* subscriber_of(sdk::HandleId handle, Room** room);
    void notify_others(const Room& room, const Publisher& about, const Json& event) const;
    [[nodiscard]] ApiId draw_id(const auto& taken) const;

    std::string admin_key_;
    bool string_ids_ = false;
    std::map<ApiId, Room> rooms_;
    std::unordered_map<sdk::HandleId, Participant> participants_;
};

// Compares in time that depends on the sizes only.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b) noexcept;
// A secret, pin or admin_key that a request has to name: 429 without it, 433 when it is another one. An empty key locks nothing.
void check_key(std::string_view key, const Json& body, const char* name);

ApiId VideoRoom::draw_id(const auto& taken) const {
    for (;;) {
        const auto number = host().random_id();
        const ApiId id = string_ids_ ? ApiId{std::to_string(number)} : ApiId{number};
        if (!taken.contains(id)) return id;
    }
}

}  // namespace cardea::videoroom
