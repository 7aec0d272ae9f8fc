#include "media/rtp_forwarder.hpp"

#include <algorithm>
#include <array>

#include "base/random.hpp"
#include "media/source.hpp"
#include "proto/rtp/rtcp/rtcp_reader.hpp"
#include "proto/rtp/rtcp/rtcp_writer.hpp"

namespace cardea {
namespace {

// An encoding that has been silent for so long is no longer the one to follow.
constexpr Duration kStalled = 1s;
constexpr std::size_t kRtcpRoom = 256;

// RFC 3711 section 3.3.1: the receiver guesses the rollover count from the first packet it sees, so start below 2^15.
RtpRewriter::Start first_numbers(const Source& source) noexcept {
    const auto& types = source.track().payload_types;
    return {.sequence = static_cast<std::uint16_t>(random_u32() & 0x3fffU),
            .timestamp = random_u32(),
            .clock_rate = types.empty() ? 90000U : types.front().clock_rate};
}

Codec codec_of(const Source& source) noexcept {
    const auto& types = source.track().payload_types;
    return types.empty() ? Codec::unknown : types.front().codec;
}

ExtensionIds passed_on(ExtensionIds ids) noexcept {
    // Of one connection, not of the stream. A packet that is sent again must be the same to the bit.
    ids.mid = ids.rid = ids.repaired_rid = ids.transport_cc = ids.abs_send_time = 0;
    return ids;
}

}  // namespace

RtpForwarder::RtpForwarder(ForwardConfig config, Source& source, SrtpBackend backend)
    : config_{std::move(config)},
      source_{&source},
      send_class_{source.track().kind == MediaKind::audio ? SendClass::audio : SendClass::video},
      codec_{codec_of(source)},
      ids_{passed_on(source.track().extensions)},
      ssrc_{config_.ssrc.value_or(Ssrc{random_u32() | 1U})},
      rewriter_{first_numbers(source)},
      stats_{first_numbers(source).clock_rate} {
    // Encodings number their pictures each for itself; one that is forwarded alone keeps its numbers.
    if (is_video() && !config_.encoding) pictures_ = std::make_unique<PictureNumbers>(codec_);
    if (config_.keys) {
        srtp_out_.emplace(*config_.keys, backend);
        srtp_in_.emplace(*config_.keys, backend);
    }
    source.add_tap(*this);
}

RtpForwarder::~RtpForwarder() {
    if (source_ != nullptr) source_->remove_tap(*this);
}

bool RtpForwarder::follows(Instant now, const Source& source, const Encoding& encoding) noexcept {
    const auto rank = [&](const Encoding* wanted) {
        const auto& all = source.encodings();
        return std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.get() == wanted; }) - all.begin();
    };
    if (config_.encoding && rank(&encoding) != *config_.encoding) return false;
    if (encoding_ == &encoding) return true;
    const bool stalled = encoding_ == nullptr || now - encoding_->last_packet > kStalled;
    // The best that arrives; a better one takes over at its keyframe only, so that decoders never see a torn frame.
    return stalled || (rank(&encoding) > rank(encoding_) && encoding.at_keyframe);
}

void RtpForwarder::on_packet(Instant now, Source& source, Encoding& encoding, const PacketRef& packet, SendBatch& batch) {
    const auto* type = source.payload_type(packet->header.payload_type);
    if (type == nullptr || type->codec != codec_) return;  // comfort noise: the receiver knows one payload type
    if (!follows(now, source, encoding)) return;
    if (encoding_ != &encoding) {
        encoding_ = &encoding;
        epoch_ = SourceEpoch{epoch_.value + 1};
    }
    const auto numbers =
        rewriter_.forward({.epoch = epoch_, .sequence = packet->header.sequence, .timestamp = packet->header.timestamp}, now);
    if (!numbers) return;
    const auto payload = packet->payload();
    send(outgoing(*packet, epoch_, numbers->sequence, numbers->timestamp), epoch_, payload, batch);
    stats_.on_packet({.timestamp = numbers->timestamp, .payload_size = payload.size()}, now);
    budget_.on_sent(payload.size());
}

OutgoingRtp RtpForwarder::outgoing(const Packet& packet, SourceEpoch epoch, std::uint16_t sequence, std::uint32_t timestamp) noexcept {
    OutgoingRtp out{.ssrc = ssrc_,
                    .payload_type = config_.payload_type.value_or(packet.header.payload_type),
                    .marker = packet.header.marker,
                    .sequence = sequence,
                    .timestamp = timestamp,
                    .extensions = packet.extensions,
                    .ids = ids_};
    if (pictures_ && ids_.dependency_descriptor != 0 && !out.extensions.dependency_descriptor.empty())
        out.frame_number = pictures_->frame_number(epoch, out.extensions.dependency_descriptor);
    return out;
}

