#include "track_sender.hpp"

#include "base/random.hpp"

namespace cardea::testpeer {
namespace {
constexpr std::size_t kStored = 2048;
constexpr unsigned kFramesPerSecond = 30;
constexpr Duration kFrameTime = Duration{1s} / kFramesPerSecond;
constexpr Duration kAudioTime = 20ms;
}  // namespace

TrackSender::TrackSender(Settings settings, bool offer_rtx)
    : settings_{std::move(settings)},
      ssrc_{random_u32() | 1U},
      video_{settings_.hue},
      store_(kStored),
      sequence_{static_cast<std::uint16_t>(random_u32() & 0x7fffU)},  // RFC 3711 section 3.3.1: not near a rollover at the start
      timestamp_{random_u32()} {
    if (is_video() && offer_rtx) rtx_ssrc_ = random_u32() | 1U;
}

bool TrackSender::agree(const SdpMedia& answered) {
    const auto* codec = answered.codec(is_video() ? "vp8" : "opus");
    if (answered.port == 0 || answered.direction == "inactive" || codec == nullptr) return false;
    type_ = codec->type;
    const auto* repair = answered.repair_codec(type_);
    rtx_type_ = rtx_ssrc_ != 0 && repair != nullptr ? std::optional{repair->type} : std::nullopt;
    mid_extension_ = answered.mid_extension;
    return true;
}

void TrackSender::send_due(Instant now, const Emit& emit) {
    while (next_ && *next_ <= now) {
        if (is_video()) {
            const std::size_t size = std::size_t{settings_.video_kbps} * 1000 / 8 / kFramesPerSecond;
            auto packets = video_.frame(size, keyframe_wanted_, now);
            keyframes_ += keyframe_wanted_ ? 1 : 0;
            keyframe_wanted_ = false;
            for (auto& packet : packets) send(std::move(packet), &packet == &packets.back(), emit);
        } else {
            send(audio_.packet(now), false, emit);
        }
        ++frames_;
        timestamp_ += is_video() ? 90000 / kFramesPerSecond : 960;
        *next_ += is_video() ? kFrameTime : kAudioTime;
        timestamp_at_ = *next_;
    }
}

void TrackSender::send(std::vector<std::uint8_t> payload, bool marker, const Emit& emit) {
    auto& sent = store_[sequence_ % kStored];
    sent.fields = {static_cast<std::uint8_t>(type_), marker, sequence_++, timestamp_, ssrc_, settings_.mid};
    sent.payload = std::move(payload);
    ++packets_;
    octets_ += static_cast<std::uint32_t>(sent.payload.size());
    emit(write_rtp(sent.fields, mid_extension_, sent.payload));
}

void TrackSender::request_keyframe(std::uint32_t ssrc) {
    if (ssrc != ssrc_ || !is_video()) return;
    keyframe_wanted_ = true;
    ++keyframe_requests_;
}

void TrackSender::answer(const Nack& nack, const Emit& emit) {
    if (nack.ssrc != ssrc_) return;
    for (const auto sequence : nack.sequences) {
        ++nacked_;
        const auto& sent = store_[sequence % kStored];
        if (sent.payload.empty() || sent.fields.sequence != sequence) {
            ++nack_misses_;
        } else {
            resend(sent, emit);
        }
    }
}

void TrackSender::resend(const Sent& sent, const Emit& emit) {
    ++resent_;
    if (!rtx_type_) return emit(write_rtp(sent.fields, mid_extension_, sent.payload));
    // RFC 4588 section 4: the original sequence number stands before the payload.
    std::vector<std::uint8_t> payload(2);
    ByteWriter{payload}.be(sent.fields.sequence);
    payload.insert(payload.end(), sent.payload.begin(), sent.payload.end());
    auto fields = sent.fields;
    fields.type = static_cast<std::uint8_t>(*rtx_type_);
    fields.ssrc = rtx_ssrc_;
    fields.sequence = rtx_sequence_++;
    emit(write_rtp(fields, mid_extension_, payload));
}

SenderInfo TrackSender::sender_info(Instant now) const {
    const auto clock = is_video() ? 90000 : 48000;
    const auto since = std::chrono::duration_cast<std::chrono::microseconds>(now - timestamp_at_).count();
    return {ssrc_, ntp_of(wall_now()), timestamp_ + static_cast<std::uint32_t>(since * clock / 1000000), packets_, octets_};
}

Json TrackSender::report() const {
    return Json{{"kind", settings_.kind},
                {"ssrc", std::uint64_t{ssrc_}},
                {"packets", packets_},
                {"octets", octets_},
                {"frames", frames_},
                {"keyframes", keyframes_},
                {"keyframe_requests", keyframe_requests_},
                {"nacked", nacked_},
                {"resent", resent_},
                {"nack_misses", nack_misses_},
                {"rtx", rtx_type_.has_value()}};
}

}  // namespace cardea::testpeer
