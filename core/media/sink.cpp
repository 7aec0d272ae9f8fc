#include "media/sink.hpp"

#include "base/random.hpp"
#include "media/source.hpp"

namespace cardea {
namespace {

// RFC 3711 section 3.3.1: the receiver guesses the rollover count from the first packet it sees, so start below 2^15.
std::uint16_t first_sequence() noexcept { return static_cast<std::uint16_t>(random_u32() & 0x3fffU); }

SendClass class_of(MediaKind kind) noexcept { return kind == MediaKind::audio ? SendClass::audio : SendClass::video; }

std::unique_ptr<PictureNumbers> pictures_of(const SendTrack& track) {
    return track.kind == MediaKind::video ? std::make_unique<PictureNumbers>(track.payload_type.codec) : nullptr;
}

}  // namespace

Sink::Sink(SinkConfig config, LegTransport& transport)
    : config_{std::move(config)},
      transport_{transport},
      place_{VideoShedding::place_of(config_.id)},
      pictures_{pictures_of(config_.track)},
      rewriter_{{.sequence = first_sequence(), .timestamp = random_u32(), .clock_rate = config_.track.payload_type.clock_rate}},
      rtx_sequence_{first_sequence()},
      stats_{config_.track.payload_type.clock_rate} {}

Sink::~Sink() { connect(nullptr); }

void Sink::reconfigure(SinkConfig config) {
    const bool was_active = config_.active;
    const bool had_rtx = has_rtx();
    const bool same_codec = config.track.payload_type.codec == config_.track.payload_type.codec;
    const auto same_header = config.track.mid == config_.track.mid && config.track.extensions == config_.track.extensions &&
                             config.track.payload_type.number == config_.track.payload_type.number && config.track.ssrc == config_.track.ssrc;
    config_ = std::move(config);
    // With RTX packets carry the time of sending, and padding.
    if (!same_header || !same_codec || had_rtx != has_rtx()) set_plain_retransmission_floor();
    if (!same_codec) pictures_ = pictures_of(config_.track);
    if (was_active && !config_.active) pause();
}

void Sink::set_plain_retransmission_floor() noexcept {
    if (!rewriter_.has_sent()) return;
    plain_retransmission_floor_ = rewriter_.highest_sequence();
    has_floor_ = true;
}

void Sink::connect(Source* source) {
    if (source == source_) return;
    if (source_ != nullptr) source_->remove_sink(*this);
    source_gone();
    source_ = source;
    if (source_ != nullptr) source_->add_sink(*this);
}

void Sink::source_gone() noexcept {
    source_ = nullptr;
    encoding_ = nullptr;
    epochs_.clear();
}

void Sink::set_active(bool active) noexcept {
    if (wanted_ && !active) pause();
    wanted_ = active;
}

void Sink::set_playout_delay(std::optional<PlayoutDelay> delay) noexcept {
    if (delay == playout_delay_) return;
    playout_delay_ = delay;
    if (config_.track.extensions.playout_delay != 0) set_plain_retransmission_floor();
}

SentMarks& Sink::marks() {
    if (!marks_) marks_ = std::make_unique<SentMarks>();
    return *marks_;
}

RtpRewriter::SourcePacket Sink::numbers_of(const Packet& packet) const noexcept {
    return {.epoch = epoch_, .sequence = packet.header.sequence, .timestamp = packet.header.timestamp, .timestamp_offset = epoch_offset_};
}

OutgoingRtp Sink::outgoing(Instant now, const Packet& packet, SourceEpoch epoch, std::uint16_t sequence, std::uint32_t timestamp) noexcept {
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
    if (playout_delay_) out.extensions.playout_delay = playout_delay_;
    if (pictures_ && out.ids.dependency_descriptor != 0 && !out.extensions.dependency_descriptor.empty())
        out.frame_number = pictures_->frame_number(epoch, out.extensions.dependency_descriptor);
    // Without RTX a NACK is answered by the very same packet, so nothing in it may depend on the time of sending.
    if (has_rtx()) out.extensions.abs_send_time = abs_send_time_of(now);
    return out;
}

void Sink::commit(std::size_t size, SendBatch& batch) {
    batch.commit(size, transport_.path, class_of(config_.track.kind));
    ++transport_.packets;
    transport_.bytes += size;
}

// The header and the codec's numbers are the leg's own; the payload behind them is shared, and encrypted on its way.
void Sink::send(const OutgoingRtp& out, SourceEpoch epoch, Bytes payload, SendBatch& batch) {
    const auto room = batch.begin();
    auto header_size = write_rtp_header(room, out);
    if (header_size == 0) return;
    if (pictures_) {
        const auto prefix = pictures_->write_prefix(epoch, payload, room.subspan(header_size));
        if (!prefix) return;
        header_size += *prefix;
        payload = payload.subspan(*prefix);
    }
    const auto size = transport_.srtp->protect_rtp_from(room, header_size, payload, rollover_.of(out.sequence));
    if (size) commit(*size, batch);
}

void Sink::forward(Instant now, Encoding& encoding, const Packet& packet, SendBatch& batch) {
    if (!is_sending() || rests(now, encoding, packet)) return;
    const bool switches = encoding_ != &encoding;
    if (switches && !may_begin(now, encoding)) return;
    if (switches || paused_) begin(now, encoding);
    relay(now, packet, batch);
    if (!switches) return;
    tell_layers(packet.layers);
    catch_up(now, packet, batch);
}

void Sink::relay(Instant now, const Packet& packet, SendBatch& batch) {
    const auto payload = packet.payload();
    // Comfort noise, a codec this leg has not, a bandwidth probe: the receiver must not wait for it.
    if (packet.codec != config_.track.payload_type.codec || payload.empty()) return leave_out(now, packet, batch);
    bool ends_picture = false;
    if (packet.layers.by != LayerTag::By::nothing && encoding_->layers) {
        if (transport_.shedding != nullptr && transport_.shedding->is_base_only() != base_only_) aim(!base_only_);
        const auto verdict = filter_.on_packet(packet.layers, packet.header.sequence, *encoding_->layers);
        if (packet.layers.begins_frame) wait_for_layer(now);
        if (!verdict.forward) return leave_out(now, packet, batch);
        ends_picture = verdict.ends_picture;
        if (packet.layers.begins_frame) tell_layers(packet.layers);
    }
    const auto numbers = rewriter_.forward(numbers_of(packet), now);
    if (!numbers) return;
    epoch_offset_.reset();
    auto out = outgoing(now, packet, epoch_, numbers->sequence, numbers->timestamp);
    out.marker |= ends_picture;
    if (marks_ || out.marker != packet.header.marker) marks().on_sent(out.sequence, out.marker, false);
    // What is sent again without RTX has to be the same packet to the bit, however its neighbours were sent.
    if (has_rtx()) out.padding = packet.padding;
    send(out, epoch_, has_rtx() ? packet.padded_payload() : payload, batch);
    stats_.on_packet({.timestamp = numbers->timestamp, .payload_size = payload.size()}, now);
    budget_.on_sent(payload.size());
}

void Sink::leave_out(Instant now, const Packet& packet, SendBatch& batch) {
    if (pictures_ && packet.codec == config_.track.payload_type.codec) pictures_->drop(epoch_, packet.payload());
    if (const auto gap = rewriter_.leave_out(numbers_of(packet), now)) pad(now, packet, *gap, batch);
}

// A packet that was lost on its way to us turns out to be none of this leg's. Its receiver asks for it: padding alone (RFC 3550
// section 5.1) is the answer that ends that.
void Sink::pad(Instant now, const Packet& packet, const RtpRewriter::Numbers& numbers, SendBatch& batch) {
    auto out = outgoing(now, packet, epoch_, numbers.sequence, numbers.timestamp);
    out.extensions.dependency_descriptor = {};
    out.marker = false;
    out.padding = 1;
    const auto room = batch.begin();
    const auto written = write_rtp(room, out, {});
    if (written == 0) return;
    marks().on_sent(out.sequence, false, true);
    const auto size = transport_.srtp->protect_rtp(room, written, rollover_.of(out.sequence));
    if (size) commit(*size, batch);
}

Sink::Retransmission Sink::retransmit(Instant now, std::uint16_t sequence, SendBatch& batch) {
    if (source_ == nullptr || transport_.srtp == nullptr) return Retransmission::unknown;
    const auto original = rewriter_.original(sequence);
    auto* encoding = original ? epochs_.find(original->epoch) : nullptr;
    if (encoding == nullptr || (marks_ && marks_->is_padding(sequence))) return Retransmission::unknown;
    const auto packet = encoding->store.find(original->sequence);
    if (!packet || packet->codec != config_.track.payload_type.codec || packet->payload().empty()) return Retransmission::unknown;
    auto out = outgoing(now, *packet, original->epoch, sequence, packet->header.timestamp + original->timestamp_offset);
    if (original->was_sent) {
        out.marker |= marks_ && marks_->has_marker(sequence);
    } else if (encoding->layers) {
        // In a gap: what lies there may be of a layer that this leg does not get.
        const auto verdict = filter_.judge(packet->layers, *encoding->layers);
        if (original->epoch != epoch_ || !verdict.forward) return Retransmission::unknown;
        out.marker |= verdict.ends_picture;
    }
    if (!budget_.take(packet->payload().size())) return Retransmission::over_budget;
    return send_again(out, original->epoch, packet->payload(), batch);
}

Sink::Retransmission Sink::send_again(const OutgoingRtp& again, SourceEpoch epoch, Bytes payload, SendBatch& batch) {
    if (!has_rtx()) {
        const auto above_floor = static_cast<std::uint16_t>(again.sequence - plain_retransmission_floor_ - 1);
        if (has_floor_ && above_floor >= 0x8000) return Retransmission::unknown;
        send(again, epoch, payload, batch);
        return Retransmission::sent;
    }
    auto out = again;
    out.ssrc = config_.track.rtx_ssrc;
    out.payload_type = *config_.track.payload_type.rtx;
    out.sequence = ++rtx_sequence_;
    const auto room = batch.begin();
    const auto size = write_rtx(room, out, again.sequence, payload);
    if (size == 0) return Retransmission::unknown;
    if (pictures_ && !pictures_->write_prefix(epoch, payload, room.subspan(size - payload.size(), payload.size())))
        return Retransmission::unknown;
    const auto protected_size = transport_.srtp->protect_rtp(room, size, rtx_rollover_.of(out.sequence));
    if (!protected_size) return Retransmission::unknown;
    commit(*protected_size, batch);
    return Retransmission::sent;
}

std::uint32_t Sink::timestamp_at(Instant now) const noexcept {
    if (source_ != nullptr && encoding_ != nullptr)
        if (const auto timestamp = encoding_->clock.timestamp_at(now, source_->remote_clock()))
            return *timestamp + rewriter_.timestamp_offset();
    return stats_.timestamp_at(now);
}

}  // namespace cardea