void RtpForwarder::send(const OutgoingRtp& out, SourceEpoch epoch, Bytes payload, SendBatch& batch) {
    const auto room = batch.begin();
    auto written = write_rtp_header(room, out);
    if (written == 0 || payload.size() + kSrtpMaxOverhead > room.size() - written) return;
    if (pictures_) {
        const auto prefix = pictures_->write_prefix(epoch, payload, room.subspan(written));
        if (!prefix) return;
        written += *prefix;
        payload = payload.subspan(*prefix);
    }
    if (srtp_out_) {
        const auto size = srtp_out_->protect_rtp_from(room, written, payload, rollover_.of(out.sequence));
        if (!size) return;
        written = *size;
    } else {
        std::copy(payload.begin(), payload.end(), room.subspan(written).begin());
        written += payload.size();
    }
    batch.commit(written, {config_.socket, config_.rtp}, send_class_);
}

bool RtpForwarder::retransmit(std::uint16_t sequence, SendBatch& batch) {
    const auto original = rewriter_.original(sequence);
    if (!original || original->epoch != epoch_ || encoding_ == nullptr || source_ == nullptr) return false;
    const auto packet = encoding_->store.find(original->sequence);
    if (!packet || !budget_.take(packet->payload().size())) return false;
    send(outgoing(*packet, epoch_, sequence, packet->header.timestamp + original->timestamp_offset), epoch_, packet->payload(), batch);
    return true;
}

void RtpForwarder::latch(SendBatch& batch) const {
    if (!config_.rtcp.is_set()) return;
    std::array<std::uint8_t, 12> empty_rtp{0x80};
    batch.add(empty_rtp, feedback_path());
}

std::uint32_t RtpForwarder::timestamp_at(Instant now) const noexcept {
    if (source_ != nullptr && encoding_ != nullptr)
        if (const auto timestamp = encoding_->clock.timestamp_at(now, source_->remote_clock()))
            return *timestamp + rewriter_.timestamp_offset();
    return stats_.timestamp_at(now);
}

void RtpForwarder::report(Instant now, SendBatch& batch) {
    if (!config_.rtcp.is_set() || !stats_.has_sent()) return;
    const auto room = batch.begin();
    CompoundWriter writer{room.first(kRtcpRoom)};
    writer.sender_report(stats_.report(ssrc_, ntp_of(wall_now()), timestamp_at(now)), {});
    writer.cname(ssrc_, "cardea");
    auto size = writer.size();
    if (srtp_out_) {
        const auto sealed = srtp_out_->protect_rtcp(room, size);
        if (!sealed) return;
        size = *sealed;
    }
    batch.commit(size, feedback_path(), SendClass::control);
}

struct RtpForwarder::Visitor {
    RtpForwarder& forwarder;
    Feedback& feedback;
    SendBatch* batch;  // null: nothing is sent again

    void operator()(const PictureLoss& request) const { on_wish(request.media); }
    void operator()(const FullIntraRequest& request) const {
        for (const auto entry : request.entries) on_wish(entry.ssrc);
    }
    void operator()(const Nack& nack) const {
        if (nack.media != forwarder.ssrc_ || batch == nullptr) return;
        nack.sequences.for_each([&](std::uint16_t sequence) {
            if (forwarder.retransmit(sequence, *batch)) ++feedback.retransmitted;
        });
    }
    template <class Other>
    void operator()(const Other&) const {}

  private:
    void on_wish(Ssrc media) const {
        feedback.keyframe_wanted = true;
        feedback.names_us = feedback.names_us || media == forwarder.ssrc_;
    }
};

std::optional<RtpForwarder::Feedback> RtpForwarder::on_rtcp(Instant, MutableBytes compound, SendBatch& batch) {
    Feedback feedback;
    auto* answers = &batch;
    if (srtp_in_) {
        // What fails here may be plain RTCP. Undo what the attempt did to it: it is small, and rare.
        std::array<std::uint8_t, kRtcpRoom> copy{};
        const auto kept = std::min(compound.size(), copy.size());
        std::copy_n(compound.begin(), kept, copy.begin());
        const auto size = srtp_in_->unprotect_rtcp(compound);
        if (size) {
            compound = compound.first(*size);
        } else {
            if (size.error() == SrtpErrc::replay || kept != compound.size()) return std::nullopt;
            std::copy_n(copy.begin(), kept, compound.begin());
            answers = nullptr;  // whoever can forge it gets a keyframe at most
        }
    }
    if (!for_each_rtcp(compound, Visitor{*this, feedback, answers})) return std::nullopt;
    return feedback;
}

}  // namespace cardea
