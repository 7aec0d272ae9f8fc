#include "peer/remote_publisher.hpp"

#include <algorithm>
#include <array>

#include "base/random.hpp"
#include "peer/mirrors.hpp"
#include "peer/peer_hub.hpp"
#include "proto/rtp/packet_kind.hpp"
#include "proto/rtp/rtcp/rtcp_reader.hpp"

namespace cardea {
namespace {

// A sender that has been silent for so long may come back from elsewhere: restarted, or behind a NAT that forgot it.
constexpr Duration kSenderSilence = 5s;
constexpr Duration kReportInterval = 1s;
constexpr Duration kNackTick = 10ms;
// Two gateways are no mobile phones: the way between them is short. Their own estimate would need reports of ours to answer.
constexpr Duration kRoundTrip = 50ms;
constexpr std::size_t kRtcpRoom = 1200;
constexpr std::size_t kNacksPerTick = 128;

bool same_host(const SocketAddress& a, const SocketAddress& b) noexcept { return a.with_port(0) == b.with_port(0); }

}  // namespace

struct RemotePublisher::RtcpVisitor {
    RemotePublisher& remote;
    Instant now;
    void operator()(const SenderReport& report) const {
        const auto* stream = remote.stream_of(report.sender.ssrc);
        if (stream == nullptr || stream->encoding == nullptr) return;
        stream->encoding->stats.on_sender_report(report.sender.ntp, now);
        stream->encoding->clock.on_sender_report(report.sender.ntp, report.sender.rtp_timestamp);
        remote.remote_clock_.on_sender_report(report.sender.ntp, now);
    }
    template <class Other>
    void operator()(const Other&) const {}
};

RemotePublisher::RemotePublisher(PeerHub& hub, RemoteConfig config, Sockets sockets, Instant now)
    // The upper half: the sender's own numbers are small, and both sides share a key.
    : hub_{hub}, config_{std::move(config)}, sockets_{sockets}, our_ssrc_{random_u32() | 0x80000000U}, next_report_{now + kReportInterval} {
    if (config_.keys) {
        srtp_in_.emplace(*config_.keys, hub_.options().srtp_backend);
        srtp_out_.emplace(*config_.keys, hub_.options().srtp_backend);
    }
    reconfigure(std::move(config_.sources));
    arm(next_report_);
}

RemotePublisher::~RemotePublisher() {
    for (const auto& source : sources_) hub_.forget_source(source->id());
    reconfigure_data({});
}

void RemotePublisher::reconfigure_data(const std::vector<SourceConfig>& wanted) {
    auto* plane = hub_.options().data;
    if (plane == nullptr) return;
    const auto gone = std::exchange(data_sources_, {});
    for (const auto& config : wanted)
        if (config.track.kind == MediaKind::data) data_sources_.push_back(config.id);
    for (const auto id : gone) {
        if (std::find(data_sources_.begin(), data_sources_.end(), id) != data_sources_.end()) continue;
        hub_.forget_data_source(id);
        plane->close_remote(id);
    }
    for (const auto id : data_sources_) {
        if (std::find(gone.begin(), gone.end(), id) != gone.end()) continue;
        hub_.register_data_source(id);
        plane->open_remote(id);
    }
}

void RemotePublisher::reconfigure(std::vector<SourceConfig> wanted) {
    streams_.clear();
    reconfigure_data(wanted);
    for (const auto& [id, track] : wanted)
        if (track.kind == MediaKind::data && !track.encodings.empty() && track.encodings.front().ssrc)
            streams_.push_back({*track.encodings.front().ssrc, nullptr, nullptr, id});
    std::erase_if(wanted, [](const SourceConfig& config) { return config.track.kind == MediaKind::data; });
    std::erase_if(sources_, [&](const auto& source) {
        const bool gone = std::none_of(wanted.begin(), wanted.end(), [&](const auto& config) { return config.id == source->id(); });
        if (gone) hub_.forget_source(source->id());
        return gone;
    });
    for (auto& config : wanted) {
        const auto known = std::find_if(sources_.begin(), sources_.end(), [&](const auto& source) { return source->id() == config.id; });
        if (known != sources_.end()) {
            (*known)->reconfigure(std::move(config));
            hub_.mirrors().source_changed((*known)->id());
            continue;
        }
        sources_.push_back(std::make_unique<Source>(std::move(config), remote_clock_));
        hub_.register_source(sources_.back()->id(), *sources_.back(), *this);
    }
    for (const auto& source : sources_)
        for (const auto& encoding : source->encodings()) streams_.push_back({encoding->ssrc, source.get(), encoding.get(), {}});
}

const RemotePublisher::Stream* RemotePublisher::stream_of(Ssrc ssrc) const noexcept {
    for (const auto& stream : streams_)
        if (stream.ssrc == ssrc) return &stream;
    return nullptr;
}

bool RemotePublisher::may_send(Instant now, const SocketAddress& from) const {
    if (sender_ == from) return true;
    if (sender_ && now - last_packet_ < kSenderSilence) return false;
    return config_.sender ? same_host(*config_.sender, from) : config_.permitted(from);
}

bool RemotePublisher::may_answer(const SocketAddress& from) const {
    if (feedback_ == from) return true;
    if (sender_) return same_host(*sender_, from);
    return config_.sender ? same_host(*config_.sender, from) : config_.permitted(from);
}

void RemotePublisher::on_datagram(Instant now, std::uint32_t socket, const SocketAddress& from, const PacketRef& packet) {
    auto& statistics = hub_.statistics();
    const auto kind = classify(packet->bytes());
    if (kind != PacketKind::rtp && kind != PacketKind::rtcp) return statistics.drops.add(Drop::unknown_kind);
    const bool welcome = socket == sockets_.rtcp ? may_answer(from) : may_send(now, from);
    if (!welcome) {
        ++counters_.refused;
        return statistics.drops.add(Drop::foreign_sender);
    }
    if (socket == sockets_.rtcp) return on_rtcp_port(now, from, packet);
    if (kind == PacketKind::rtcp) return on_reports(now, packet);
    ++statistics.packets_in;
    statistics.bytes_in += packet->size;
    on_rtp(now, from, packet);
}

void RemotePublisher::on_rtp(Instant now, const SocketAddress& from, const PacketRef& packet) {
    auto& drops = hub_.statistics().drops;
    if (srtp_in_) {
        const auto size = srtp_in_->unprotect_rtp(packet->bytes());
        if (!size) return drops.add(size.error() == SrtpErrc::replay || size.error() == SrtpErrc::old ? Drop::srtp_replay : Drop::srtp_auth);
        packet->size = static_cast<std::uint16_t>(*size);
    }
    const auto header = parse_rtp_header(packet->bytes());
    if (!header) return drops.add(Drop::rtp_malformed);
    const auto* stream = stream_of(header->ssrc);
    if (stream == nullptr) return drops.add(Drop::rtp_unknown_stream);
    take_sender(now, from);
    ++counters_.packets;
    packet->header = *header;
    if (stream->data.is_set()) return on_data(*stream, *packet);
    auto& source = *stream->source;
    auto& encoding = *stream->encoding;
    // The other gateway's numbers of payload types mean nothing here: the stream has one codec.
    if (!source.track().payload_types.empty()) packet->header.payload_type = source.track().payload_types.front().number;
    packet->extensions = read_extensions(packet->bytes(), packet->header, source.track().extensions);
    encoding.stats.on_packet({.sequence = header->sequence, .timestamp = header->timestamp, .size = packet->size, .retransmitted = false},
                             packet->arrival);
    if (encoding.nacks.on_packet(header->sequence, now) == NackTracker::Arrival::duplicate) return;
    if (encoding.nacks.missing() > 0 && next_nack_ == Instant::max()) {
        next_nack_ = now + kNackTick;
        arm(next_nack_);
    }
    if (source.on_packet(now, encoding, packet, hub_.batch())) hub_.hold(now, source, *this);
    if (encoding.nacks.poll_keyframe_needed() && source.track().kind == MediaKind::video) source.want_keyframe(now, encoding);
    if (source.has_due_request()) send_keyframe_requests(now, source);
}

// The payload type says text, 0, or binary.
void RemotePublisher::on_data(const Stream& stream, const Packet& packet) {
    if (auto* plane = hub_.options().data) plane->on_remote_message(stream.data, packet.header.payload_type != 0, packet.payload(), data_budget_);
}

void RemotePublisher::take_sender(Instant now, const SocketAddress& from) {
    last_packet_ = now;
    if (sender_ == from) return;
    sender_ = from;
    // Requests go to the host that sends, or nowhere until it has shown up on the other port.
    if (feedback_ && !same_host(*feedback_, from)) feedback_.reset();
}

// Whatever comes here from the sender's host says where requests go; other gateways send an empty RTP packet.
void RemotePublisher::on_rtcp_port(Instant now, const SocketAddress& from, const PacketRef& packet) {
    const bool is_new = feedback_ != from;
    feedback_ = from;
    if (classify(packet->bytes()) == PacketKind::rtcp) on_reports(now, packet);
    if (!is_new) return;
    for (const auto& source : sources_) send_keyframe_requests(now, *source);
}

void RemotePublisher::on_reports(Instant now, const PacketRef& packet) {
    auto& drops = hub_.statistics().drops;
    if (srtp_in_) {
        const auto size = srtp_in_->unprotect_rtcp(packet->bytes());
        if (!size) return drops.add(Drop::srtp_auth);
        packet->size = static_cast<std::uint16_t>(*size);
        sender_speaks_srtcp_ = true;
    }
    if (!for_each_rtcp(packet->bytes(), RtcpVisitor{*this, now})) drops.add(Drop::rtcp_malformed);
}

void RemotePublisher::arm(Instant at) { next_timer_ = std::min(next_timer_, at); }

void RemotePublisher::on_timer(Instant now) {
    next_timer_ = Instant::max();
    if (now >= next_nack_) send_nacks(now);
    arm(next_nack_);
    for (const auto& source : sources_) send_keyframe_requests(now, *source);
    if (now >= next_report_) send_reports(now);
    arm(next_report_);
}

void RemotePublisher::send_keyframe_requests(Instant now, Source& source) {
    if (!feedback_) return;  // they stay due until there is a way to say it
    while (const auto* encoding = source.take_due_request(now)) send_keyframe_request(*encoding);
    arm(source.next_request());
    hub_.arm_plain_rtp(next_timer_);
}

void RemotePublisher::send_rtcp(CompoundWriter& writer) {
    if (writer.empty() || !feedback_) return;
    const auto room = hub_.batch().begin();
    const auto plain = writer.bytes();
    std::copy(plain.begin(), plain.end(), room.begin());
    auto size = plain.size();
    // Other gateways take plain RTCP beside SRTP. One whose reports are encrypted reads encrypted ones.
    if (srtp_out_ && sender_speaks_srtcp_) {
        const auto sealed = srtp_out_->protect_rtcp(room, size);
        if (!sealed) return;
        size = *sealed;
    }
    hub_.batch().commit(size, {sockets_.rtcp, *feedback_}, SendClass::control);
}

void RemotePublisher::send_keyframe_request(const Encoding& encoding) {
    std::array<std::uint8_t, 128> buffer{};
    CompoundWriter writer{buffer};
    writer.picture_loss(our_ssrc_, encoding.ssrc);
    ++hub_.statistics().keyframe_requests_sent;
    send_rtcp(writer);
}

void RemotePublisher::send_nacks(Instant now) {
    next_nack_ = Instant::max();
    for (const auto& stream : streams_) {
        if (stream.encoding == nullptr || stream.encoding->nacks.missing() == 0) continue;
        auto& nacks = stream.encoding->nacks;
        next_nack_ = now + kNackTick;
        std::array<std::uint16_t, kNacksPerTick> wanted{};
        const auto due = nacks.poll_nacks(now, kRoundTrip, wanted);
        if (due.empty()) continue;
        std::array<std::uint8_t, kRtcpRoom> buffer{};
        CompoundWriter writer{buffer};
        hub_.statistics().nacks_sent += writer.nack(our_ssrc_, stream.ssrc, due);
        send_rtcp(writer);
    }
}

void RemotePublisher::send_reports(Instant now) {
    next_report_ = now + kReportInterval;
    std::array<ReportBlock, 31> blocks{};
    std::size_t count = 0;
    for (const auto& stream : streams_)
        if (stream.encoding != nullptr && stream.encoding->stats.has_packets() && count < blocks.size())
            blocks[count++] = stream.encoding->stats.next_report(stream.ssrc, now);
    if (count == 0) return;
    std::array<std::uint8_t, kRtcpRoom> buffer{};
    CompoundWriter writer{buffer};
    writer.receiver_report(our_ssrc_, std::span<const ReportBlock>{blocks}.first(count));
    send_rtcp(writer);
}

}  // namespace cardea
