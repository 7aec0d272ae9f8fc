// The format: "MJR00002", 16 bits of length and a JSON text about the stream; then for each packet "MEET", 32 bits of
// milliseconds since the first, 16 bits of length, and the RTP packet. All big-endian.
#include "recording/mjr_recording.hpp"

#include <algorithm>
#include <array>
#include <cardea/json.hpp>

#include "base/log.hpp"
#include "proto/rtp/rtp_writer.hpp"

namespace cardea {
namespace {

constexpr std::uint8_t kAudioLevelId = 1;
constexpr std::uint8_t kOrientationId = 4;
constexpr Duration kFlush = 1s;  // what a crash may cost
constexpr std::size_t kFrameHead = 4 + 4 + 2;

std::int64_t microseconds(WallTime t) { return std::chrono::duration_cast<std::chrono::microseconds>(t.time_since_epoch()).count(); }

std::string about_stream(const RecordedTrack& track, Codec codec, WallTime created, WallTime first) {
    auto about = Json{{"t", track.kind == MediaKind::audio ? "a" : "v"}, {"c", to_text(codec)}};
    if (!track.description.empty()) about.set("d", track.description);
    about.set("x", track.kind == MediaKind::audio ? Json{{"1", "urn:ietf:params:rtp-hdrext:ssrc-audio-level"}}
                                                  : Json{{"4", "urn:3gpp:video-orientation"}});
    if (track.e2ee) about.set("e", true);
    return about.set("s", microseconds(created)).set("u", microseconds(first)).dump();
}

OutgoingRtp header_of(const RecordedPacket& packet, const RtpRewriter::Numbers& numbers, Ssrc ssrc) {
    OutgoingRtp out{.ssrc = ssrc,
                    .payload_type = packet.payload_type,
                    .marker = packet.marker,
                    .sequence = numbers.sequence,
                    .timestamp = numbers.timestamp};
    out.ids.audio_level = kAudioLevelId;
    out.ids.video_orientation = kOrientationId;
    if (packet.audio_level != RecordedPacket::kAbsent) out.extensions.audio_level = read_audio_level(Bytes{&packet.audio_level, 1});
    if (packet.orientation != RecordedPacket::kAbsent) out.extensions.video_orientation = read_video_orientation(Bytes{&packet.orientation, 1});
    return out;
}

}  // namespace

void MjrRecording::add_track(std::shared_ptr<RecordedTrack> track, MediaFile file) {
    const auto id = track->id;
    auto& made = tracks_[id];
    made.shared = std::move(track);
    made.file = std::move(file);
}

void MjrRecording::begin(Track& track, const RecordedPacket& packet) {
    track.codec = packet.codec;
    track.began = packet.arrival;
    track.rewriter.emplace(RtpRewriter::Start{.sequence = packet.sequence, .timestamp = packet.timestamp, .clock_rate = packet.clock_rate});
    const auto about = about_stream(*track.shared, packet.codec, created_, wall_now());
    std::array<std::uint8_t, 2> size{};
    ByteWriter{size}.be(static_cast<std::uint16_t>(about.size()));
    track.file.append(as_bytes("MJR00002"));
    track.file.append(size);
    track.file.append(as_bytes(about));
}

void MjrRecording::on_packet(const RecordedPacket& packet, Bytes payload) {
    const auto found = tracks_.find(RecordedTrackId{packet.track});
    if (found == tracks_.end() || packet.codec == Codec::unknown) return;
    auto& track = found->second;
    if (!track.rewriter) begin(track, packet);
    if (packet.codec != track.codec || payload.empty()) return;  // the format knows one codec a file
    const auto numbers = track.rewriter->forward(
        {.epoch = SourceEpoch{packet.epoch + 1}, .sequence = packet.sequence, .timestamp = packet.timestamp}, packet.arrival);
    if (!numbers) return;
    std::array<std::uint8_t, 2048> rtp{};
    const auto header = header_of(packet, *numbers, Ssrc{static_cast<std::uint32_t>(packet.track)});
    const auto size = write_rtp(rtp, header, payload);
    if (size == 0) return;
    std::array<std::uint8_t, kFrameHead> head{};
    ByteWriter writer{head};
    writer.bytes(as_bytes("MEET"));
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(packet.arrival - track.began).count();
    writer.be(static_cast<std::uint32_t>(std::max<std::int64_t>(since, 0)));
    writer.be(static_cast<std::uint16_t>(size));
    track.file.append(head);
    track.file.append(Bytes{rtp}.first(size));
}

void MjrRecording::on_tick(Instant now) {
    if (now - flushed_ < kFlush) return;
    flushed_ = now;
    for (auto& [id, track] : tracks_) track.file.flush();
}

void MjrRecording::close(Track& track) {
    track.file.finish();
    closed_bytes_ += track.file.size();
    if (closed_problem_ == DiskProblem::none) closed_problem_ = track.file.problem();
}

void MjrRecording::end_track(RecordedTrackId id) {
    const auto found = tracks_.find(id);
    if (found == tracks_.end()) return;
    close(found->second);
    tracks_.erase(found);
}

void MjrRecording::finish() {
    for (auto& [id, track] : tracks_) close(track);
    tracks_.clear();
}

DiskProblem MjrRecording::problem() const {
    for (const auto& [id, track] : tracks_)
        if (track.file.problem() != DiskProblem::none) return track.file.problem();
    return closed_problem_;
}

std::uint64_t MjrRecording::bytes() const {
    auto sum = closed_bytes_;
    for (const auto& [id, track] : tracks_) sum += track.file.size();
    return sum;
}

}  // namespace cardea
