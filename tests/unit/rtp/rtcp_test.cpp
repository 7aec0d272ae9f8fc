#include <array>

#include "proto/rtp/rtcp/rtcp_reader.hpp"
#include "proto/rtp/rtcp/rtcp_writer.hpp"
#include "unit/rtp/hex.hpp"

namespace cardea {
namespace {

using test::copy_of;
using test::hex;

template <class T>
std::optional<T> only(Bytes compound) {
    std::optional<T> found;
    const auto result = for_each_rtcp(compound, [&](const auto& item) {
        if constexpr (std::is_same_v<std::decay_t<decltype(item)>, T>) found = item;
    });
    return result ? found : std::nullopt;
}

std::optional<RtcpErrc> error_of(const std::vector<std::uint8_t>& compound) {
    const auto result = for_each_rtcp(compound, [](const auto&) {});
    if (result) return std::nullopt;
    return result.error();
}

std::vector<int> sequences_of(const Nack& nack) {
    std::vector<int> all;
    nack.sequences.for_each([&](std::uint16_t s) { all.push_back(s); });
    return all;
}

const auto kSenderReport =
    hex("81 c8 000c 11111111 e1e2e3e4 e5e6e7e8 0000abcd 00000064 00002710"
        "22222222 40fffffe 00011234 00000007 e3e4e5e6 00010000");
const auto kReceiverReport = hex("81 c9 0007 11111111 22222222 40000003 00011234 00000007 e3e4e5e6 00010000");
const auto kCname = hex("81 ca 0003 11111111 01 05 6140626364 00");
const auto kGoodbye = hex("82 cb 0004 11111111 22222222 05 6c656176 65 0000");
const auto kNack = hex("81 cd 0004 11111111 22222222 fffe 8001 1234 0000");
const auto kTransportFeedback = hex("8f cd 0006 11111111 22222222 0010 0005 ffffff 07 a000 4003 01 02 fffe");
const auto kPictureLoss = hex("81 ce 0002 11111111 22222222");
const auto kFullIntra = hex("84 ce 0004 11111111 00000000 22222222 05000000");
const auto kRemb = hex("8f ce 0006 11111111 00000000 52454d42 02 0ba1b2 22222222 33333333");
const auto kExtendedReport = hex("80 cf 0003 11111111 04000001 00000000");

TEST(RtcpReader, ReadsASenderReport) {
    const auto report = only<SenderReport>(kSenderReport);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->sender, (SenderInfo{Ssrc{0x11111111}, 0xe1e2e3e4e5e6e7e8, 0xabcd, 100, 10000}));
    ASSERT_EQ(report->blocks.size(), 1U);
    EXPECT_EQ(report->blocks[0], (ReportBlock{Ssrc{0x22222222}, 0x40, -2, 0x11234, 7, 0xe3e4e5e6, 0x10000}));
}

TEST(RtcpReader, ReadsAReceiverReport) {
    const auto report = only<ReceiverReport>(kReceiverReport);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->sender, Ssrc{0x11111111});
    int blocks = 0;
    for (const auto block : report->blocks) {
        EXPECT_EQ(block.cumulative_lost, 3);
        ++blocks;
    }
    EXPECT_EQ(blocks, 1);
}

TEST(RtcpReader, ReadsCnameAndGoodbye) {
    const auto description = only<SourceDescription>(kCname);
    ASSERT_TRUE(description);
    EXPECT_EQ(description->ssrc, Ssrc{0x11111111});
    EXPECT_EQ(description->cname, "a@bcd");
    const auto goodbye = only<Goodbye>(kGoodbye);
    ASSERT_TRUE(goodbye);
    ASSERT_EQ(goodbye->sources.size(), 2U);
    EXPECT_EQ(goodbye->sources[1], Ssrc{0x22222222});
    EXPECT_EQ(goodbye->reason, "leave");
}

TEST(RtcpReader, ReadsNackedSequences) {
    const auto nack = only<Nack>(kNack);
    ASSERT_TRUE(nack);
    EXPECT_EQ(nack->media, Ssrc{0x22222222});
    EXPECT_THAT(sequences_of(*nack), testing::ElementsAre(0xfffe, 0xffff, 14, 0x1234));
}

TEST(RtcpReader, ReadsKeyframeRequests) {
    ASSERT_TRUE(only<PictureLoss>(kPictureLoss));
    EXPECT_EQ(only<PictureLoss>(kPictureLoss)->media, Ssrc{0x22222222});
    const auto fir = only<FullIntraRequest>(kFullIntra);
    ASSERT_TRUE(fir);
    ASSERT_EQ(fir->entries.size(), 1U);
    EXPECT_EQ(fir->entries[0], (FirEntry{Ssrc{0x22222222}, 5}));
}

