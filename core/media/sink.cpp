#include "media/sink.hpp"

#include "base/random.hpp"
#include "media/source.hpp"

namespace cardea {
namespace {

// RFC 3711 section 3.3.1: the receiver guesses the rollover count from the first packet it sees, so start below 2^15.
std::uint16_t first_sequence() noexcept { return static_cast<std::uint16_t>(random_u32() & 0x3fffU); }

SendClass class_of(MediaKind kind) noexcept { return kind == MediaKind::audio ? SendClass::audio : SendClass::video; }

}  // namespace

Sink::Sink(SinkConfig config, LegTransport& transport)
    : config_{std::move(config)},
      transport_{transport},
      rewriter_{{.sequence = first_sequence(), .timestamp = random_u32(), .clock_rate = config_.track.payload_type.clock_rate}},
      rtx_sequence_{first_sequence()},
      stats_{config_.track.payload_type.clock_rate} {}

Sink::~Sink() { connect(nullptr); }

void Sink::reconfigure(SinkConfig config) {
    const bool was_active = config_.active;
    const auto same_header = config.track.mid == config_.track.mid && config.track.extensions == config_.track.extensions &&
                             config.track.payload_type.number == config_.track.payload_type.number && config.track.ssrc == config_.track.ssrc;
    if (!same_header && rewriter_.has_sent()) {
        plain_retransmission_floor_ = rewriter_.highest_sequence();
        has_floor_ = true;
    }
    config_ = std::move(config);
    if (was_active && !config_.active) rewriter_.pause();
}

void Sink::connect(Source* source) {
    if (source == source_) return;
    if (source_ != nullptr) source_->remove_sink(*this);
    source_ = source;
    if (source_ == nullptr) return;
    source_->add_sink(*this);
    epoch_ = SourceEpoch{epoch_.value + 1};
    source_switches_ = source_->forwarded_epoch();
}

void Sink::set_active(bool active) noexcept {
    if (wanted_ && !active) rewriter_.pause();
    wanted_ = active;
}

OutgoingRtp Sink::outgoing(Instant now, const Packet& packet, std::uint16_t sequence, std::uint32_t timestamp) const noexcept {
    OutgoingRtp out{.ssrc = config_.track.ssrc,
                    .payload_type = config_.track.payload_type.number,
                    .marker = packet.header.marker,
                    .sequence = sequence,
                    .timestamp = timestamp,
                    .extensions = packet.extensions,
                    .ids = config_.track.extensions};
    out.extensions.mid = config_.track.mid;
    out.extensions.rid = {};
    out.extensions.repaired_rid = {};
    out.extensions.transport_sequence.reset();
    out.extensions.abs_send_time.reset();
    // Without RTX a NACK is answered by the very same packet, so nothing in it may depend on the time of sending.
    if (has_rtx()) out.extensions.abs_send_time = abs_send_time_of(now);
    return out;
}

void Sink::send(const OutgoingRtp& out, Bytes payload, std::uint32_t roc, SendBatch& batch) {
    const auto room = batch.begin();
    const auto header_size = write_rtp_header(room, out);
    if (header_size == 0) return;
    const auto size = transport_.srtp->protect_rtp_from(room, header_size, payload, roc);
    if (!size) return;
    batch.commit(*size, transport_.path, class_of(config_.track.kind));
    ++transport_.packets;
    transport_.bytes += *size;
}

void Sink::forward(Instant now, const Packet& packet, SendBatch& batch) {
    if (!is_sending()) return;
    const auto* type = source_->payload_type(packet.header.payload_type);
    if (type == nullptr || type->codec != config_.track.payload_type.codec) return;  // comfort noise, or a codec this leg has not
    if (source_switches_ != source_->forwarded_epoch()) {
        source_switches_ = source_->forwarded_epoch();
        epoch_ = SourceEpoch{epoch_.value + 1};
    }
    const auto numbers =
        rewriter_.forward({.epoch = epoch_, .sequence = packet.header.sequence, .timestamp = packet.header.timestamp}, now);
    if (!numbers) return;
    const auto payload = packet.payload();
    send(outgoing(now, packet, numbers->sequence, numbers->timestamp), payload, rollover_.of(numbers->sequence), batch);
    stats_.on_packet({.timestamp = numbers->timestamp, .payload_size = payload.size()}, now);
    budget_.on_sent(payload.size());
}

Sink::Retransmission Sink::retransmit(Instant now, std::uint16_t sequence, SendBatch& batch) {
    if (source_ == nullptr || transport_.srtp == nullptr) return Retransmission::unknown;
    const auto original = rewriter_.original(sequence);
    auto* encoding = source_->forwarded();
    if (!original || original->epoch != epoch_ || encoding == nullptr) return Retransmission::unknown;
    const auto packet = encoding->store.find(original->sequence);
    if (!packet) return Retransmission::unknown;
    const auto payload = packet->payload();
    if (!budget_.take(payload.size())) return Retransmission::over_budget;
    auto out = outgoing(now, *packet, sequence, packet->header.timestamp + original->timestamp_offset);
    if (!has_rtx()) {
        if (has_floor_ && static_cast<std::uint16_t>(sequence - plain_retransmission_floor_ - 1) >= 0x8000) return Retransmission::unknown;
        send(out, payload, rollover_.of(sequence), batch);
        return Retransmission::sent;
    }
    out.ssrc = config_.track.rtx_ssrc;
    out.payload_type = *config_.track.payload_type.rtx;
    out.sequence = ++rtx_sequence_;
    const auto room = batch.begin();
    const auto size = write_rtx(room, out, sequence, payload);
    if (size == 0) return Retransmission::unknown;
    const auto protected_size = transport_.srtp->protect_rtp(room, size, rtx_rollover_.of(out.sequence));
    if (!protected_size) return Retransmission::unknown;
    batch.commit(*protected_size, transport_.path, class_of(config_.track.kind));
    ++transport_.packets;
    transport_.bytes += *protected_size;
    return Retransmission::sent;
}

std::uint32_t Sink::timestamp_at(Instant now) const noexcept {
    if (source_ != nullptr)
        if (auto* encoding = source_->forwarded(); encoding != nullptr)
            if (const auto timestamp = encoding->clock.timestamp_at(now, source_->remote_clock()))
                return *timestamp + rewriter_.timestamp_offset();
    return stats_.timestamp_at(now);
}

}  // namespace cardea
