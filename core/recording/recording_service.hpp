// Everything that is being recorded, and the host's disk thread. Files are opened by whoever starts a recording, so that a bad
// path is answered at once; written, flushed and closed they are on the disk thread alone.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "recording/packet_ring.hpp"
#include "recording/recorded_track.hpp"
#include "recording/recording_output.hpp"
#include "recording/recording_roots.hpp"
#include "runtime/loop/event_loop.hpp"

namespace cardea {

enum class RecordingFormat : std::uint8_t { mkv, mjr };

struct RecordingWish {
    std::string folder;
    std::string filename;
    RecordingFormat format = RecordingFormat::mkv;
};

struct RecordingEnd {
    RecordingId id;
    std::string reason;  // "requested", "hangup", "disk full", "write error", "shutdown"
    std::vector<std::string> files;
    double seconds = 0;
    std::uint64_t bytes = 0;
    std::uint64_t dropped = 0;  // packets that found the ring full
};

// Told on the disk thread, which must not be held up: receivers only post.
class RecordingObserver {
  public:
    virtual ~RecordingObserver() = default;
    virtual void on_recording_end(const RecordingEnd& end) = 0;
};

// A worker's way to the disk thread; its own thread only.
class RecordingIntake {
  public:
    RecordingIntake(std::size_t ring_bytes, std::function<void(RecordedTrackId)> end_track)
        : ring_{ring_bytes}, end_track_{std::move(end_track)} {}
    // False: the ring is full, the packet is lost and counted.
    bool push(RecordedTrack& track, const RecordedPacket& packet, Bytes payload) noexcept {
        if (ring_.push(packet, payload)) return true;
        track.dropped.fetch_add(1, std::memory_order_relaxed);
        return false;
    }
    // After its last packet.
    void end_track(RecordedTrackId id) { end_track_(id); }
    [[nodiscard]] PacketRing& ring() noexcept { return ring_; }

  private:
    PacketRing ring_;
    std::function<void(RecordedTrackId)> end_track_;
};

class RecordingService {
  public:
    struct Options {
        std::vector<std::string> roots;
        RecordingFormat format = RecordingFormat::mkv;  // where a wish names none
        std::size_t ring_bytes = 8U << 20U;             // a worker's: three seconds of a stalled disk at 20 Mbit/s
    };
    explicit RecordingService(Options options);
    ~RecordingService();  // finishes every file
    RecordingService(const RecordingService&) = delete;
    RecordingService& operator=(const RecordingService&) = delete;

    // Any thread, all of the following.
    struct Started {
        RecordingId id;
        std::vector<std::string> files;
    };
    // The observer hears of the end once, unless it is forgotten before.
    [[nodiscard]] Result<Started> start(const RecordingWish& wish, RecordingObserver& observer);
    // Whether start() would accept the path; nothing is made.
    [[nodiscard]] Result<void> check(const RecordingWish& wish) const;
    struct TrackWish {
        MediaKind kind = MediaKind::audio;
        std::string mid;
        std::uint8_t mindex = 0;
        std::string description;
        bool e2ee = false;
    };
    [[nodiscard]] Result<std::shared_ptr<RecordedTrack>> add_track(RecordingId id, const TrackWish& wish);
    // Ends once its tracks have ended; tracks added later are refused.
    void stop(RecordingId id, const std::string& reason);
    void forget(RecordingObserver& observer);  // when this has returned, it is not told any more
    [[nodiscard]] std::vector<std::string> files(RecordingId id) const;
    [[nodiscard]] RecordingIntake& intake(std::uint32_t worker);
    [[nodiscard]] RecordingFormat default_format() const noexcept { return options_.format; }

  private:
    // What any thread may ask for, under the mutex.
    struct Entry {
        RecordingWish wish;
        RecordingObserver* observer = nullptr;
        std::vector<std::string> files;
        bool is_stopping = false;
    };
    // The disk thread's.
    struct Running {
        std::unique_ptr<RecordingOutput> output;
        std::vector<std::shared_ptr<RecordedTrack>> tracks;  // that have not ended
        Instant began{};
        std::uint64_t dropped = 0;  // of tracks that have ended
        std::string stop_reason;    // empty: goes on
        bool is_over = false;       // after a problem: tracks may still have to end
    };
    [[nodiscard]] std::optional<RecordingWish> wish_of(RecordingId id) const;
    void run();
    void bring(Task task);
    void run_arrivals();
    void tick();
    void drain_rings();
    void end_track(RecordedTrackId id);
    void end_if_done(RecordingId id);
    void finish(RecordingId id, Running& running, const std::string& reason);
    void tell_end(const RecordingEnd& end);

    Options options_;
    RecordingRoots roots_;
    std::atomic<std::uint64_t> last_id_{0};
    mutable std::mutex mutex_;
    std::map<RecordingId, Entry> entries_;
    std::map<std::uint32_t, std::unique_ptr<RecordingIntake>> intakes_;
    std::vector<Task> arrivals_;  // recordings and tracks that begin, for the disk thread

    EventLoop loop_;
    // The disk thread's.
    std::map<RecordingId, Running> running_;
    std::unordered_map<std::uint64_t, RecordingId> recording_of_track_;
    bool is_ticking_ = false;
    std::thread thread_;
};

}  // namespace cardea