TEST(RtcpReader, ReadsRemb) {
    const auto remb = only<ReceiverMaxBitrate>(kRemb);
    ASSERT_TRUE(remb);
    EXPECT_EQ(remb->bits_per_second, std::uint64_t{0x3a1b2} << 2U);
    ASSERT_EQ(remb->sources.size(), 2U);
    EXPECT_EQ(remb->sources[1], Ssrc{0x33333333});
}

TEST(RtcpReader, TakesABitrateBeyondAnyWireForNoLimit) {
    EXPECT_EQ(only<ReceiverMaxBitrate>(hex("8f ce 0004 11111111 00000000 52454d42 00 ffffff"))->bits_per_second, UINT64_MAX);
    EXPECT_EQ(only<ReceiverMaxBitrate>(hex("8f ce 0004 11111111 00000000 52454d42 00 fc0000"))->bits_per_second, 0U);
}

TEST(RtcpReader, ReadsTransportFeedback) {
    const auto feedback = only<TransportFeedback>(kTransportFeedback);
    ASSERT_TRUE(feedback);
    EXPECT_EQ(feedback->base_sequence, 0x10);
    EXPECT_EQ(feedback->status_count, 5);
    EXPECT_EQ(feedback->reference_time, -1);
    EXPECT_EQ(feedback->feedback_count, 7);
}

TEST(RtcpReader, WalksACompoundInOrder) {
    auto compound = kReceiverReport;
    for (const auto* part : {&kCname, &kNack, &kExtendedReport, &kPictureLoss}) compound.insert(compound.end(), part->begin(), part->end());
    std::string seen;
    const auto note = [&](const auto& item) {
        using T = std::decay_t<decltype(item)>;
        seen += std::is_same_v<T, ReceiverReport>      ? "RR "
                : std::is_same_v<T, SourceDescription> ? "SDES "
                : std::is_same_v<T, Nack>              ? "NACK "
                : std::is_same_v<T, PictureLoss>       ? "PLI "
                : std::is_same_v<T, OtherRtcp>         ? "other "
                                                       : "? ";
    };
    EXPECT_TRUE(for_each_rtcp(compound, note));
    EXPECT_EQ(seen, "RR SDES NACK other PLI ");
}

TEST(RtcpReader, SkipsFeedbackItDoesNotKnow) {
    EXPECT_TRUE(only<OtherRtcp>(hex("8f ce 0003 11111111 00000000 41424344")));  // application layer, not REMB
    EXPECT_TRUE(only<OtherRtcp>(hex("83 cd 0002 11111111 00000000")));           // TMMBR
}

TEST(RtcpReader, TakesPaddingOnTheLastPacketOnly) {
    EXPECT_TRUE(only<PictureLoss>(hex("a1 ce 0003 11111111 22222222 00000004")));
    EXPECT_EQ(error_of(hex("a1 ce 0003 11111111 22222222 00000004 80 c9 0001 11111111")), RtcpErrc::bad_padding);
    EXPECT_EQ(error_of(hex("a1 ce 0003 11111111 22222222 00000000")), RtcpErrc::bad_padding);
    EXPECT_EQ(error_of(hex("a1 ce 0003 11111111 22222222 00000003")), RtcpErrc::bad_padding);
    EXPECT_EQ(error_of(hex("a1 ce 0003 11111111 22222222 00000010")), RtcpErrc::bad_padding);
    EXPECT_EQ(error_of(hex("a1 ce 0003 11111111 22222222 00000008")), RtcpErrc::bad_length);  // pads the media SSRC away
    EXPECT_EQ(error_of(hex("a1 ce 0000")), RtcpErrc::bad_padding);
}

TEST(RtcpReader, VisitsNothingOfACompoundWithBrokenFraming) {
    auto compound = kPictureLoss;
    compound.push_back(0x80);
    int visits = 0;
    EXPECT_FALSE(for_each_rtcp(compound, [&](const auto&) { ++visits; }));
    EXPECT_EQ(visits, 0);
}

