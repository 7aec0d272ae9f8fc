// The recordings of one plugin: which sources of which handle go into which files. On the plugin's thread; what the disk thread
// tells is posted there.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cardea/json.hpp"
#include "modules/peer_session.hpp"
#include "recording/recording_service.hpp"
#include "runtime/media_control.hpp"

namespace cardea {

class Recordings final : private RecordingObserver {
  public:
    // post: runs a task on the plugin's thread. on_end: tells the plugin, there.
    struct Hooks {
        std::function<void(std::function<void()>)> post;
        std::function<void(HandleId, const Json&)> on_end;
    };
    Recordings(RecordingService* service, MediaControl& media, Hooks hooks);
    ~Recordings() override;
    Recordings(const Recordings&) = delete;
    Recordings& operator=(const Recordings&) = delete;

    using Sources = std::vector<std::pair<SourceId, KnownSource>>;
    // As cardea_plugin_host.start_recording; `sources` is what the handle's peer sends now, or with handle 0 what any of this
    // plugin's peers sends.
    [[nodiscard]] Result<Json> start(HandleId handle, const Json& wish, const Sources& sources);
    [[nodiscard]] bool stop(RecordingId id, const std::string& reason);

    // What the handle's peer sends has changed.
    void on_media(HandleId handle, const Sources& sources);
    void on_hangup(HandleId handle);

  private:
    struct Track {
        RecordedTrackId id;
        WorkerIndex worker = 0;
    };
    struct Recording {
        HandleId handle;
        std::map<SourceId, Track> tracks;
        Json wanted;        // "tracks" of the wish; absent: all
        Json descriptions;  // by mid
        bool e2ee = false;
        bool is_stopping = false;
    };
    [[nodiscard]] static Json track_wish(const Recording& recording, SourceId id, const KnownSource& source);
    [[nodiscard]] Result<void> follow(RecordingId id, Recording& recording, const Sources& sources);
    [[nodiscard]] Result<void> add(RecordingId id, Recording& recording, SourceId source, const KnownSource& known, const Json& wish);
    void end_tracks(Recording& recording);
    void on_recording_end(const RecordingEnd& end) override;  // the disk thread
    void ended(const RecordingEnd& end);

    RecordingService* service_;  // null: nothing is recorded here
    MediaControl& media_;
    Hooks hooks_;
    std::map<RecordingId, Recording> recordings_;
};

}  // namespace cardea
