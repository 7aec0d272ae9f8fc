// RTCP of one peer: what its reports and requests cause, and what it is told (RFC 3550, 4585, 5104, REMB, transport-cc).
#include "base/random.hpp"
#include "peer/peer.hpp"
#include "peer/peer_hub.hpp"

namespace cardea {
namespace {

constexpr std::size_t kRtcpRoom = 1200;
constexpr Duration kReportInterval = 1s;
// Packets asked for in one go; the rest is due at the next tick.
constexpr std::size_t kNacksPerTick = 128;

}  // namespace

struct Peer::RtcpVisitor {
    Peer& peer;
    Instant now;

    void operator()(const SenderReport& report) const {
        for (const auto& source : peer.sources_) {
            auto* encoding = source->encoding_of(report.sender.ssrc);
            if (encoding == nullptr) continue;
            encoding->stats.on_sender_report(report.sender.ntp, now);
            encoding->clock.on_sender_report(report.sender.ntp, report.sender.rtp_timestamp);
            peer.remote_clock_.on_sender_report(report.sender.ntp, now);
        }
        on_blocks(report.blocks);
    }
    void operator()(const ReceiverReport& report) const { on_blocks(report.blocks); }
    void operator()(const Nack& nack) const {
        auto* sink = peer.sink_by_ssrc(nack.media);
        if (sink == nullptr) return;
        nack.sequences.for_each([&](std::uint16_t sequence) {
            ++sink->nacks_received;
            if (sink->retransmit(now, sequence, peer.hub_.batch()) == Sink::Retransmission::sent) ++peer.hub_.statistics().retransmitted;
        });
    }
    void operator()(const PictureLoss& request) const { on_keyframe_wish(request.media); }
    void operator()(const FullIntraRequest& request) const {
        for (const auto entry : request.entries) on_keyframe_wish(entry.ssrc);
    }
    void operator()(const SourceDescription&) const {}
    void operator()(const Goodbye&) const {}             // streams end by signalling
    void operator()(const ReceiverMaxBitrate&) const {}  // a bandwidth estimate per subscriber comes with its own issue
    void operator()(const TransportFeedback&) const {}   // not negotiated towards subscribers
    void operator()(const OtherRtcp&) const {}

