#include "proto/rtp/rtcp/rtcp_reader.hpp"

#include "proto/rtp/rtcp/rtcp_constants.hpp"
#include "proto/rtp/rtcp/twcc_feedback.hpp"

namespace cardea {

ReportBlock read_report_block(Bytes raw) noexcept {
    ByteReader reader{raw};
    ReportBlock block;
    block.ssrc = Ssrc{reader.be<std::uint32_t>()};
    block.fraction_lost = reader.be<std::uint8_t>();
    const auto lost = reader.be24();
    // Signed 24 bits: duplicates can make it negative (RFC 3550 section 6.4.1).
    block.cumulative_lost = static_cast<std::int32_t>(lost) - ((lost & 0x80'0000U) != 0 ? 0x100'0000 : 0);
    block.highest_sequence = reader.be<std::uint32_t>();
    block.jitter = reader.be<std::uint32_t>();
    block.last_sr = reader.be<std::uint32_t>();
    block.delay_since_last_sr = reader.be<std::uint32_t>();
    return block;
}

Ssrc read_ssrc(Bytes raw) noexcept { return Ssrc{ByteReader{raw}.be<std::uint32_t>()}; }

FirEntry read_fir_entry(Bytes raw) noexcept {
    ByteReader reader{raw};
    const Ssrc ssrc{reader.be<std::uint32_t>()};
    return FirEntry{ssrc, reader.be<std::uint8_t>()};
}

namespace {

using Parsed = tl::expected<RtcpItem, RtcpErrc>;

// One packet of a compound: the five bits that mean count or format, its type, and what follows its first word, unpadded.
struct Frame {
    std::uint8_t count = 0;
    std::uint8_t packet_type = 0;
    Bytes body;
};

tl::expected<Frame, RtcpErrc> next_frame(ByteReader& compound) noexcept {
    const auto flags = compound.be<std::uint8_t>();
    const auto packet_type = compound.be<std::uint8_t>();
    const std::size_t size = 4U * compound.be<std::uint16_t>();
    Bytes body = compound.take(size);
    if (!compound.ok()) return tl::unexpected{RtcpErrc::truncated};
    if (flags >> 6U != 2) return tl::unexpected{RtcpErrc::bad_version};
    if ((flags & 0x20U) != 0) {
        // RFC 3550 section 6.4.1: only the last packet of a compound is padded, and to whole words.
        const std::size_t padding = body.empty() ? 0 : body.back();
        if (compound.left() > 0 || padding == 0 || padding % 4 != 0 || padding > body.size()) return tl::unexpected{RtcpErrc::bad_padding};
        body = body.first(body.size() - padding);
    }
    return Frame{static_cast<std::uint8_t>(flags & 0x1fU), packet_type, body};
}

Parsed bad_length() noexcept { return tl::unexpected{RtcpErrc::bad_length}; }

Ssrc ssrc_from(ByteReader& reader) noexcept { return Ssrc{reader.be<std::uint32_t>()}; }

Parsed parse_sender_report(const Frame& frame) noexcept {
    ByteReader reader{frame.body};
    SenderReport report;
    report.sender.ssrc = ssrc_from(reader);
    report.sender.ntp = reader.be<std::uint64_t>();
    report.sender.rtp_timestamp = reader.be<std::uint32_t>();
    report.sender.packets = reader.be<std::uint32_t>();
    report.sender.octets = reader.be<std::uint32_t>();
    report.blocks = ReportBlocks{reader.take(24U * frame.count)};  // a profile extension may follow
    return reader.ok() ? Parsed{report} : bad_length();
}

Parsed parse_receiver_report(const Frame& frame) noexcept {
    ByteReader reader{frame.body};
    ReceiverReport report;
    report.sender = ssrc_from(reader);
    report.blocks = ReportBlocks{reader.take(24U * frame.count)};
    return reader.ok() ? Parsed{report} : bad_length();
}

// Reads one chunk's items up to and with its end marker; a CNAME goes into `cname`.
bool read_sdes_items(ByteReader& reader, std::string_view& cname) noexcept {
    const std::size_t before = reader.left();
    while (const auto item = reader.be<std::uint8_t>()) {
        const auto size = reader.be<std::uint8_t>();
        const Bytes text = reader.take(size);
        if (item == rtcp::kItemCname && cname.empty()) cname = as_text(text);
    }
    reader.skip((4 - (before - reader.left()) % 4) % 4);  // a chunk ends on a word
    return reader.ok();
}

Parsed parse_source_description(const Frame& frame) noexcept {
    ByteReader reader{frame.body};
    SourceDescription description;
    for (unsigned i = 0; i < frame.count; ++i) {
        const Ssrc ssrc = ssrc_from(reader);
        std::string_view cname;
        if (!read_sdes_items(reader, cname)) return bad_length();
        if (description.cname.empty() && !cname.empty()) description = {ssrc, cname};
    }
    return description;
}

Parsed parse_goodbye(const Frame& frame) noexcept {
    ByteReader reader{frame.body};
    Goodbye goodbye;
    goodbye.sources = SsrcList{reader.take(4U * frame.count)};
    if (reader.left() > 0) {
        const auto size = reader.be<std::uint8_t>();
        goodbye.reason = as_text(reader.take(size));
    }
    return reader.ok() ? Parsed{goodbye} : bad_length();
}

Parsed parse_transport_cc(Ssrc sender, Ssrc media, ByteReader reader) noexcept {
    TransportFeedback feedback;
    feedback.sender = sender;
    feedback.media = media;
    feedback.base_sequence = reader.be<std::uint16_t>();
    feedback.status_count = reader.be<std::uint16_t>();
    const auto time = reader.be24();
    feedback.reference_time = static_cast<std::int32_t>(time) - ((time & 0x80'0000U) != 0 ? 0x100'0000 : 0);
    feedback.feedback_count = reader.be<std::uint8_t>();
    feedback.chunks_and_deltas = reader.rest();
    if (!reader.ok() || !twcc::deltas_of(feedback)) return bad_length();
    return feedback;
}

Parsed parse_remb(Ssrc sender, ByteReader reader) noexcept {
    ReceiverMaxBitrate remb;
    remb.sender = sender;
    reader.skip(4);  // "REMB"
    const auto count = reader.be<std::uint8_t>();
    const auto packed = reader.be24();
    const unsigned exponent = packed >> 18U;
    const std::uint64_t mantissa = packed & 0x3'ffffU;
    // 46 is the most that keeps 18 bits of mantissa within 64; what claims more than any wire carries is "no limit".
    remb.bits_per_second = exponent > 46 ? (mantissa == 0 ? 0 : UINT64_MAX) : mantissa << exponent;
    remb.sources = SsrcList{reader.take(4U * count)};
    return reader.ok() ? Parsed{remb} : bad_length();
}

Parsed parse_full_intra(Ssrc sender, ByteReader reader) noexcept {
    if (reader.left() == 0 || reader.left() % 8 != 0) return bad_length();
    return FullIntraRequest{sender, FirEntries{reader.rest()}};
}

Parsed parse_nack(Ssrc sender, Ssrc media, ByteReader reader) noexcept {
    if (reader.left() == 0) return bad_length();
    return Nack{sender, media, NackedSequences{reader.rest()}};
}

Parsed parse_feedback(const Frame& frame) noexcept {
    ByteReader reader{frame.body};
    const Ssrc sender = ssrc_from(reader);
    const Ssrc media = ssrc_from(reader);
    if (!reader.ok()) return bad_length();
    if (frame.packet_type == rtcp::kTransportFeedback) {
        if (frame.count == rtcp::kFormatNack) return parse_nack(sender, media, reader);
        if (frame.count == rtcp::kFormatTransportCc) return parse_transport_cc(sender, media, reader);
    } else {
        if (frame.count == rtcp::kFormatPictureLoss) return PictureLoss{sender, media};
        if (frame.count == rtcp::kFormatFullIntra) return parse_full_intra(sender, reader);
        const bool is_remb = ByteReader{reader.rest()}.be<std::uint32_t>() == rtcp::kRemb;
        if (frame.count == rtcp::kFormatApplicationLayer && is_remb) return parse_remb(sender, reader);
    }
    return OtherRtcp{frame.packet_type, frame.count};
}

Parsed parse_frame(const Frame& frame) noexcept {
    switch (frame.packet_type) {
        case rtcp::kSenderReport:
            return parse_sender_report(frame);
        case rtcp::kReceiverReport:
            return parse_receiver_report(frame);
        case rtcp::kSourceDescription:
            return parse_source_description(frame);
        case rtcp::kGoodbye:
            return parse_goodbye(frame);
        case rtcp::kTransportFeedback:
        case rtcp::kPayloadFeedback:
            return parse_feedback(frame);
        default:
            return OtherRtcp{frame.packet_type, frame.count};
    }
}

}  // namespace

tl::expected<void, RtcpErrc> check_compound(Bytes compound) noexcept {
    ByteReader reader{compound};
    do {
        if (const auto frame = next_frame(reader); !frame) return tl::unexpected{frame.error()};
    } while (reader.left() > 0);
    return {};
}

tl::expected<std::optional<RtcpItem>, RtcpErrc> RtcpCursor::next() noexcept {
    if (rest_.empty()) return std::nullopt;
    ByteReader reader{rest_};
    const auto frame = next_frame(reader);
    rest_ = reader.rest();  // empty after an error: the walk ends
    if (!frame) return tl::unexpected{frame.error()};
    auto item = parse_frame(*frame);
    if (!item) return tl::unexpected{item.error()};
    return std::optional<RtcpItem>{*item};
}

}  // namespace cardea
