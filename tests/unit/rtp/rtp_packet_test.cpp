#include "proto/rtp/rtp_packet.hpp"

#include "unit/rtp/hex.hpp"

namespace cardea {
namespace {

using test::copy_of;
using test::hex;

// V=2, P, X, CC=2, M, PT=96; CSRCs; one extension word; payload of 3; padding of 2.
const auto kFull = hex("b2 e0 1234 89abcdef 11223344 00000001 00000002 bede 0001 10aa0000 010203 0002");

TEST(RtpPacket, ReadsTheFixedHeader) {
    const auto packet = hex("80 6f ffff 00000000 deadbeef 55");
    const auto header = parse_rtp_header(packet);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->sequence, 0xffff);
    EXPECT_EQ(header->timestamp, 0U);
    EXPECT_EQ(header->ssrc, Ssrc{0xdeadbeef});
    EXPECT_EQ(header->payload_type, 111);
    EXPECT_FALSE(header->marker);
    EXPECT_EQ(header->header_size, 12U);
    EXPECT_EQ(header->padding_size, 0);
    EXPECT_EQ(header->extension_profile, 0);
    EXPECT_EQ(copy_of(payload_of(packet, *header)), hex("55"));
}

TEST(RtpPacket, FindsPayloadBehindCsrcsAndExtensionsAndBeforePadding) {
    const auto header = parse_rtp_header(kFull);
    ASSERT_TRUE(header);
    EXPECT_TRUE(header->marker);
    EXPECT_EQ(header->payload_type, 96);
    EXPECT_EQ(header->header_size, 28U);
    EXPECT_EQ(header->padding_size, 2);
    EXPECT_EQ(header->extension_profile, kOneByteExtensions);
    EXPECT_EQ(header->extension_offset, 24U);
    EXPECT_EQ(header->extension_size, 4U);
    EXPECT_EQ(copy_of(payload_of(kFull, *header)), hex("010203"));
}

TEST(RtpPacket, EveryTruncationOfItsHeaderIsRefused) {
    for (std::size_t size = 0; size < 28; ++size) EXPECT_FALSE(parse_rtp_header(Bytes{kFull}.first(size))) << size;
}

TEST(RtpPacket, NoTruncationReadsPastTheEnd) {
    for (std::size_t size = 28; size < kFull.size(); ++size) {
        const auto cut = copy_of(Bytes{kFull}.first(size));  // its own allocation, so that the address sanitizer watches its end
        const auto header = parse_rtp_header(cut).value_or(RtpHeader{});
        EXPECT_LE(header.header_size + header.padding_size, size);
    }
}

TEST(RtpPacket, SaysWhatIsWrong) {
    EXPECT_EQ(parse_rtp_header({}).error(), RtpErrc::truncated);
    EXPECT_EQ(parse_rtp_header(hex("80 60 0001")).error(), RtpErrc::truncated);
    EXPECT_EQ(parse_rtp_header(hex("40 60 0001 00000000 00000001")).error(), RtpErrc::bad_version);
    EXPECT_EQ(parse_rtp_header(hex("81 60 0001 00000000 00000001")).error(), RtpErrc::truncated);           // CSRC missing
    EXPECT_EQ(parse_rtp_header(hex("90 60 0001 00000000 00000001 bede")).error(), RtpErrc::bad_extension);  // half a block header
    EXPECT_EQ(parse_rtp_header(hex("90 60 0001 00000000 00000001 bede0002 00000000")).error(), RtpErrc::bad_extension);
}

TEST(RtpPacket, RefusesPaddingOfZeroAndPaddingThatReachesIntoTheHeader) {
    EXPECT_EQ(parse_rtp_header(hex("a0 60 0001 00000000 00000001 00")).error(), RtpErrc::bad_padding);
    EXPECT_EQ(parse_rtp_header(hex("a0 60 0001 00000000 00000001 02")).error(), RtpErrc::bad_padding);
    EXPECT_EQ(parse_rtp_header(hex("a0 60 0001 00000000 00000001")).error(), RtpErrc::bad_padding);
}

TEST(RtpPacket, TakesAPacketOfNothingButPadding) {
    const auto packet = hex("a0 60 0001 00000000 00000001 000003");
    const auto header = parse_rtp_header(packet);
    ASSERT_TRUE(header);
    EXPECT_TRUE(payload_of(packet, *header).empty());
}

TEST(PacketKind, FollowsRfc7983) {
    const auto kind_of = [](std::uint8_t first, std::uint8_t second = 0) {
        const std::array<std::uint8_t, 2> bytes{first, second};
        return classify(bytes);
    };
    EXPECT_EQ(kind_of(0), PacketKind::stun);
    EXPECT_EQ(kind_of(3), PacketKind::stun);
    EXPECT_EQ(kind_of(4), PacketKind::unknown);
    EXPECT_EQ(kind_of(19), PacketKind::unknown);
    EXPECT_EQ(kind_of(20), PacketKind::dtls);
    EXPECT_EQ(kind_of(63), PacketKind::dtls);
    EXPECT_EQ(kind_of(64), PacketKind::unknown);
    EXPECT_EQ(kind_of(127), PacketKind::unknown);
    EXPECT_EQ(kind_of(128), PacketKind::rtp);
    EXPECT_EQ(kind_of(191), PacketKind::rtp);
    EXPECT_EQ(kind_of(192), PacketKind::unknown);
    EXPECT_EQ(kind_of(255), PacketKind::unknown);
}

TEST(PacketKind, TellsRtcpByItsPacketType) {
    for (unsigned second = 0; second < 256; ++second) {
        const std::array<std::uint8_t, 2> bytes{0x80, static_cast<std::uint8_t>(second)};
        EXPECT_EQ(classify(bytes), second >= 192 && second <= 223 ? PacketKind::rtcp : PacketKind::rtp) << second;
    }
}

TEST(PacketKind, ADatagramOfOneByteIsUnknown) {
    const std::array<std::uint8_t, 1> one{0x80};
    EXPECT_EQ(classify(one), PacketKind::unknown);
    EXPECT_EQ(classify({}), PacketKind::unknown);
}

}  // namespace
}  // namespace cardea
