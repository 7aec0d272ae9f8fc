#include "proto/rtp/rtp_writer.hpp"

#include "proto/rtp/rtp_packet.hpp"
#include "unit/rtp/hex.hpp"

namespace cardea {
namespace {

using test::copy_of;
using test::hex;

constexpr ExtensionIds kReceiver{.mid = 4,
                                 .audio_level = 1,
                                 .abs_send_time = 2,
                                 .transport_cc = 3,
                                 .video_orientation = 13,
                                 .playout_delay = 5,
                                 .dependency_descriptor = 12};

std::vector<std::uint8_t> written(const OutgoingRtp& packet, Bytes payload, std::size_t room = 1500) {
    std::vector<std::uint8_t> out(room);
    out.resize(write_rtp(out, packet, payload));
    return out;
}

TEST(RtpWriter, WritesAPlainPacket) {
    const OutgoingRtp packet{.ssrc = Ssrc{0x01020304}, .payload_type = 111, .marker = true, .sequence = 0xfffe, .timestamp = 960};
    EXPECT_EQ(written(packet, hex("aabb")), hex("80 ef fffe 000003c0 01020304 aabb"));
}

TEST(RtpWriter, WritesExtensionsWithTheReceiversIds) {
    OutgoingRtp packet{.ssrc = Ssrc{1}, .payload_type = 111, .sequence = 1, .timestamp = 2, .ids = kReceiver};
    packet.extensions.mid = "0";
    packet.extensions.audio_level = AudioLevel{30, true};
    packet.extensions.abs_send_time = 0xabcdef;
    EXPECT_EQ(written(packet, hex("55")), hex("90 6f 0001 00000002 00000001  bede 0002 4030 109e 22abcdef 55"));
}

TEST(RtpWriter, GivesTheFrameInADependencyDescriptorTheReceiversNumber) {
    OutgoingRtp packet{.ssrc = Ssrc{1}, .payload_type = 96, .sequence = 1, .timestamp = 2, .ids = kReceiver, .frame_number = 0xabcd};
    packet.extensions.mid = "0";
    const auto descriptor = hex("c1 1234 80");
    packet.extensions.dependency_descriptor = descriptor;
    EXPECT_EQ(written(packet, {}), hex("90 60 0001 00000002 00000001  bede 0002 4030 c3c1abcd 80 00"));
    const auto broken = hex("c1 12");  // is left as it is
    packet.extensions.dependency_descriptor = broken;
    EXPECT_EQ(written(packet, {}), hex("90 60 0001 00000002 00000001  bede 0002 4030 c1c1 12 000000"));
}

TEST(RtpWriter, WritesPaddingWithoutPayload) {
    const OutgoingRtp packet{.ssrc = Ssrc{1}, .payload_type = 96, .sequence = 1, .timestamp = 2, .padding = 3};
    const auto bytes = written(packet, {});
    EXPECT_EQ(bytes, hex("a0 60 0001 00000002 00000001 000003"));
    EXPECT_TRUE(payload_of(bytes, parse_rtp_header(bytes).value()).empty());
}

TEST(RtpWriter, LeavesOutWhatTheReceiverDidNotNegotiate) {
    OutgoingRtp packet{.ssrc = Ssrc{1}, .payload_type = 96, .sequence = 1, .timestamp = 2};
    packet.extensions.mid = "0";
    packet.extensions.audio_level = AudioLevel{};
    packet.extensions.dependency_descriptor = as_bytes("descriptor");
    EXPECT_EQ(written(packet, {}), hex("80 60 0001 00000002 00000001"));
}

TEST(RtpWriter, WhatItWritesReadsBackTheSame) {
    const auto descriptor = hex("840001 00");
    OutgoingRtp packet{.ssrc = Ssrc{7}, .payload_type = 96, .marker = true, .sequence = 9, .timestamp = 10, .ids = kReceiver};
    packet.extensions.mid = "video0";
    packet.extensions.audio_level = AudioLevel{99, false};
    packet.extensions.abs_send_time = 0x010203;
    packet.extensions.transport_sequence = 0xfedc;
    packet.extensions.video_orientation = VideoOrientation{true, true, 2};
    packet.extensions.playout_delay = PlayoutDelay{0xfff, 1};
    packet.extensions.dependency_descriptor = descriptor;
    const auto bytes = written(packet, hex("01"));
    const auto header = parse_rtp_header(bytes).value();
    const auto read = read_extensions(bytes, header, kReceiver);
    EXPECT_EQ(header.extension_profile, kOneByteExtensions);
    EXPECT_EQ(read.mid, "video0");
    EXPECT_EQ(read.audio_level, packet.extensions.audio_level);
    EXPECT_EQ(read.abs_send_time, packet.extensions.abs_send_time);
    EXPECT_EQ(read.transport_sequence, packet.extensions.transport_sequence);
    EXPECT_EQ(read.video_orientation, packet.extensions.video_orientation);
    EXPECT_EQ(read.playout_delay, packet.extensions.playout_delay);
    EXPECT_EQ(copy_of(read.dependency_descriptor), descriptor);
    EXPECT_EQ(copy_of(payload_of(bytes, header)), hex("01"));
}

TEST(RtpWriter, TakesTheTwoByteFormForADescriptorOverSixteenBytes) {
    const std::vector<std::uint8_t> descriptor(83, 0xd5);
    OutgoingRtp packet{.ssrc = Ssrc{7}, .payload_type = 96, .sequence = 9, .timestamp = 10, .ids = kReceiver};
    packet.extensions.mid = "1";
    packet.extensions.dependency_descriptor = descriptor;
    const auto bytes = written(packet, hex("01"));
    const auto header = parse_rtp_header(bytes).value();
    EXPECT_EQ(header.extension_profile, kTwoByteExtensions);
    EXPECT_EQ(header.extension_size, 88U);  // 3 + 85
    EXPECT_EQ(read_extensions(bytes, header, kReceiver).mid, "1");
    EXPECT_EQ(copy_of(read_extensions(bytes, header, kReceiver).dependency_descriptor), descriptor);
}

TEST(RtpWriter, SixteenBytesStillFitTheOneByteForm) {
    const std::vector<std::uint8_t> descriptor(16, 0xd5);
    OutgoingRtp packet{.ids = kReceiver};
    packet.extensions.dependency_descriptor = descriptor;
    EXPECT_EQ(parse_rtp_header(written(packet, {})).value().extension_profile, kOneByteExtensions);
}

TEST(RtpWriter, TakesTheTwoByteFormForIdsOverFourteen) {
    OutgoingRtp packet{.ids = {.mid = 15}};
    packet.extensions.mid = "0";
    const auto bytes = written(packet, {});
    EXPECT_EQ(read_extensions(bytes, parse_rtp_header(bytes).value(), packet.ids).mid, "0");
}

TEST(RtpWriter, PrefixesARetransmissionWithTheOriginalSequence) {
    const OutgoingRtp packet{.ssrc = Ssrc{2}, .payload_type = 97, .sequence = 5, .timestamp = 6};
    std::vector<std::uint8_t> out(64);
    out.resize(write_rtx(out, packet, 0x1234, hex("aabb")));
    EXPECT_EQ(out, hex("80 61 0005 00000006 00000002 1234 aabb"));
    const auto content = read_rtx(Bytes{out}.subspan(12));
    ASSERT_TRUE(content);
    EXPECT_EQ(content->original_sequence, 0x1234);
    EXPECT_EQ(copy_of(content->payload), hex("aabb"));
}

TEST(RtpWriter, ARetransmissionWithoutPayloadIsAProbe) {
    EXPECT_FALSE(read_rtx(hex("1234")));
    EXPECT_FALSE(read_rtx(hex("12")));
    EXPECT_FALSE(read_rtx({}));
}

TEST(RtpWriter, WritesNothingIntoTooLittleRoom) {
    OutgoingRtp packet{.ids = kReceiver};
    packet.extensions.mid = "0";
    const auto whole = written(packet, hex("aabb"));
    for (std::size_t room = 0; room < whole.size(); ++room) EXPECT_TRUE(written(packet, hex("aabb"), room).empty()) << room;
    EXPECT_EQ(written(packet, hex("aabb"), whole.size()), whole);
    std::array<std::uint8_t, 11> too_small{};
    EXPECT_EQ(write_rtp_header(too_small, {}), 0U);
}

}  // namespace
}  // namespace cardea
