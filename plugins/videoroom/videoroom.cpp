#include "videoroom.hpp"

#include <array>

#include "errors.hpp"
#include "tables.hpp"

namespace cardea::videoroom {

bool equal_constant_time(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
    return difference == 0;
}

VideoRoom::VideoRoom(sdk::Host& host, Json config)
    : Plugin{host, std::move(config)}, admin_key_{this->config()["admin_key"].text()}, string_ids_{this->config()["string_ids"].boolean()} {
    this->config()["rooms"].for_each([this](const Json& room) { make_room(room); });
}

bool VideoRoom::attach(sdk::HandleId handle) {
    participants_[handle];
    return true;
}

void VideoRoom::detach(sdk::HandleId handle) {
    leave_publisher(handle, false);
    Room* room = nullptr;
    if (subscriber_of(handle, &room) != nullptr) room->subscribers.erase(handle);
    participants_.erase(handle);
}

sdk::Reply VideoRoom::on_request(const sdk::Request& request) {
    static constexpr std::array<Verb, 13> kVerbs{{
        {"create", &VideoRoom::on_create},
        {"destroy", &VideoRoom::on_destroy},
        {"exists", &VideoRoom::on_exists},
        {"list", &VideoRoom::on_list},
        {"listparticipants", &VideoRoom::on_listparticipants},
        {"join", &VideoRoom::on_join},
        {"joinandconfigure", &VideoRoom::on_join_and_configure},
        {"publish", &VideoRoom::on_publish},
        {"configure", &VideoRoom::on_configure},
        {"unpublish", &VideoRoom::on_unpublish},
        {"start", &VideoRoom::on_start},
        {"pause", &VideoRoom::on_pause},
        {"leave", &VideoRoom::on_leave},
    }};
    const auto name = request.name();
    for (const auto& verb : kVerbs)
        if (verb.name == name) return (this->*verb.handler)(request);
    refuse(kInvalidRequest, "Unknown request '" + name + "'");
}

void VideoRoom::on_webrtc_up(sdk::HandleId handle) {
    Room* room = nullptr;
    auto* publisher = publisher_of(handle, &room);
    if (publisher == nullptr || publisher->up) return;
    publisher->up = true;
    auto list = Json::array();
    list.push(publisher->to_json());
    notify_others(*room, *publisher, Json{{"videoroom", "event"}, {"room", to_json(room->id)}, {"publishers", list}});
}

void VideoRoom::on_hangup(sdk::HandleId handle, std::string_view) {
    Room* room = nullptr;
    if (auto* publisher = publisher_of(handle, &room); publisher != nullptr) {
        media_gone(*room, *publisher);
    } else if (auto* subscriber = subscriber_of(handle, &room); subscriber != nullptr) {
        room->subscribers.erase(handle);
        participant(handle) = {};
    }
}

void VideoRoom::on_slow_link(sdk::HandleId handle, const Json& about) {
    host().debug("slow link", {{"handle", sdk::raw(handle)}, {"about", about}});
}

Json VideoRoom::query(sdk::HandleId handle) {
    Room* room = nullptr;
    if (const auto* publisher = publisher_of(handle, &room); publisher != nullptr)
        return Json{{"type", "publisher"}, {"room", to_json(room->id)}, {"id", to_json(publisher->id)}, {"display", publisher->display},
                    {"streams", publisher->streams_json()}, {"bitrate", publisher->bitrate}, {"webrtc_up", publisher->up}};
    if (const auto* subscriber = subscriber_of(handle, &room); subscriber != nullptr)
        return Json{{"type", "subscriber"}, {"room", to_json(room->id)}, {"paused", subscriber->paused}, {"streams", room->streams_json(*subscriber)}};
    return Json{{"type", "none"}};
}

void VideoRoom::check(const cardea_params& params, const Json& body) const {
    if (const auto problem = host().validate(params, body)) refuse(problem->missing ? kMissingElement : kInvalidElement, problem->text);
}

Room& VideoRoom::room_of(const Json& body) {
    const auto id = id_from(body["room"]);
    const auto found = rooms_.find(id);
    if (found == rooms_.end()) refuse(kNoSuchRoom, "No such room (" + to_text(id) + ")");
    return found->second;
}

void check_key(std::string_view key, const Json& body, const char* name) {
    if (key.empty()) return;
    const auto given = body[name];
    if (!given || given.is_null()) refuse(kMissingElement, "Missing mandatory element (" + std::string{name} + ")");
    if (!equal_constant_time(key, given.text())) refuse(kUnauthorized, "Unauthorized (wrong " + std::string{name} + ")");
}

Publisher* VideoRoom::publisher_of(sdk::HandleId handle, Room** room) {
    const auto found = participants_.find(handle);
    if (found == participants_.end() || found->second.role != Role::publisher) return nullptr;
    const auto place = rooms_.find(found->second.room);
    if (place == rooms_.end()) return nullptr;
    const auto publisher = place->second.publishers.find(found->second.feed);
    if (publisher == place->second.publishers.end()) return nullptr;
    *room = &place->second;
    return &publisher->second;
}

Subscriber* VideoRoom::subscriber_of(sdk::HandleId handle, Room** room) {
    const auto found = participants_.find(handle);
    if (found == participants_.end() || found->second.role != Role::subscriber) return nullptr;
    const auto place = rooms_.find(found->second.room);
    if (place == rooms_.end()) return nullptr;
    const auto subscriber = place->second.subscribers.find(handle);
    if (subscriber == place->second.subscribers.end()) return nullptr;
    *room = &place->second;
    return &subscriber->second;
}

void VideoRoom::notify_others(const Room& room, const Publisher& about, const Json& event) const {
    for (const auto& [id, other] : room.publishers)
        if (other.handle != about.handle) host().push_event(other.handle, event);
}

}  // namespace cardea::videoroom