TEST(RtcpReader, RefusesWhatIsShorterThanItSays) {
    EXPECT_EQ(error_of({}), RtcpErrc::truncated);
    EXPECT_EQ(error_of(hex("41 c9 0001 11111111")), RtcpErrc::bad_version);
    EXPECT_EQ(error_of(hex("81 c9 0001 11111111")), RtcpErrc::bad_length);           // a block is missing
    EXPECT_EQ(error_of(hex("80 c8 0001 11111111")), RtcpErrc::bad_length);           // no sender info
    EXPECT_EQ(error_of(hex("81 ca 0002 11111111 01ff6161")), RtcpErrc::bad_length);  // CNAME runs over
    EXPECT_EQ(error_of(hex("81 ca 0002 11111111 01026161")), RtcpErrc::bad_length);  // no end of the items
    EXPECT_EQ(error_of(hex("82 cb 0001 11111111")), RtcpErrc::bad_length);
    EXPECT_EQ(error_of(hex("81 cb 0002 11111111 09616161")), RtcpErrc::bad_length);  // reason runs over
    EXPECT_EQ(error_of(hex("81 cd 0002 11111111 22222222")), RtcpErrc::bad_length);  // NACK of nothing
    EXPECT_EQ(error_of(hex("81 ce 0001 11111111")), RtcpErrc::bad_length);
    EXPECT_EQ(error_of(hex("84 ce 0003 11111111 00000000 22222222")), RtcpErrc::bad_length);                       // half an entry
    EXPECT_EQ(error_of(hex("8f ce 0004 11111111 00000000 52454d42 03 000001")), RtcpErrc::bad_length);             // SSRCs missing
    EXPECT_EQ(error_of(hex("8f cd 0004 11111111 22222222 0010 0005 ffffff 07")), RtcpErrc::bad_length);            // no chunk
    EXPECT_EQ(error_of(hex("8f cd 0005 11111111 22222222 0010 0005 ffffff 07 2005 0102")), RtcpErrc::bad_length);  // deltas missing
    EXPECT_EQ(error_of(hex("8f cd 0005 11111111 22222222 0010 0005 ffffff 07 2000 0102")), RtcpErrc::bad_length);  // a run of none
    EXPECT_EQ(error_of(hex("8f cd 0005 11111111 22222222 0010 0001 ffffff 07 6001 0102")), RtcpErrc::bad_length);  // reserved symbol
}

TEST(RtcpReader, EveryTruncationIsRefused) {
    for (const auto* whole : {&kSenderReport, &kReceiverReport, &kCname, &kGoodbye, &kNack, &kTransportFeedback, &kPictureLoss, &kFullIntra,
                              &kRemb, &kExtendedReport}) {
        ASSERT_EQ(error_of(*whole), std::nullopt);
        for (std::size_t size = 0; size < whole->size(); ++size) EXPECT_TRUE(error_of(copy_of(Bytes{*whole}.first(size)))) << size;
    }
}

// The length field made to agree with what is left: the insides must notice by themselves.
TEST(RtcpReader, EveryTruncationByWholeWordsStaysInside) {
    for (const auto* whole : {&kSenderReport, &kReceiverReport, &kCname, &kGoodbye, &kNack, &kTransportFeedback, &kFullIntra, &kRemb}) {
        for (std::size_t words = 0; 4 * (words + 1) < whole->size(); ++words) {
            auto cut = copy_of(Bytes{*whole}.first(4 * (words + 1)));
            cut[3] = static_cast<std::uint8_t>(words);
            const auto error = error_of(cut);
            EXPECT_TRUE(!error || *error == RtcpErrc::bad_length);
        }
    }
}

class CompoundWriterTest : public testing::Test {
  protected:
    std::vector<std::uint8_t> written() { return copy_of(writer_.bytes()); }
    std::array<std::uint8_t, 256> buffer_{};
    CompoundWriter writer_{buffer_};
    const Ssrc sender_{0x11111111};
    const Ssrc media_{0x22222222};
};

TEST_F(CompoundWriterTest, WritesASenderReport) {
    const std::array blocks{ReportBlock{media_, 0x40, -2, 0x11234, 7, 0xe3e4e5e6, 0x10000}};
    EXPECT_TRUE(writer_.sender_report({sender_, 0xe1e2e3e4e5e6e7e8, 0xabcd, 100, 10000}, blocks));
    EXPECT_EQ(written(), kSenderReport);
}

