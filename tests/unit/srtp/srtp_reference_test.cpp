// Byte for byte against libsrtp2, both ways, every profile, by OpenSSL and by libipsec-mb.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "srtp_packets.hpp"

namespace cardea {
namespace {

using testing::keys_of;
using testing::Packet;
using testing::Reference;
using testing::rtcp_packet;
using testing::rtp_packet;
using testing::RtpShape;
using testing::Setup;

class SrtpReference : public ::testing::TestWithParam<Setup> {
  protected:
    void SetUp() override { CARDEA_SKIP_IF_MISSING(GetParam().backend); }
    SrtpBackend backend_ = testing::usable(GetParam().backend);
    SrtpKeys keys_ = keys_of(GetParam().profile);
    Reference reference_out_{keys_, Reference::Direction::out};
    Reference reference_in_{keys_, Reference::Direction::in};
    SrtpOut out_{keys_, backend_};
    SrtpIn in_{keys_, backend_};
};

TEST_P(SrtpReference, EverySizeOfPayloadIsTheSame) {
    std::uint16_t sequence = 100;
    for (const std::size_t payload : {0U, 1U, 2U, 15U, 16U, 17U, 31U, 32U, 33U, 63U, 64U, 65U, 127U, 128U, 160U, 500U, 1000U, 1100U, 1187U, 1199U, 1400U}) {
        const auto plain = rtp_packet({.sequence = ++sequence, .payload = payload});
        const auto ours = testing::protect(out_, plain);
        ASSERT_EQ(ours, reference_out_.protect(plain)) << payload;
        ASSERT_EQ(testing::unprotect(in_, ours), plain) << payload;
        ASSERT_EQ(reference_in_.unprotect(ours), plain) << payload;
    }
}

TEST_P(SrtpReference, EveryShapeOfHeaderIsTheSame) {
    std::uint16_t sequence = 0;
    for (const std::size_t csrcs : {0U, 1U, 15U}) {
        for (const int words : {-1, 0, 1, 7}) {
            const auto plain = rtp_packet({.sequence = ++sequence,
                                           .payload = 77,
                                           .csrcs = csrcs,
                                           .extension_words = words < 0 ? 0U : static_cast<std::size_t>(words),
                                           .extension = words >= 0});
            const auto ours = testing::protect(out_, plain);
            ASSERT_EQ(ours, reference_out_.protect(plain)) << csrcs << " CSRCs, extension " << words;
            ASSERT_EQ(testing::unprotect(in_, ours), plain);
        }
    }
}

TEST_P(SrtpReference, RandomPacketsOfManyStreamsAreTheSame) {
    std::mt19937 random{99};
    std::array<std::uint16_t, 8> sequences{};
    for (int i = 0; i < 2000; ++i) {
        const auto stream = random() % sequences.size();
        sequences[stream] = static_cast<std::uint16_t>(sequences[stream] + 1 + random() % 3);
        const auto plain = rtp_packet({.sequence = sequences[stream],
                                       .ssrc = static_cast<std::uint32_t>(0x9000 + stream),
                                       .payload = random() % 1300,
                                       .csrcs = random() % 4,
                                       .extension_words = random() % 5,
                                       .extension = random() % 2 == 0});
        const auto ours = testing::protect(out_, plain);
        ASSERT_EQ(ours, reference_out_.protect(plain));
        ASSERT_EQ(testing::unprotect(in_, ours), plain);
        ASSERT_EQ(reference_in_.unprotect(ours), plain);
    }
}

TEST_P(SrtpReference, RtcpIsTheSame) {
    for (const std::size_t size : {8U, 12U, 28U, 52U, 100U, 564U, 1200U}) {
        const auto plain = rtcp_packet(size);
        const auto ours = testing::protect_rtcp(out_, plain);
        ASSERT_EQ(ours, reference_out_.protect_rtcp(plain)) << size;
        ASSERT_EQ(testing::unprotect_rtcp(in_, ours), plain) << size;
        ASSERT_EQ(reference_in_.unprotect_rtcp(ours), plain) << size;
    }
}

TEST_P(SrtpReference, RolloverIsTheSame) {
    for (std::uint32_t count = 65500; count < 65536 + 40; ++count) {
        const auto plain = rtp_packet({.sequence = static_cast<std::uint16_t>(count), .payload = 50});
        const auto ours = testing::protect(out_, plain, count >> 16U);
        ASSERT_EQ(ours, reference_out_.protect(plain)) << count;
        ASSERT_EQ(testing::unprotect(in_, ours), plain) << count;
        ASSERT_EQ(reference_in_.unprotect(ours), plain) << count;
    }
}

TEST_P(SrtpReference, TheTrackingVariantFindsTheSameRollover) {
    SrtpOut tracking{keys_, backend_};
    for (std::uint32_t count = 65000; count < 3 * 65536; count += 150) {
        const auto plain = rtp_packet({.sequence = static_cast<std::uint16_t>(count), .payload = 20});
        auto buffer = plain;
        buffer.resize(plain.size() + kSrtpMaxOverhead);
        const auto size = tracking.protect_rtp(buffer, plain.size());
        ASSERT_TRUE(size.has_value());
        buffer.resize(*size);
        ASSERT_EQ(buffer, testing::protect(out_, plain, count >> 16U)) << count;
        ASSERT_EQ(buffer, reference_out_.protect(plain)) << count;
    }
}

TEST_P(SrtpReference, ReorderingAroundTheRolloverIsUnderstood) {
    std::vector<std::uint32_t> counts;
    for (std::uint32_t count = 65536 - 60; count < 65536 + 60; ++count) counts.push_back(count);
    std::mt19937 random{5};
    for (std::size_t i = 1; i < counts.size(); ++i) std::swap(counts[i], counts[i - std::min<std::size_t>(i, random() % 8)]);
    for (const auto count : counts) {
        const auto plain = rtp_packet({.sequence = static_cast<std::uint16_t>(count), .payload = 40});
        const auto sealed = testing::protect(out_, plain, count >> 16U);
        ASSERT_EQ(testing::unprotect(in_, sealed), plain) << count;
        ASSERT_EQ(reference_in_.unprotect(sealed), plain) << count;
    }
}

TEST_P(SrtpReference, SealingFromElsewhereIsTheSame) {
    std::uint16_t sequence = 0;
    for (const std::size_t prefix : {0U, 1U, 3U, 4U, 16U, 20U}) {
        for (const std::size_t rest : {0U, 1U, 100U, 1100U}) {
            const auto plain =
                rtp_packet({.sequence = ++sequence, .payload = prefix + rest, .csrcs = 1, .extension_words = 2, .extension = true});
            const auto header = plain.size() - rest;
            Packet buffer(plain.size() + kSrtpMaxOverhead);
            std::copy_n(plain.begin(), header, buffer.begin());
            const auto size = out_.protect_rtp_from(buffer, header, Bytes{plain}.subspan(header), 0);
            ASSERT_TRUE(size.has_value());
            buffer.resize(*size);
            ASSERT_EQ(buffer, reference_out_.protect(plain)) << prefix << " + " << rest;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Backends, SrtpReference, ::testing::ValuesIn(testing::setups_of({SrtpBackend::openssl, SrtpBackend::ipsec_mb})),
                         [](const auto& setup) { return testing::name_of(setup.param); });

}  // namespace
}  // namespace cardea
