// Video waits in its source for the rest of its frame and goes out leg by leg, in datagrams that can leave as one train.
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "base/random.hpp"
#include "media/sink.hpp"
#include "media/source.hpp"
#include "proto/rtp/rtp_packet.hpp"
#include "proto/rtp/rtp_writer.hpp"

namespace cardea {
namespace {

constexpr Ssrc kMedia{0x1001}, kLarger{0x1002};
constexpr Instant kNow{100s};

SrtpKeys keys() {
    std::array<std::uint8_t, 44> material{};
    random_bytes(material);
    return SrtpKeys::from(SrtpProfile::aead_aes_256_gcm, Bytes{material}.first(32), Bytes{material}.subspan(32));
}

PayloadType vp8(bool rtx) {
    PayloadType type{.number = 96, .codec = Codec::vp8, .clock_rate = 90000, .channels = 1, .fmtp = {}, .rtx = {}};
    if (rtx) type.rtx = std::uint8_t{97};
    return type;
}

struct Receiver {
    Receiver(std::uint16_t port, bool rtx, Source& source)
        : with{keys()},
          seal{with},
          open{with},
          transport{.srtp = &seal, .path = {0, *SocketAddress::parse("192.0.2.1", port)}},
          sink{{.id = SinkId{port},
                .track = {.mid = "0", .mindex = 0, .kind = MediaKind::video, .payload_type = vp8(rtx), .extensions = {.mid = 4},
                          .ssrc = Ssrc{port}, .rtx_ssrc = rtx ? Ssrc{port + 1U} : Ssrc{}, .cname = "c"}},
               transport} {
        sink.connect(&source);
    }
    SrtpKeys with;
    SrtpOut seal;
    SrtpIn open;
    LegTransport transport;
    Sink sink;
    std::vector<std::size_t> sizes;                  // of the datagrams
    std::vector<std::vector<std::uint8_t>> payloads;  // without padding
    std::vector<std::uint8_t> paddings;
    std::vector<std::uint16_t> sequences;
};

class HeldFrames : public testing::Test, public DatagramOutput {
  protected:
    explicit HeldFrames(decltype(ReceiveTrack::encodings) encodings = {{.rid = {}, .ssrc = kMedia, .rtx_ssrc = {}}})
        : source_{{SourceId{7}, {.mid = "0", .mindex = 0, .kind = MediaKind::video, .payload_types = {vp8(true)}, .extensions = {.mid = 1},
                                 .encodings = std::move(encodings)}}, clock_} {}

    Receiver& add(std::uint16_t port, bool rtx) { return *receivers_.emplace(port, std::make_unique<Receiver>(port, rtx, source_)).first->second; }

    bool arrive(std::size_t payload, bool marker, bool key = false, Ssrc ssrc = kMedia) {
        auto packet = pool_.take();
        const OutgoingRtp out{.ssrc = ssrc, .payload_type = 96, .marker = marker, .sequence = sequence_, .timestamp = timestamp_};
        const auto header = write_rtp_header(packet->buffer, out);
        packet->size = static_cast<std::uint16_t>(header + payload);
        packet->header = *parse_rtp_header(MutableBytes{packet->buffer}.first(packet->size));
        for (std::size_t i = 0; i < payload; ++i) packet->buffer[header + i] = static_cast<std::uint8_t>(sequence_ + i);
        packet->buffer[header] = begins_ ? 0x10 : 0x00;  // RFC 7741 section 4.2: S
        packet->buffer[header + 1] = key ? 0x00 : 0x01;
        ++sequence_;
        begins_ = marker;
        if (marker) timestamp_ += 3000;
        return source_.on_packet(kNow, *source_.encoding_of(ssrc), packet, batch_);
    }
    void send(std::span<const Datagram> datagrams) override {
        for (const auto& datagram : datagrams) {
            auto& receiver = *receivers_.at(datagram.path->remote.port());
            order_.push_back(datagram.path->remote.port());
            receiver.sizes.push_back(datagram.bytes.size());
            std::vector<std::uint8_t> bytes{datagram.bytes.begin(), datagram.bytes.end()};
            const auto size = receiver.open.unprotect_rtp(bytes);
            ASSERT_TRUE(size);
            const auto packet = Bytes{bytes}.first(*size);
            const auto header = parse_rtp_header(packet);
            ASSERT_TRUE(header);
            const auto payload = payload_of(packet, *header);
            receiver.payloads.emplace_back(payload.begin(), payload.end());
            receiver.paddings.push_back(header->padding_size);
            receiver.sequences.push_back(header->sequence);
        }
    }

