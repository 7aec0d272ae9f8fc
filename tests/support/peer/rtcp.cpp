#include "rtcp.hpp"

#include <algorithm>
#include <array>

namespace cardea::testpeer {
namespace {

constexpr std::uint8_t kSr = 200, kRr = 201, kSdes = 202, kBye = 203, kRtpfb = 205, kPsfb = 206;
constexpr unsigned kGenericNack = 1, kTransportCc = 15, kPli = 1, kFir = 4, kAfb = 15;

void read_blocks(ByteReader& in, unsigned count, RtcpContent& to) {
    for (unsigned i = 0; i < count; ++i) {
        ReportBlock block;
        block.ssrc = in.be<std::uint32_t>();
        block.fraction_lost = in.be<std::uint8_t>();
        const auto lost = in.be24();
        block.total_lost = static_cast<std::int32_t>(lost) - ((lost & 0x800000U) != 0 ? 0x1000000 : 0);
        block.highest_sequence = in.be<std::uint32_t>();
        block.jitter = in.be<std::uint32_t>();
        block.last_sr = in.be<std::uint32_t>();
        block.delay_since_sr = in.be<std::uint32_t>();
        if (in.ok()) to.reports.push_back(block);
    }
}

void read_sender_info(ByteReader& in, RtcpContent& to) {
    SenderInfo info;
    info.ssrc = in.be<std::uint32_t>();
    info.ntp = in.be<std::uint64_t>();
    info.rtp = in.be<std::uint32_t>();
    info.packets = in.be<std::uint32_t>();
    info.octets = in.be<std::uint32_t>();
    if (in.ok()) to.sender_infos.push_back(info);
}

void read_nack(ByteReader& in, RtcpContent& to) {
    in.skip(4);
    Nack nack{in.be<std::uint32_t>(), {}};
    while (in.left() >= 4) {
        const auto first = in.be<std::uint16_t>();
        const auto mask = in.be<std::uint16_t>();
        nack.sequences.push_back(first);
        for (unsigned bit = 0; bit < 16; ++bit)
            if ((mask >> bit & 1U) != 0) nack.sequences.push_back(static_cast<std::uint16_t>(first + bit + 1));
    }
    to.nacks.push_back(std::move(nack));
}

void read_payload_feedback(ByteReader& in, unsigned format, RtcpContent& to) {
    in.skip(4);
    const auto media = in.be<std::uint32_t>();
    if (format == kPli) to.keyframe_requests.push_back(media);
    if (format == kFir) {
        while (in.left() >= 8) {
            to.keyframe_requests.push_back(in.be<std::uint32_t>());
            in.skip(4);
        }
    }
    // draft-alvestrand-rmcat-remb-03 section 2.2: 6 bits of exponent, 18 of mantissa.
    if (format == kAfb && as_text(in.take(4)) == "REMB") {
        in.skip(1);
        const auto packed = in.be24();
        if (in.ok()) to.remb = static_cast<std::uint64_t>(packed & 0x3ffffU) << (packed >> 18U);
    }
}

void read_packet(unsigned count, std::uint8_t type, Bytes body, RtcpContent& to) {
    ByteReader in{body};
    switch (type) {
        case kSr:
            read_sender_info(in, to);
            read_blocks(in, count, to);
            break;
        case kRr:
            in.skip(4);
            read_blocks(in, count, to);
            break;
        case kBye:
            to.bye = true;
            break;
        case kRtpfb:
            if (count == kGenericNack) read_nack(in, to);
            if (count == kTransportCc) ++to.transport_feedback;
            break;
        case kPsfb:
            read_payload_feedback(in, count, to);
            break;
        default:
            break;
    }
    if (!in.ok()) to.well_formed = false;
}

void write_blocks(ByteWriter& out, std::span<const ReportBlock> blocks) {
    for (const auto& block : blocks) {
        out.be(block.ssrc);
        out.be(block.fraction_lost);
        out.be24(static_cast<std::uint32_t>(block.total_lost) & 0xffffffU);
        out.be(block.highest_sequence);
        out.be(block.jitter);
        out.be(block.last_sr);
        out.be(block.delay_since_sr);
    }
}

}  // namespace

RtcpContent parse_rtcp(Bytes compound) {
    RtcpContent content;
    ByteReader in{compound};
    while (in.left() > 0 && content.well_formed) {
        const auto flags = in.be<std::uint8_t>();
        const auto type = in.be<std::uint8_t>();
        const auto body = in.take(std::size_t{4} * in.be<std::uint16_t>());
        if (!in.ok() || flags >> 6U != 2) {
            content.well_formed = false;
            break;
        }
        read_packet(flags & 0x1fU, type, body, content);
    }
    return content;
}

void RtcpWriter::packet(unsigned count, std::uint8_t type, Bytes body) {
    std::array<std::uint8_t, 4> head{};
    ByteWriter out{head};
    out.be(static_cast<std::uint8_t>(0x80U | count));
    out.be(type);
    out.be(static_cast<std::uint16_t>(body.size() / 4));
    data_.insert(data_.end(), head.begin(), head.end());
    data_.insert(data_.end(), body.begin(), body.end());
}

void RtcpWriter::sender_report(const SenderInfo& info, std::span<const ReportBlock> blocks) {
    const auto counted = blocks.first(std::min<std::size_t>(blocks.size(), 31));
    std::vector<std::uint8_t> body(24 + 24 * counted.size());
    ByteWriter out{body};
    out.be(info.ssrc);
    out.be(info.ntp);
    out.be(info.rtp);
    out.be(info.packets);
    out.be(info.octets);
    write_blocks(out, counted);
    packet(static_cast<unsigned>(counted.size()), kSr, body);
}

void RtcpWriter::receiver_report(std::uint32_t sender, std::span<const ReportBlock> blocks) {
    // RFC 3550 section 6.4.2: at most 31 blocks in a packet, more in further packets.
    do {
        const auto counted = blocks.first(std::min<std::size_t>(blocks.size(), 31));
        std::vector<std::uint8_t> body(4 + 24 * counted.size());
        ByteWriter out{body};
        out.be(sender);
        write_blocks(out, counted);
        packet(static_cast<unsigned>(counted.size()), kRr, body);
        blocks = blocks.subspan(counted.size());
    } while (!blocks.empty());
}

void RtcpWriter::cname(std::uint32_t ssrc, std::string_view name) {
    std::vector<std::uint8_t> body((4 + 2 + name.size() + 1 + 3) / 4 * 4);
    ByteWriter out{body};
    out.be(ssrc);
    out.be(std::uint8_t{1});
    out.be(static_cast<std::uint8_t>(name.size()));
    out.bytes(as_bytes(name));
    packet(1, kSdes, body);
}

void RtcpWriter::nack(std::uint32_t sender, std::uint32_t media, std::span<const std::uint16_t> ascending) {
    std::vector<std::uint8_t> body(8);
    ByteWriter head{body};
    head.be(sender);
    head.be(media);
    for (std::size_t i = 0; i < ascending.size();) {
        const auto first = ascending[i++];
        std::uint16_t mask = 0;
        while (i < ascending.size()) {
            const auto distance = static_cast<std::uint16_t>(ascending[i] - first);
            if (distance == 0 || distance > 16) break;
            mask = static_cast<std::uint16_t>(mask | 1U << (distance - 1U));
            ++i;
        }
        std::array<std::uint8_t, 4> item{};
        ByteWriter out{item};
        out.be(first);
        out.be(mask);
        body.insert(body.end(), item.begin(), item.end());
    }
    packet(kGenericNack, kRtpfb, body);
}

void RtcpWriter::pli(std::uint32_t sender, std::uint32_t media) {
    std::array<std::uint8_t, 8> body{};
    ByteWriter out{body};
    out.be(sender);
    out.be(media);
    packet(kPli, kPsfb, body);
}

}  // namespace cardea::testpeer