TEST_F(CompoundWriterTest, WritesAReceiverReportAndClampsTheLoss) {
    const std::array blocks{ReportBlock{media_, 0x40, 3, 0x11234, 7, 0xe3e4e5e6, 0x10000}};
    EXPECT_TRUE(writer_.receiver_report(sender_, blocks));
    EXPECT_EQ(written(), kReceiverReport);
    const std::array worse{ReportBlock{.ssrc = media_, .cumulative_lost = 0x1000000},
                           ReportBlock{.ssrc = media_, .cumulative_lost = -0x1000000}};
    CompoundWriter other{buffer_};
    EXPECT_TRUE(other.receiver_report(sender_, worse));
    EXPECT_EQ(only<ReceiverReport>(other.bytes())->blocks[0].cumulative_lost, 0x7fffff);
    EXPECT_EQ(only<ReceiverReport>(other.bytes())->blocks[1].cumulative_lost, -0x800000);
}

TEST_F(CompoundWriterTest, WritesSdesGoodbyeAndKeyframeRequests) {
    EXPECT_TRUE(writer_.cname(sender_, "a@bcd"));
    EXPECT_TRUE(writer_.goodbye(std::array{sender_, media_}, "leave"));
    EXPECT_TRUE(writer_.picture_loss(sender_, media_));
    EXPECT_TRUE(writer_.full_intra_request(sender_, {media_, 5}));
    auto expected = kCname;
    for (const auto* part : {&kGoodbye, &kPictureLoss, &kFullIntra}) expected.insert(expected.end(), part->begin(), part->end());
    EXPECT_EQ(written(), expected);
}

TEST_F(CompoundWriterTest, CnamesOfEveryLengthReadBack) {
    for (std::size_t size = 1; size < 200; ++size) {
        const std::string name(size, 'x');
        CompoundWriter writer{buffer_};
        ASSERT_TRUE(writer.cname(sender_, name));
        ASSERT_EQ(writer.size() % 4, 0U);
        const auto bytes = copy_of(writer.bytes());
        ASSERT_EQ(only<SourceDescription>(bytes)->cname, name);
    }
}

TEST_F(CompoundWriterTest, PacksNacks) {
    const std::array<std::uint16_t, 4> lost{0xfffe, 0xffff, 14, 0x1234};
    EXPECT_EQ(writer_.nack(sender_, media_, lost), 4U);
    EXPECT_EQ(written(), kNack);
}

TEST_F(CompoundWriterTest, NacksWhatFitsAndSaysHowMuch) {
    std::array<std::uint16_t, 20> lost{};
    for (std::size_t i = 0; i < lost.size(); ++i) lost[i] = static_cast<std::uint16_t>(i * 100);
    CompoundWriter small{MutableBytes{buffer_}.first(12 + 8)};
    EXPECT_EQ(small.nack(sender_, media_, lost), 2U);
    EXPECT_EQ(small.size(), 20U);
    EXPECT_EQ(small.nack(sender_, media_, lost), 0U);
    CompoundWriter smaller{MutableBytes{buffer_}.first(15)};
    EXPECT_EQ(smaller.nack(sender_, media_, lost), 0U);
    EXPECT_TRUE(smaller.empty());
}

TEST_F(CompoundWriterTest, WritesRemb) {
    EXPECT_TRUE(writer_.receiver_max_bitrate(sender_, (std::uint64_t{0x3a1b2} << 2U) + 3, std::array{media_, Ssrc{0x33333333}}));
    EXPECT_EQ(written(), kRemb);
}

TEST_F(CompoundWriterTest, RembNeverSaysMoreThanItWasTold) {
    for (const std::uint64_t bitrate : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x3ffff}, std::uint64_t{0x40000},
                                        std::uint64_t{1'500'000}, UINT64_MAX / 3, UINT64_MAX}) {
        CompoundWriter writer{buffer_};
        ASSERT_TRUE(writer.receiver_max_bitrate(sender_, bitrate, {}));
        const auto read = only<ReceiverMaxBitrate>(writer.bytes())->bits_per_second;
        EXPECT_LE(read, bitrate);
        EXPECT_GE(read, bitrate - bitrate / 0x20000);
    }
}

TEST_F(CompoundWriterTest, WhatDoesNotFitLeavesTheCompoundAsItWas) {
    CompoundWriter writer{MutableBytes{buffer_}.first(20)};
    ASSERT_TRUE(writer.picture_loss(sender_, media_));
    EXPECT_FALSE(writer.picture_loss(sender_, media_));
    EXPECT_FALSE(writer.cname(sender_, std::string(256, 'x')));
    EXPECT_FALSE(writer.receiver_report(sender_, std::vector<ReportBlock>(32)));
    EXPECT_EQ(copy_of(writer.bytes()), kPictureLoss);
    EXPECT_TRUE(writer.receiver_report(sender_, {}));
    EXPECT_EQ(writer.size(), 20U);
}

}  // namespace
}  // namespace cardea
