#include "recording/recording_service.hpp"

#include <pthread.h>

#include <algorithm>
#include <csignal>

#include "base/log.hpp"
#include "base/random.hpp"
#include "recording/matroska_recording.hpp"
#include "recording/mjr_recording.hpp"

namespace cardea {
namespace {

// How often packets are taken from the rings while something is recorded.
constexpr Duration kTick = 50ms;

const char* reason_of(DiskProblem problem) noexcept { return problem == DiskProblem::full ? "disk full" : "write error"; }

RecordingRoots::Wish place_of(const RecordingWish& wish, std::string suffix) {
    return {wish.folder, wish.filename, std::move(suffix), wish.format == RecordingFormat::mkv ? ".mkv" : ".mjr"};
}

}  // namespace

RecordingService::RecordingService(Options options) : options_{std::move(options)}, roots_{options_.roots} {
    thread_ = std::thread{[this] { run(); }};
}

RecordingService::~RecordingService() {
    loop_.post([this] {
        run_arrivals();
        drain_rings();
        while (!running_.empty()) {
            auto& [id, running] = *running_.begin();
            if (!running.is_over) finish(id, running, running.stop_reason.empty() ? "shutdown" : running.stop_reason);
            running_.erase(running_.begin());
        }
    });
    loop_.stop();
    thread_.join();
}

void RecordingService::run() {
    name_thread("disk");
    // A file that grows over RLIMIT_FSIZE is an error of write() to us, not the end of the process.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    loop_.run();
    loop_.cancel_timers();
    loop_.drain_and_close();
}

Result<void> RecordingService::check(const RecordingWish& wish) const { return roots_.check(place_of(wish, {})); }

Result<RecordingService::Started> RecordingService::start(const RecordingWish& wish, RecordingObserver& observer) {
    const RecordingId id{++last_id_};
    MediaFile file;
    Started started{id, {}};
    if (wish.format == RecordingFormat::mkv) {
        auto made = roots_.create(place_of(wish, {}));
        if (!made) return tl::unexpected{made.error()};
        file = std::move(*made);
        started.files.push_back(file.path());
    } else if (auto good = check(wish); !good) {
        return tl::unexpected{good.error()};
    }
    {
        const std::lock_guard lock{mutex_};
        entries_[id] = {.wish = wish, .observer = &observer, .files = started.files};
    }
    log::info("recording started", log::kv("recording", id), log::kv("folder", wish.folder), log::kv("name", wish.filename));
    const auto shared = std::make_shared<MediaFile>(std::move(file));
    bring([this, id, shared, format = wish.format, began = MonotonicClock::now(), wall = wall_now()] {
        auto& running = running_[id];
        running.began = began;
        if (format == RecordingFormat::mkv)
            running.output = std::make_unique<MatroskaRecording>(std::move(*shared), began, wall, random_u64());
        else
            running.output = std::make_unique<MjrRecording>(wall);
        if (!std::exchange(is_ticking_, true)) loop_.start_timer(kTick, [this] { tick(); });
    });
    return started;
}

// Of a recording that goes on.
std::optional<RecordingWish> RecordingService::wish_of(RecordingId id) const {
    const std::lock_guard lock{mutex_};
    const auto entry = entries_.find(id);
    if (entry == entries_.end() || entry->second.is_stopping) return std::nullopt;
    return entry->second.wish;
}

Result<std::shared_ptr<RecordedTrack>> RecordingService::add_track(RecordingId id, const TrackWish& wish) {
    auto track = std::make_shared<RecordedTrack>();
    track->id = RecordedTrackId{++last_id_};
    track->recording = id;
    track->kind = wish.kind;
    track->mid = wish.mid;
    track->mindex = wish.mindex;
    track->description = wish.description;
    track->e2ee = wish.e2ee;
    const auto recording = wish_of(id);
    if (!recording) return fail(0, "no such recording");
    MediaFile file;
    if (recording->format == RecordingFormat::mjr) {
        const auto suffix = "-" + std::string{to_text(wish.kind)} + "-" + std::to_string(wish.mindex);
        auto made = roots_.create(place_of(*recording, suffix));
        if (!made) return tl::unexpected{made.error()};
        file = std::move(*made);
        const std::lock_guard lock{mutex_};
        if (const auto entry = entries_.find(id); entry != entries_.end()) entry->second.files.push_back(file.path());
    }
    const auto shared = std::make_shared<MediaFile>(std::move(file));
    bring([this, id, track, shared] {
        const auto found = running_.find(id);
        if (found == running_.end() || found->second.is_over) return track->is_over.store(true, std::memory_order_relaxed);
        recording_of_track_[track->id.value] = id;
        found->second.tracks.push_back(track);
        found->second.output->add_track(track, std::move(*shared));
    });
    return track;
}

// What begins must be known before its first packet is read: a mailbox and a ring are not in step with each other.
void RecordingService::bring(Task task) {
    {
        const std::lock_guard lock{mutex_};
        arrivals_.push_back(std::move(task));
    }
    loop_.post([this] { run_arrivals(); });
}

void RecordingService::run_arrivals() {
    std::vector<Task> tasks;
    {
        const std::lock_guard lock{mutex_};
        tasks.swap(arrivals_);
    }
    for (const auto& task : tasks) task();
}

void RecordingService::stop(RecordingId id, const std::string& reason) {
    {
        const std::lock_guard lock{mutex_};
        if (const auto entry = entries_.find(id); entry != entries_.end()) entry->second.is_stopping = true;
    }
    loop_.post([this, id, reason] {
        run_arrivals();
        const auto found = running_.find(id);
        if (found == running_.end()) return;
        if (found->second.stop_reason.empty()) found->second.stop_reason = reason;
        end_if_done(id);
    });
}

void RecordingService::forget(RecordingObserver& observer) {
    const std::lock_guard lock{mutex_};
    for (auto& [id, entry] : entries_)
        if (entry.observer == &observer) entry.observer = nullptr;
}

std::vector<std::string> RecordingService::files(RecordingId id) const {
    const std::lock_guard lock{mutex_};
    const auto entry = entries_.find(id);
    return entry == entries_.end() ? std::vector<std::string>{} : entry->second.files;
}

RecordingIntake& RecordingService::intake(std::uint32_t worker) {
    const std::lock_guard lock{mutex_};
    auto& intake = intakes_[worker];
    if (!intake)
        intake = std::make_unique<RecordingIntake>(options_.ring_bytes, [this](RecordedTrackId id) {
            loop_.post([this, id] { end_track(id); });
        });
    return *intake;
}

void RecordingService::drain_rings() {
    std::vector<RecordingIntake*> intakes;
    {
        const std::lock_guard lock{mutex_};
        for (const auto& [worker, intake] : intakes_) intakes.push_back(intake.get());
    }
    for (auto* intake : intakes) {
        intake->ring().drain([&](const RecordedPacket& packet, Bytes payload) {
            auto track = recording_of_track_.find(packet.track);
            if (track == recording_of_track_.end()) {
                run_arrivals();
                track = recording_of_track_.find(packet.track);
            }
            if (track == recording_of_track_.end()) return;
            if (const auto found = running_.find(track->second); found != running_.end() && !found->second.is_over)
                found->second.output->on_packet(packet, payload);
        });
    }
}

void RecordingService::tick() {
    is_ticking_ = !running_.empty();
    if (!is_ticking_) return;
    drain_rings();
    const auto now = MonotonicClock::now();
    for (auto& [id, running] : running_) {
        if (running.is_over) continue;
        running.output->on_tick(now);
        if (const auto problem = running.output->problem(); problem != DiskProblem::none) finish(id, running, reason_of(problem));
    }
    std::erase_if(running_, [](const auto& each) { return each.second.is_over && each.second.tracks.empty(); });
    loop_.start_timer(kTick, [this] { tick(); });
}

void RecordingService::end_track(RecordedTrackId id) {
    drain_rings();  // what its worker pushed before it said so
    const auto track = recording_of_track_.find(id.value);
    if (track == recording_of_track_.end()) return;
    const auto recording = track->second;
    recording_of_track_.erase(track);
    const auto found = running_.find(recording);
    if (found == running_.end()) return;
    auto& running = found->second;
    if (!running.is_over) running.output->end_track(id);
    std::erase_if(running.tracks, [&](const auto& each) {
        if (each->id == id) running.dropped += each->dropped.load(std::memory_order_relaxed);
        return each->id == id;
    });
    end_if_done(recording);
}

void RecordingService::end_if_done(RecordingId id) {
    const auto found = running_.find(id);
    auto& running = found->second;
    const bool goes_on = running.stop_reason.empty() && !running.is_over;
    if (goes_on || !running.tracks.empty()) return;
    if (!running.is_over) finish(id, running, running.stop_reason);
    running_.erase(found);
}

void RecordingService::finish(RecordingId id, Running& running, const std::string& reason) {
    running.is_over = true;
    running.output->finish();
    for (const auto& track : running.tracks) {
        track->is_over.store(true, std::memory_order_relaxed);
        running.dropped += track->dropped.load(std::memory_order_relaxed);
    }
    const auto end_reason = running.output->problem() == DiskProblem::none ? reason : std::string{reason_of(running.output->problem())};
    const auto seconds = std::chrono::duration<double>(MonotonicClock::now() - running.began).count();
    tell_end({.id = id, .reason = end_reason, .files = files(id), .seconds = seconds, .bytes = running.output->bytes(), .dropped = running.dropped});
    running.output.reset();
}

void RecordingService::tell_end(const RecordingEnd& end) {
    const bool good = end.reason != "disk full" && end.reason != "write error";
    log::at(good ? log::Level::info : log::Level::error, "recording over", log::kv("recording", end.id), log::kv("reason", end.reason),
            log::kv("seconds", end.seconds), log::kv("bytes", end.bytes), log::kv("dropped", end.dropped));
    const std::lock_guard lock{mutex_};
    const auto entry = entries_.find(end.id);
    if (entry == entries_.end()) return;
    // Held during the call: after forget() has returned nobody is inside the observer.
    if (entry->second.observer != nullptr) entry->second.observer->on_recording_end(end);
    entries_.erase(entry);
}

}  // namespace cardea
