#include "recording/matroska_recording.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace cardea {
namespace {

using std::chrono::milliseconds;

// Blocks of all tracks are written in order of time: a bit longer than the slowest of them may be held by reordering.
constexpr Duration kInterleave = ReorderBuffer::kPatience + 300ms;
constexpr Duration kKeyframeRetry = 1s;
constexpr Duration kFlush = 1s;  // what a crash may cost

}  // namespace

void MatroskaRecording::add_track(std::shared_ptr<RecordedTrack> track, MediaFile) {
    const auto id = track->id;
    tracks_[id].shared = std::move(track);
}

void MatroskaRecording::on_packet(const RecordedPacket& packet, Bytes payload) {
    const auto found = tracks_.find(RecordedTrackId{packet.track});
    if (found == tracks_.end() || found->second.is_refused) return;
    auto& track = found->second;
    track.has_packets = true;
    track.reorder.push(packet, payload, [&](const RecordedPacket& next, Bytes data, bool after_gap) { take(track, next, data, after_gap); });
}

// A renegotiation may bring another codec on the same m-line: for the file that is another track.
bool MatroskaRecording::use_codec(Track& track, Codec codec) {
    if (track.codec == codec) return true;
    if (!FrameAssembler::supports(codec)) {
        track.is_refused = true;
        log::warn("codec is not recorded", log::kv("recording", track.shared->recording), log::kv("codec", to_text(codec)));
        return false;
    }
    track.codec = codec;
    track.assembler.emplace(codec);
    track.number.reset();
    track.size.reset();
    return true;
}

void MatroskaRecording::take(Track& track, const RecordedPacket& packet, Bytes payload, bool after_gap) {
    if (!use_codec(track, packet.codec)) return;
    if (payload.empty()) return;  // padding: it fills its place in the numbers
    if (packet.timestamp != track.head.timestamp) {
        track.previous = track.head;
        track.head = packet;
    }
    // 3GPP TS 26.114 section 7.4.5. A file has one rotation a track: that of its beginning.
    if (packet.orientation != RecordedPacket::kAbsent) track.quarter_turns = packet.orientation & 3U;
    track.assembler->push({.payload = payload, .timestamp = packet.timestamp, .marker = packet.marker, .after_gap = after_gap},
                          [&](const EncodedFrame& frame) { take_frame(track, frame); });
}

bool MatroskaRecording::enter(Track& track) {
    const auto& setup = track.assembler->setup();
    if (track.number) {
        if (track.size != setup.size) writer_.update_size(*track.number, setup.size);
        track.size = setup.size;
        return true;
    }
    const std::uint8_t channels = track.codec == Codec::opus ? 2 : 1;
    const auto& about = *track.shared;
    track.number = writer_.add_track({.codec = track.codec, .channels = channels, .name = about.description, .setup = setup, .quarter_turns = track.quarter_turns});
    track.size = setup.size;
    if (track.number) return true;
    track.is_refused = true;
    log::warn("too many tracks in a recording", log::kv("recording", about.recording));
    return false;
}

void MatroskaRecording::take_frame(Track& track, const EncodedFrame& frame) {
    const auto& packet = frame.timestamp == track.head.timestamp ? track.head : track.previous;
    std::optional<Instant> capture;
    if (packet.capture_ns != RecordedPacket::kNoTime) capture = instant_of_ns(packet.capture_ns);
    const auto time = track.clock.on_frame({.timestamp = frame.timestamp,
                                            .clock_rate = packet.clock_rate,
                                            .epoch = packet.epoch,
                                            .arrival = packet.arrival,
                                            .capture = capture});
    if (!enter(track)) return;
    const auto since = std::chrono::duration_cast<milliseconds>(time - began_).count();
    queue({.time = std::max<std::int64_t>(since, 0),
           .track = *track.number,
           .keyframe = frame.keyframe,
           .data = {frame.data.begin(), frame.data.end()}});
}

void MatroskaRecording::queue(Pending block) {
    const auto later = [](std::int64_t time, const Pending& other) { return time < other.time; };
    const auto place = std::upper_bound(pending_.begin(), pending_.end(), block.time, later);
    pending_.insert(place, std::move(block));
}

void MatroskaRecording::write_until(MatroskaWriter::Milliseconds time) {
    auto next = pending_.begin();
    for (; next != pending_.end() && next->time <= time; ++next)
        writer_.add({.track = next->track, .time = next->time, .keyframe = next->keyframe, .data = next->data});
    pending_.erase(pending_.begin(), next);
}

void MatroskaRecording::ask_for_keyframe(Track& track, Instant now) {
    const bool waits = track.has_packets && track.assembler && track.assembler->wants_keyframe();
    track.has_packets = false;
    if (!waits || now - track.keyframe_asked < kKeyframeRetry) return;
    track.keyframe_asked = now;
    track.shared->wants_keyframe.store(true, std::memory_order_relaxed);
}

void MatroskaRecording::on_tick(Instant now) {
    for (auto& [id, track] : tracks_) {
        auto& each = track;
        each.reorder.release(now, [&](const RecordedPacket& packet, Bytes data, bool after_gap) { take(each, packet, data, after_gap); });
        ask_for_keyframe(each, now);
    }
    write_until(std::chrono::duration_cast<milliseconds>(now - kInterleave - began_).count());
    if (now - flushed_ < kFlush) return;
    flushed_ = now;
    writer_.flush();
}

void MatroskaRecording::end_track(RecordedTrackId id) {
    const auto found = tracks_.find(id);
    if (found == tracks_.end()) return;
    auto& track = found->second;
    track.reorder.flush([&](const RecordedPacket& packet, Bytes data, bool after_gap) { take(track, packet, data, after_gap); });
    tracks_.erase(found);
}

void MatroskaRecording::finish() {
    while (!tracks_.empty()) end_track(tracks_.begin()->first);
    write_until(INT64_MAX);
    writer_.finish();
}

}  // namespace cardea
