// Media that a peer sends: decrypt, find its source, undo RTX, hand over.
#include "peer/peer.hpp"

#include <algorithm>

#include "peer/peer_hub.hpp"
#include "proto/rtp/rtp_writer.hpp"

namespace cardea {
namespace {
// RFC 8834 bundles few streams; beyond this a peer is making them up.
constexpr std::size_t kMaxStreams = 64;
}  // namespace

void Peer::on_rtp(Instant now, const PacketRef& packet) {
    auto& drops = hub_.statistics().drops;
    if (!srtp_in_) return drops.add(Drop::no_keys);
    const auto size = srtp_in_->unprotect_rtp(packet->bytes());
    if (!size) return drops.add(size.error() == SrtpErrc::replay || size.error() == SrtpErrc::old ? Drop::srtp_replay : Drop::srtp_auth);
    packet->size = static_cast<std::uint16_t>(*size);
    const auto header = parse_rtp_header(packet->bytes());
    if (!header) return drops.add(Drop::rtp_malformed);
    packet->header = *header;
    auto* stream = stream_of(*packet);
    if (stream == nullptr) {
        // Chromium probes the line with padding on the RTX stream of a simulcast layer, without a word of which: it arrived all
        // the same, and a sender told otherwise takes it for loss and never sends its large layers.
        const auto any = std::find_if(sources_.begin(), sources_.end(), [](const auto& s) { return s->track().extensions.transport_cc != 0; });
        if (any != sources_.end()) note_arrival(**any, *packet);
        return drops.add(Drop::rtp_unknown_stream);
    }
    auto& source = *stream->source;
    auto& encoding = *stream->encoding;
    note_arrival(source, *packet);
    if (auto event = watch_.on_packet(source.track(), now)) hub_.observer().on_media(id(), *event);
    if (stream->is_rtx && !unwrap_rtx(*stream, *packet)) return;  // padding, or of an encoding not seen yet
    encoding.stats.on_packet({.sequence = packet->header.sequence,
                              .timestamp = packet->header.timestamp,
                              .size = packet->size,
                              .retransmitted = stream->is_rtx},
                             packet->arrival);
    const auto arrival = encoding.nacks.on_packet(packet->header.sequence, now);
    if (arrival == NackTracker::Arrival::duplicate) return;
    if (encoding.nacks.missing() > 0 && next_nack_ == Instant::max()) {
        next_nack_ = now + 10ms;
        arm(next_nack_);
    }
    if (source.on_packet(now, encoding, packet, hub_.batch())) hub_.hold(now, source, *this);
    if (encoding.nacks.poll_keyframe_needed() && source.track().kind == MediaKind::video) source.want_keyframe(now, encoding);
    if (source.has_due_request()) send_keyframe_requests(now, source);
    if (packet->extensions.audio_level)
        if (const auto event = source.on_audio_level(*packet->extensions.audio_level)) hub_.observer().on_talking(id(), *event);
}

Peer::StreamRef* Peer::stream_of(const Packet& packet) {
    for (auto& stream : streams_)
        if (stream.ssrc == packet.header.ssrc) return &stream;
    return learn_stream(packet);
}

// RFC 8843 section 9.2: by the mid extension; without one, by a payload type that only one m-line uses.
Peer::StreamRef* Peer::learn_stream(const Packet& packet) {
    if (streams_.size() >= kMaxStreams) return nullptr;
    const auto ssrc = packet.header.ssrc;
    for (const auto& source : sources_) {
        for (const auto& encoding : source->encodings()) {
            if (encoding->ssrc == ssrc) return &streams_.emplace_back(StreamRef{ssrc, source.get(), encoding.get(), false});
            if (encoding->rtx_ssrc == ssrc) return &streams_.emplace_back(StreamRef{ssrc, source.get(), encoding.get(), true});
        }
    }
    HeaderExtensions names;
    for (const auto& source : sources_) {
        names = read_extensions(packet.bytes(), packet.header, source->track().extensions);
        if (!names.mid.empty()) break;
    }
    auto* source = names.mid.empty() ? source_by_payload_type(packet.header.payload_type) : source_by_mid(names.mid);
    if (source == nullptr) return nullptr;
    // The m-line that named itself first need not have the extensions that this one has: audio has no RIDs.
    names = read_extensions(packet.bytes(), packet.header, source->track().extensions);
    const bool is_rtx = source->rtx_payload_type(packet.header.payload_type) != nullptr;
    if (!is_rtx && source->payload_type(packet.header.payload_type) == nullptr) return nullptr;
    Encoding* encoding = nullptr;
    if (is_rtx) {
        encoding = source->encoding_of_rid(names.repaired_rid);
        // One encoding: its RTX needs no name. Several: only what is named can be told apart.
        if (encoding == nullptr && source->encodings().size() == 1) encoding = source->encodings().front().get();
        if (encoding != nullptr) encoding->rtx_ssrc = ssrc;
    } else {
        encoding = source->encoding_of_rid(names.rid);
        if (encoding == nullptr) encoding = source->first_without_ssrc();
        // A sender may change its SSRC (RFC 3550 section 8.2); with one encoding there is no doubt which it is.
        if (encoding == nullptr && source->encodings().size() == 1) encoding = source->encodings().front().get();
        if (encoding != nullptr) encoding->ssrc = ssrc;
    }
    if (encoding == nullptr) return nullptr;
    return &streams_.emplace_back(StreamRef{ssrc, source, encoding, is_rtx});
}

Source* Peer::source_by_mid(std::string_view mid) noexcept {
    for (const auto& source : sources_)
        if (source->track().mid == mid) return source.get();
    return nullptr;
}

Source* Peer::source_by_payload_type(std::uint8_t number) noexcept {
    Source* found = nullptr;
    for (const auto& source : sources_) {
        if (source->payload_type(number) == nullptr && source->rtx_payload_type(number) == nullptr) continue;
        if (found != nullptr) return nullptr;  // ambiguous
        found = source.get();
    }
    return found;
}

// RFC 4588 section 4: the payload begins with the original sequence number. The packet becomes the original one in place.
bool Peer::unwrap_rtx(const StreamRef& stream, Packet& packet) const noexcept {
    const auto content = read_rtx(packet.payload());
    const auto* type = stream.source->rtx_payload_type(packet.header.payload_type);
    if (!content || content->payload.empty() || type == nullptr || !stream.encoding->ssrc.is_set()) return false;
    packet.header.sequence = content->original_sequence;
    packet.header.payload_type = type->number;
    packet.header.ssrc = stream.encoding->ssrc;
    packet.header.header_size += 2;
    return true;
}

// Reads the extensions; the numbers of bundled m-lines mean the same (RFC 8843 section 9.3.1), so any source will do.
void Peer::note_arrival(const Source& source, Packet& packet) {
    packet.extensions = read_extensions(packet.bytes(), packet.header, source.track().extensions);
    if (!twcc_ || !packet.extensions.transport_sequence) return;
    twcc_->on_packet(*packet.extensions.transport_sequence, packet.arrival);
    twcc_media_ = packet.header.ssrc;
    if (const auto due = twcc_->next_feedback()) arm(*due);
}

}  // namespace cardea