  private:
    void on_keyframe_wish(Ssrc media) const {
        auto* sink = peer.sink_by_ssrc(media);
        if (sink != nullptr) peer.hub_.request_keyframe(now, *sink);
    }
    void on_blocks(const ReportBlocks& blocks) const {
        const auto ntp = ntp_of(wall_now());
        for (const auto block : blocks) {
            auto* sink = peer.sink_by_ssrc(block.ssrc);
            if (sink == nullptr) continue;
            if (const auto rtt = round_trip_of(block, ntp)) peer.round_trip_ = (peer.round_trip_ * 7 + *rtt) / 8;
            const auto newly_lost = block.cumulative_lost - sink->reported_lost;
            sink->reported_lost = block.cumulative_lost;
            sink->reported_jitter = block.jitter;
            const auto threshold = peer.hub_.options().slow_link_threshold;
            if (threshold > 0 && newly_lost >= static_cast<std::int64_t>(threshold))
                peer.hub_.observer().on_slow_link(peer.id(), {.mid = sink->track().mid, .kind = sink->track().kind, .uplink = true,
                                                              .lost = static_cast<std::uint32_t>(newly_lost)});
        }
    }
};

void Peer::on_rtcp(Instant now, const PacketRef& packet) {
    auto& drops = hub_.statistics().drops;
    if (!srtp_in_) return drops.add(Drop::no_keys);
    const auto size = srtp_in_->unprotect_rtcp(packet->bytes());
    if (!size) return drops.add(size.error() == SrtpErrc::replay || size.error() == SrtpErrc::old ? Drop::srtp_replay : Drop::srtp_auth);
    packet->size = static_cast<std::uint16_t>(*size);
    if (!for_each_rtcp(packet->bytes(), RtcpVisitor{*this, now})) drops.add(Drop::rtcp_malformed);
}

Sink* Peer::sink_by_ssrc(Ssrc ssrc) noexcept {
    for (const auto& sink : sinks_)
        if (sink->track().ssrc == ssrc) return sink.get();
    return nullptr;
}

Ssrc Peer::our_ssrc() const noexcept { return sinks_.empty() ? fallback_ssrc_ : sinks_.front()->track().ssrc; }

void Peer::send_rtcp(Instant, CompoundWriter& writer) {
    if (writer.empty() || !srtp_out_) return;
    const auto room = hub_.batch().begin();
    const auto plain = writer.bytes();
    std::copy(plain.begin(), plain.end(), room.begin());
    const auto size = srtp_out_->protect_rtcp(room, plain.size());
    if (size) hub_.batch().commit(*size, transport_.path, SendClass::control);
}

void Peer::send_nacks(Instant now) {
    next_nack_ = Instant::max();
    for (const auto& source : sources_) {
        for (const auto& encoding : source->encodings()) {
            if (encoding->nacks.missing() == 0) continue;
            next_nack_ = now + 10ms;
            const auto* type = source->track().payload_types.empty() ? nullptr : &source->track().payload_types.front();
            if (type == nullptr || !type->nack) continue;
            std::array<std::uint16_t, kNacksPerTick> wanted{};
            const auto due = encoding->nacks.poll_nacks(now, round_trip_, wanted);
            if (due.empty()) continue;
            std::array<std::uint8_t, kRtcpRoom> buffer{};
            CompoundWriter writer{buffer};
            hub_.statistics().nacks_sent += writer.nack(our_ssrc(), encoding->ssrc, due);
            send_rtcp(now, writer);
        }
    }
}

void Peer::send_transport_feedback(Instant now) {
    if (!twcc_ || !is_up()) return;
    for (;;) {
        std::array<std::uint8_t, kRtcpRoom> buffer{};
        CompoundWriter writer{buffer};
        const auto size = twcc_->build_feedback(now, {.sender = our_ssrc(), .media = twcc_media_}, writer.room());
        if (size == 0) return;
        writer.append(size);
        send_rtcp(now, writer);
    }
}

void Peer::send_keyframe_request(Instant now, const Source& source, const Encoding& encoding) {
    const auto* type = source.track().payload_types.empty() ? nullptr : &source.track().payload_types.front();
    if (type == nullptr || (!type->pli && !type->fir) || !encoding.ssrc.is_set()) return;
    std::array<std::uint8_t, 128> buffer{};
    CompoundWriter writer{buffer};
    if (type->pli) {
        writer.picture_loss(our_ssrc(), encoding.ssrc);
    } else {
        writer.full_intra_request(our_ssrc(), {.ssrc = encoding.ssrc, .sequence = ++fir_sequence_});
    }
    ++hub_.statistics().keyframe_requests_sent;
    send_rtcp(now, writer);
}

// One compound a second: a sender report per leg that has sent, report blocks for all we receive, our name, the bitrate cap.
void Peer::send_reports(Instant now) {
    next_report_ = now + kReportInterval;
    if (!is_up()) return;
    std::array<std::uint8_t, kRtcpRoom> buffer{};
    CompoundWriter writer{buffer};
    std::array<ReportBlock, 31> blocks{};
    std::size_t count = 0;
    std::array<Ssrc, 8> video_ssrcs{};
    std::size_t videos = 0;
    for (const auto& source : sources_) {
        for (const auto& encoding : source->encodings()) {
            if (encoding->stats.has_packets() && count < blocks.size()) blocks[count++] = encoding->stats.next_report(encoding->ssrc, now);
            if (encoding->ssrc.is_set() && videos < video_ssrcs.size()) video_ssrcs[videos++] = encoding->ssrc;
        }
    }
    auto rest = std::span<const ReportBlock>{blocks}.first(count);
    const auto ntp = ntp_of(wall_now());
    for (const auto& sink : sinks_) {
        if (!sink->stats().has_sent()) continue;
        const auto info = sink->stats().report(sink->track().ssrc, ntp, sink->timestamp_at(now));
        if (!writer.sender_report(info, rest) || !writer.cname(sink->track().ssrc, sink->track().cname)) {
            send_rtcp(now, writer);  // full: the rest goes into another compound
            writer = CompoundWriter{buffer};
            writer.sender_report(info, rest);
            writer.cname(sink->track().ssrc, sink->track().cname);
        }
        rest = {};
    }
    if (!rest.empty()) writer.receiver_report(our_ssrc(), rest);
    if (cap_.is_set() && videos > 0) {
        if (writer.empty()) writer.receiver_report(our_ssrc(), {});
        writer.receiver_max_bitrate(our_ssrc(), cap_.next(), std::span<const Ssrc>{video_ssrcs}.first(videos));
    }
    send_rtcp(now, writer);
}

void Peer::limit_bitrate(Instant now, std::uint64_t bits_per_second) {
    cap_.set(bits_per_second);
    next_report_ = std::min(next_report_, now + 10ms);
    arm(next_report_);
}

void Peer::send_keyframe_requests(Instant now, Source& source) {
    while (const auto* encoding = source.take_due_request(now)) send_keyframe_request(now, source, *encoding);
    arm(source.next_request());
}

void Peer::on_layers(const LayersEvent& event) { hub_.observer().on_layers(id(), event); }

}  // namespace cardea
