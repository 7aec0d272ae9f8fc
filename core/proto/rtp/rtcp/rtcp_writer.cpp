#include "proto/rtp/rtcp/rtcp_writer.hpp"

#include <algorithm>

#include "proto/rtp/rtcp/rtcp_constants.hpp"
#include "proto/rtp/sequence.hpp"

namespace cardea {

namespace {

void write_block(ByteWriter& out, const ReportBlock& block) noexcept {
    constexpr std::int32_t kMost = 0x7f'ffff;  // RFC 3550 appendix A.3 clamps to signed 24 bits
    const auto lost = std::clamp(block.cumulative_lost, -kMost - 1, kMost);
    out.be(block.ssrc.value);
    out.be(block.fraction_lost);
    out.be24(static_cast<std::uint32_t>(lost) & 0xff'ffffU);
    out.be(block.highest_sequence);
    out.be(block.jitter);
    out.be(block.last_sr);
    out.be(block.delay_since_last_sr);
}

// Octets that bring `size` up to whole words.
constexpr std::size_t fill_of(std::size_t size) noexcept { return (4 - size % 4) % 4; }

struct NackPair {
    std::uint16_t first = 0;
    std::uint16_t following = 0;
};

// Takes from the front of `sequences` all that fit into one pair.
NackPair take_pair(std::span<const std::uint16_t>& sequences) noexcept {
    NackPair pair{sequences.front(), 0};
    sequences = sequences.subspan(1);
    while (!sequences.empty()) {
        const int distance = sequence_distance(sequences.front(), pair.first);
        if (distance < 0 || distance > 16) break;
        if (distance > 0) pair.following = static_cast<std::uint16_t>(pair.following | 1U << static_cast<unsigned>(distance - 1));
        sequences = sequences.subspan(1);
    }
    return pair;
}

}  // namespace

template <class Body>
bool CompoundWriter::packet(std::uint8_t packet_type, std::size_t count, Body&& body) noexcept {
    ByteWriter writer{room()};
    writer.be(static_cast<std::uint8_t>(0x80U | (count & 0x1fU)));
    writer.be(packet_type);
    writer.be(std::uint16_t{0});  // length: known when the body is written
    body(writer);
    if (!writer.ok() || count > rtcp::kMostCount) return false;
    const auto words = static_cast<std::uint16_t>(writer.size() / 4 - 1);  // RFC 3550 section 6.4.1: minus one
    ByteWriter{room().subspan(2)}.be(words);
    used_ += writer.size();
    return true;
}

bool CompoundWriter::sender_report(const SenderInfo& sender, std::span<const ReportBlock> blocks) noexcept {
    return packet(rtcp::kSenderReport, blocks.size(), [&](ByteWriter& out) noexcept {
        out.be(sender.ssrc.value);
        out.be(sender.ntp);
        out.be(sender.rtp_timestamp);
        out.be(sender.packets);
        out.be(sender.octets);
        for (const auto& block : blocks) write_block(out, block);
    });
}

bool CompoundWriter::receiver_report(Ssrc sender, std::span<const ReportBlock> blocks) noexcept {
    return packet(rtcp::kReceiverReport, blocks.size(), [&](ByteWriter& out) noexcept {
        out.be(sender.value);
        for (const auto& block : blocks) write_block(out, block);
    });
}

bool CompoundWriter::cname(Ssrc ssrc, std::string_view text) noexcept {
    if (text.size() > 255) return false;
    return packet(rtcp::kSourceDescription, 1, [&](ByteWriter& out) noexcept {
        out.be(ssrc.value);
        out.be(rtcp::kItemCname);
        out.be(static_cast<std::uint8_t>(text.size()));
        out.bytes(as_bytes(text));
        out.zeros(1 + fill_of(text.size() + 3));  // the list ends with at least one zero
    });
}

bool CompoundWriter::goodbye(std::span<const Ssrc> sources, std::string_view reason) noexcept {
    if (reason.size() > 255) return false;
    return packet(rtcp::kGoodbye, sources.size(), [&](ByteWriter& out) noexcept {
        for (const auto ssrc : sources) out.be(ssrc.value);
        if (reason.empty()) return;
        out.be(static_cast<std::uint8_t>(reason.size()));
        out.bytes(as_bytes(reason));
        out.zeros(fill_of(reason.size() + 1));
    });
}

std::size_t CompoundWriter::nack(Ssrc sender, Ssrc media, std::span<const std::uint16_t> sequences) noexcept {
    constexpr std::size_t kFixed = 12;
    if (sequences.empty() || room().size() < kFixed + 4) return 0;
    auto left = sequences;
    packet(rtcp::kTransportFeedback, rtcp::kFormatNack, [&](ByteWriter& out) noexcept {
        out.be(sender.value);
        out.be(media.value);
        while (!left.empty() && out.room() >= 4) {
            const auto pair = take_pair(left);
            out.be(pair.first);
            out.be(pair.following);
        }
    });
    return sequences.size() - left.size();
}

bool CompoundWriter::picture_loss(Ssrc sender, Ssrc media) noexcept {
    return packet(rtcp::kPayloadFeedback, rtcp::kFormatPictureLoss, [&](ByteWriter& out) noexcept {
        out.be(sender.value);
        out.be(media.value);
    });
}

bool CompoundWriter::full_intra_request(Ssrc sender, const FirEntry& entry) noexcept {
    return packet(rtcp::kPayloadFeedback, rtcp::kFormatFullIntra, [&](ByteWriter& out) noexcept {
        out.be(sender.value);
        out.be(std::uint32_t{0});  // RFC 5104 section 4.3.1.2: the media SSRC is in the entry
        out.be(entry.ssrc.value);
        out.be(entry.sequence);
        out.zeros(3);
    });
}

bool CompoundWriter::receiver_max_bitrate(Ssrc sender, std::uint64_t bits_per_second, std::span<const Ssrc> sources) noexcept {
    if (sources.size() > 255) return false;
    std::uint32_t exponent = 0;
    for (; bits_per_second > 0x3'ffffU; ++exponent) bits_per_second >>= 1U;
    return packet(rtcp::kPayloadFeedback, rtcp::kFormatApplicationLayer, [&](ByteWriter& out) noexcept {
        out.be(sender.value);
        out.be(std::uint32_t{0});
        out.be(rtcp::kRemb);
        out.be(static_cast<std::uint8_t>(sources.size()));
        out.be24(exponent << 18U | static_cast<std::uint32_t>(bits_per_second));
        for (const auto ssrc : sources) out.be(ssrc.value);
    });
}

}  // namespace cardea
