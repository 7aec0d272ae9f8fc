#include "modules/recordings.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace cardea {
namespace {

Json strings(const std::vector<std::string>& list) {
    auto json = Json::array();
    for (const auto& text : list) json.push(text);
    return json;
}

Json end_event(const RecordingEnd& end) {
    return Json{{"recording", end.id.value}, {"state", "stopped"}, {"reason", end.reason},  {"files", strings(end.files)},
                {"seconds", end.seconds},    {"bytes", end.bytes}, {"dropped", end.dropped}};
}

}  // namespace

Recordings::Recordings(RecordingService* service, MediaControl& media, Hooks hooks)
    : service_{service}, media_{media}, hooks_{std::move(hooks)} {}

Recordings::~Recordings() {
    if (service_ == nullptr) return;
    while (!recordings_.empty()) static_cast<void>(stop(recordings_.begin()->first, "shutdown"));
    service_->forget(*this);
}

Result<Json> Recordings::start(HandleId handle, const Json& wish, const Sources& sources) {
    if (service_ == nullptr) return fail(0, "this host does not record");
    const auto format = wish["format"].text();
    if (!format.empty() && format != "mkv" && format != "mjr") return fail(0, "\"format\" is mkv or mjr");
    RecordingWish to{std::string{wish["folder"].text()}, std::string{wish["filename"].text()}, service_->default_format()};
    if (!format.empty()) to.format = format == "mjr" ? RecordingFormat::mjr : RecordingFormat::mkv;
    if (wish["check"].boolean()) {
        if (auto good = service_->check(to); !good) return tl::unexpected{good.error()};
        return Json::object();
    }
    const bool e2ee = wish["e2ee"].boolean();
    // Payloads that nobody here can read make no frames; Janus' format keeps the packets for who has the key.
    if (e2ee && to.format == RecordingFormat::mkv) to.format = RecordingFormat::mjr;
    if (!handle.is_set() && !wish["tracks"].is_array()) return fail(0, "without a handle \"tracks\" must name the sources");
    const auto started = service_->start(to, *this);
    if (!started) return tl::unexpected{started.error()};
    const auto id = started->id;
    auto& recording = recordings_[id];
    recording = {.handle = handle, .tracks = {}, .wanted = wish["tracks"], .descriptions = wish["descriptions"], .e2ee = e2ee};
    if (const auto followed = follow(id, recording, sources); !followed) {
        static_cast<void>(stop(id, "requested"));
        recordings_.erase(id);
        return tl::unexpected{followed.error()};
    }
    return Json{{"recording", id.value}, {"files", strings(service_->files(id))}};
}

// What the wish says of this source: an object, or nothing when it is not wanted.
Json Recordings::track_wish(const Recording& recording, SourceId id, const KnownSource& source) {
    const auto& list = recording.wanted ? recording.wanted : recording.descriptions;
    auto found = recording.wanted ? Json{} : Json::object();
    list.for_each([&](const Json& each) {
        const bool named = each.has("source") ? each["source"].unsigned_integer() == id.value : each["mid"].text() == source.mid;
        if (named) found = each;
    });
    return found;
}

Result<void> Recordings::follow(RecordingId id, Recording& recording, const Sources& sources) {
    Result<void> outcome;
    for (const auto& [source, known] : sources) {
        if (known.kind == MediaKind::data || recording.tracks.contains(source)) continue;
        const auto wish = track_wish(recording, source, known);
        if (!wish) continue;
        if (auto added = add(id, recording, source, known, wish); !added) outcome = added;
    }
    return outcome;
}

Result<void> Recordings::add(RecordingId id, Recording& recording, SourceId source, const KnownSource& known, const Json& wish) {
    auto track = service_->add_track(id, {.kind = known.kind,
                                          .mid = known.mid,
                                          .mindex = known.mindex,
                                          .description = std::string{wish["description"].text()},
                                          .e2ee = recording.e2ee});
    if (!track) return tl::unexpected{track.error()};
    recording.tracks[source] = {(*track)->id, known.worker};
    media_.record(known.worker, source, *track, service_->intake(known.worker));
    return {};
}

void Recordings::end_tracks(Recording& recording) {
    for (const auto& [source, track] : recording.tracks) media_.end_record(track.worker, track.id);
    recording.tracks.clear();
}

bool Recordings::stop(RecordingId id, const std::string& reason) {
    const auto found = recordings_.find(id);
    if (found == recordings_.end()) return false;
    end_tracks(found->second);
    found->second.is_stopping = true;
    service_->stop(id, reason);
    if (reason == "shutdown") recordings_.erase(found);
    return true;
}

void Recordings::on_media(HandleId handle, const Sources& sources) {
    for (auto& [id, recording] : recordings_) {
        if (recording.handle != handle || recording.is_stopping) continue;
        // A source that is gone has ended its track itself.
        std::erase_if(recording.tracks, [&](const auto& track) {
            return std::none_of(sources.begin(), sources.end(), [&](const auto& source) { return source.first == track.first; });
        });
        if (const auto followed = follow(id, recording, sources); !followed)
            log::warn("an m-line is not recorded", log::kv("recording", id), log::kv("reason", followed.error().detail));
    }
}

void Recordings::on_hangup(HandleId handle) {
    std::vector<RecordingId> over;
    for (const auto& [id, recording] : recordings_)
        if (recording.handle == handle) over.push_back(id);
    for (const auto id : over) static_cast<void>(stop(id, "hangup"));
}

void Recordings::on_recording_end(const RecordingEnd& end) {
    hooks_.post([this, end] { ended(end); });
}

void Recordings::ended(const RecordingEnd& end) {
    const auto found = recordings_.find(end.id);
    if (found == recordings_.end()) return;
    const auto handle = found->second.handle;
    end_tracks(found->second);
    recordings_.erase(found);
    service_->stop(end.id, end.reason);  // it may have ended by itself
    hooks_.on_end(handle, end_event(end));
}

}  // namespace cardea
