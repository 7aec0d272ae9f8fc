// Who is recorded. The wish stays with the publisher; update_recording() makes the host's recorder follow it and what is published.
#include <algorithm>
#include <chrono>

#include "access.hpp"
#include "errors.hpp"
#include "tables.hpp"
#include "videoroom.hpp"

namespace cardea::videoroom {
namespace {

// Ids may be any text; in a file's name they are letters, digits, and little else.
std::string file_text(const ApiId& id) {
    auto text = to_text(id);
    const auto is_plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; };
    std::replace_if(text.begin(), text.end(), [&](char c) { return !is_plain(c); }, '_');
    return text.substr(0, 64);
}

std::string default_name(const Room& room, const Publisher& publisher) {
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    return "videoroom-" + file_text(room.id) + "-user-" + file_text(publisher.id) + "-" + std::to_string(now);
}

Json wish_of(const Room& room, const Publisher& publisher) {
    Json wish{{"filename", publisher.record_file.empty() ? default_name(room, publisher) : publisher.record_file}};
    if (!room.settings.rec_dir.empty()) wish.set("folder", room.settings.rec_dir);
    if (publisher.e2ee) wish.set("e2ee", true);
    auto descriptions = Json::array();
    for (const auto& stream : publisher.streams)
        if (!stream.description.empty()) descriptions.push({{"mid", stream.mid}, {"description", stream.description}});
    wish.set("descriptions", descriptions);
    if (!publisher.is_remote()) return wish;
    // Without a handle its streams are named one by one.
    auto tracks = Json::array();
    for (const auto& stream : publisher.streams) {
        if (stream.source == sdk::SourceId::none || stream.kind == "data") continue;
        auto track = Json{{"source", sdk::raw(stream.source)}, {"mid", stream.mid}, {"kind", stream.kind}};
        if (!stream.description.empty()) track.set("description", stream.description);
        tracks.push(std::move(track));
    }
    return wish.set("tracks", tracks);
}

}  // namespace

sdk::Reply VideoRoom::on_enable_recording(const sdk::Request& request) {
    const auto& body = request.body;
    check(kEnableRecordingParams, body);
    auto& room = room_of(body);
    check_secret(room, body);
    const bool record = body["record"].boolean();
    room.settings.record = record;
    for (auto& [feed, publisher] : room.publishers) {
        if (publisher.dummy || publisher.record == record) continue;
        publisher.record = record;
        update_recording(room, publisher);
    }
    host().info("recording of a room", {{"room", to_json(room.id)}, {"record", record}});
    return Json{{"videoroom", "success"}, {"record", record}};
}

// A rec_dir of a room, before the room has it.
void VideoRoom::check_rec_dir(const std::string& folder) const {
    if (folder.empty()) return;
    const auto outcome = host().start_recording(sdk::HandleId{}, Json{{"folder", folder}, {"filename", "any"}, {"check", true}});
    if (!outcome && outcome.status() == CARDEA_INVALID) refuse(kInvalidElement, "Invalid element (rec_dir: " + outcome.error() + ")");
}

// Where the room locks recording only its secret lets a publisher decide; without it the wish is passed over, as Janus does.
void VideoRoom::wish_recording(Room& room, Publisher& publisher, const Json& body) {
    if (!body.has("record") && !body.has("filename")) return;
    if (room.settings.lock_record && compare_key(room.settings.secret, body["secret"]) != KeyCheck::good) return;
    auto wished = publisher;
    if (const auto name = body["filename"]; !name.text().empty()) wished.record_file = name.text();
    const auto outcome = host().start_recording(publisher.handle, wish_of(room, wished).set("check", true));
    if (!outcome && outcome.status() == CARDEA_INVALID) refuse(kInvalidElement, "Invalid element (filename: " + outcome.error() + ")");
    publisher.record_file = wished.record_file;
    publisher.record = body["record"].boolean(publisher.record);
    update_recording(room, publisher);
    if (publisher.record && publisher.up && publisher.recording == sdk::RecordingId::none) refuse(kInvalidElement, "Invalid element (filename: cannot record)");
}

// Called when the wish, or what is published, has changed.
void VideoRoom::update_recording(Room& room, Publisher& publisher) {
    const bool is_wanted = publisher.record && publisher.up && !publisher.dummy;
    const bool is_running = publisher.recording != sdk::RecordingId::none;
    if (is_wanted == is_running) return;
    if (!is_wanted) {
        host().stop_recording(std::exchange(publisher.recording, sdk::RecordingId::none));
        return;
    }
    const auto started = host().start_recording(publisher.handle, wish_of(room, publisher));
    if (started)
        publisher.recording = started->id;
    else
        host().warn("publisher is not recorded", {{"room", to_json(room.id)}, {"feed", to_json(publisher.id)}, {"reason", started.error()}});
}

// One that ended by itself is over until it is wished anew; the call goes on.
void VideoRoom::on_recording(sdk::HandleId handle, const Json& end) {
    Room* room = nullptr;
    auto* publisher = publisher_of(handle, &room);
    if (publisher == nullptr || sdk::raw(publisher->recording) != end["recording"].unsigned_integer()) return;
    publisher->recording = sdk::RecordingId::none;
    publisher->record = false;
    if (end["reason"].text() != "hangup") host().push_event(handle, room->event().set("recording", "stopped").set("reason", end["reason"]));
}

}  // namespace cardea::videoroom
