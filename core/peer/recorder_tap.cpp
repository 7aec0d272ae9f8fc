#include "peer/recorder_tap.hpp"

#include "media/source.hpp"
#include "peer/peer_hub.hpp"

namespace cardea {
namespace {

// An encoding that has been silent this long is left for a lower one.
constexpr Duration kStalled = 1s;

// RFC 6464 and 3GPP TS 26.114 section 7.4.5: both are one octet on the wire.
std::uint8_t octet_of(const std::optional<AudioLevel>& level) noexcept {
    if (!level) return RecordedPacket::kAbsent;
    return static_cast<std::uint8_t>((level->voice ? 0x80U : 0U) | (level->below_full_scale & 0x7fU));
}
std::uint8_t octet_of(const std::optional<VideoOrientation>& orientation) noexcept {
    if (!orientation) return RecordedPacket::kAbsent;
    return static_cast<std::uint8_t>((orientation->back_camera ? 8U : 0U) | (orientation->flipped ? 4U : 0U) | (orientation->quarter_turns & 3U));
}

}  // namespace

RecorderTap::RecorderTap(PeerHub& hub, Source& source, std::shared_ptr<RecordedTrack> track, RecordingIntake& intake)
    : hub_{hub}, source_{&source}, track_{std::move(track)}, intake_{intake} {
    source.add_tap(*this);
}

RecorderTap::~RecorderTap() {
    if (source_ != nullptr) source_->remove_tap(*this);
    intake_.end_track(track_->id);
}

// A better encoding takes over at its keyframe; a worse one when the present one has stalled.
bool RecorderTap::choose(Source& source, Encoding& arrived, const Packet& packet, Instant now) noexcept {
    if (&arrived == current_ && packet.header.ssrc == ssrc_) return true;
    const bool is_stalled = current_ == nullptr || &arrived == current_ || now - last_packet_ > kStalled;
    if (!is_stalled) {
        if (arrived.rank < rank_) return false;
        if (!arrived.at_keyframe) {
            source.want_keyframe(now, arrived);
            return false;
        }
    }
    current_ = &arrived;
    rank_ = arrived.rank;
    ssrc_ = packet.header.ssrc;
    ++epoch_;
    return true;
}

void RecorderTap::on_packet(Instant now, Source& source, Encoding& encoding, const PacketRef& packet, SendBatch&) {
    if (track_->is_over.load(std::memory_order_relaxed)) return;
    const auto* type = source.payload_type(packet->header.payload_type);
    if (type == nullptr || type->codec == Codec::unknown) return;  // comfort noise, DTMF
    if (!choose(source, encoding, *packet, now)) return;
    last_packet_ = now;
    const auto capture = encoding.clock.time_of(packet->header.timestamp, source.remote_clock());
    const RecordedPacket recorded{.track = track_->id.value,
                                  .arrival = packet->arrival,
                                  .capture_ns = capture ? ns_of(*capture) : RecordedPacket::kNoTime,
                                  .timestamp = packet->header.timestamp,
                                  .clock_rate = type->clock_rate,
                                  .epoch = epoch_,
                                  .sequence = packet->header.sequence,
                                  .payload_type = packet->header.payload_type,
                                  .codec = type->codec,
                                  .marker = packet->header.marker,
                                  .audio_level = octet_of(packet->extensions.audio_level),
                                  .orientation = octet_of(packet->extensions.video_orientation)};
    if (!intake_.push(*track_, recorded, packet->payload())) hub_.statistics().drops.add(Drop::recording_full);
    if (track_->wants_keyframe.load(std::memory_order_relaxed) && track_->wants_keyframe.exchange(false, std::memory_order_relaxed))
        source.want_keyframe(now, encoding);
}

}  // namespace cardea