    PacketPool pool_{256};
    SendBatch batch_{*this};
    RemoteClock clock_;
    Source source_;
    std::map<std::uint16_t, std::unique_ptr<Receiver>> receivers_;
    std::vector<std::uint16_t> order_;
    std::uint16_t sequence_ = 1000;
    std::uint32_t timestamp_ = 0;
    bool begins_ = true;
};

TEST_F(HeldFrames, NothingLeavesBeforeTheFrameIsReleased) {
    auto& one = add(5001, true);
    EXPECT_TRUE(arrive(100, false));
    EXPECT_TRUE(source_.awaits_packets());
    EXPECT_FALSE(arrive(100, true)) << "the first only is news";
    EXPECT_FALSE(source_.awaits_packets());
    batch_.flush();
    EXPECT_TRUE(one.sizes.empty());
    source_.release(kNow, batch_);
    batch_.flush();
    EXPECT_EQ(one.sizes.size(), 2U);
    source_.release(kNow, batch_);
    batch_.flush();
    EXPECT_EQ(one.sizes.size(), 2U);
}

TEST_F(HeldFrames, EachLegGetsTheFrameInARow) {
    add(5001, true);
    add(5003, true);
    for (int i = 0; i < 3; ++i) arrive(100, i == 2);
    source_.release(kNow, batch_);
    batch_.flush();
    EXPECT_EQ(order_, (std::vector<std::uint16_t>{5001, 5001, 5001, 5003, 5003, 5003}));
}

TEST_F(HeldFrames, PacketsThatDifferByAnOctetOrTwoArePaddedToOneSize) {
    auto& leg = add(5001, true);
    for (const std::size_t size : {1073U, 1074U, 1074U, 1075U}) arrive(size, size == 1075);
    source_.release(kNow, batch_);
    batch_.flush();
    ASSERT_EQ(leg.sizes.size(), 4U);
    for (const auto size : leg.sizes) EXPECT_EQ(size, leg.sizes[0]);
    EXPECT_EQ(leg.paddings, (std::vector<std::uint8_t>{2, 1, 1, 0}));
    EXPECT_EQ(leg.payloads[0].size(), 1073U);
    EXPECT_EQ(leg.payloads[3].size(), 1075U);
}

TEST_F(HeldFrames, TheEndOfAFrameMayBeShorterAndStaysSo) {
    auto& leg = add(5001, true);
    for (const std::size_t size : {900U, 901U, 400U}) arrive(size, size == 400);
    source_.release(kNow, batch_);
    batch_.flush();
    EXPECT_EQ(leg.paddings, (std::vector<std::uint8_t>{1, 0, 0}));
    EXPECT_EQ(leg.payloads.at(2).size(), 400U);
}

TEST_F(HeldFrames, NobodyIsPaddedToAnotherFramesSizeNorByMuch) {
    auto& leg = add(5001, true);
    arrive(500, true);
    arrive(505, true);
    arrive(300, false);
    arrive(317, true);
    source_.release(kNow, batch_);
    batch_.flush();
    EXPECT_EQ(leg.paddings, (std::vector<std::uint8_t>{0, 0, 0, 0}));
}

// A packet that is sent again under its own number has to be the same to the bit.
TEST_F(HeldFrames, ALegWithoutRtxGetsNoPadding) {
    auto& plain = add(5001, false);
    auto& other = add(5003, true);
    arrive(200, false);
    arrive(201, true);
    source_.release(kNow, batch_);
    batch_.flush();
    EXPECT_EQ(plain.paddings, (std::vector<std::uint8_t>{0, 0}));
    EXPECT_EQ(other.paddings, (std::vector<std::uint8_t>{1, 0}));
    EXPECT_EQ(plain.payloads, other.payloads);
}

// RFC 7714 section 8.1: another plaintext under the same number would give the key stream away.
TEST_F(HeldFrames, WhatWasSentWithPaddingIsNotSentAgainWithoutRtx) {
    auto& leg = add(5001, true);
    arrive(200, false);
    arrive(201, true);
    source_.release(kNow, batch_);
    batch_.flush();
    ASSERT_EQ(leg.paddings.at(0), 1U);
    auto track = leg.sink.track();
    track.payload_type.rtx.reset();
    track.rtx_ssrc = {};
    leg.sink.reconfigure({.id = leg.sink.id(), .track = track});
    EXPECT_EQ(leg.sink.retransmit(kNow, leg.sequences.at(0), batch_), Sink::Retransmission::unknown);
    batch_.flush();
    EXPECT_EQ(leg.sizes.size(), 2U);
    // What is sent from here on has no padding, and can be.
    arrive(300, false);
    arrive(301, true);
    source_.release(kNow, batch_);
    batch_.flush();
    EXPECT_EQ(leg.sink.retransmit(kNow, leg.sequences.at(2), batch_), Sink::Retransmission::sent);
}

TEST_F(HeldFrames, AKeyframeIsNotHeldAndWhatWasHeldGoesBeforeIt) {
    auto& leg = add(5001, true);
    arrive(100, true);
    EXPECT_FALSE(arrive(300, false, true));
    batch_.flush();
    ASSERT_EQ(leg.payloads.size(), 2U);
    EXPECT_EQ(leg.payloads[0].size(), 100U);
    EXPECT_EQ(leg.payloads[1].size(), 300U);
}

class HeldSimulcast : public HeldFrames {
  protected:
    HeldSimulcast() : HeldFrames{{{.rid = {}, .ssrc = kMedia, .rtx_ssrc = {}}, {.rid = {}, .ssrc = kLarger, .rtx_ssrc = {}}}} {}
};

// A leg that waits for an encoding begins with its keyframe, not with the frame before that waits in the same turn.
TEST_F(HeldSimulcast, ALegDoesNotBeginWithWhatWasHeldBeforeTheKeyframe) {
    auto& leg = add(5001, true);
    arrive(100, true, true);
    arrive(150, true, false, kLarger);
    arrive(160, true, true, kLarger);
    batch_.flush();
    ASSERT_EQ(leg.payloads.size(), 2U);
    EXPECT_EQ(leg.payloads[0].size(), 100U);
    EXPECT_EQ(leg.payloads[1].size(), 160U);
}

TEST_F(HeldFrames, AFloodOfOneTurnIsReleasedBeforeItEnds) {
    auto& leg = add(5001, true);
    for (int i = 0; i < 100; ++i) arrive(100, false);
    batch_.flush();
    EXPECT_GE(leg.sizes.size(), 64U);
}

TEST_F(HeldFrames, WhoHasNoLegsHoldsNothing) {
    EXPECT_FALSE(arrive(100, false));
    add(5001, true);
    source_.release(kNow, batch_);
    batch_.flush();
    EXPECT_TRUE(order_.empty());
}

}  // namespace
}  // namespace cardea
