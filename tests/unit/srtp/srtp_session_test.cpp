// What every backend owes its user: replay, tampering, truncation, bounds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "srtp_packets.hpp"

namespace cardea {
namespace {

using testing::keys_of;
using testing::Packet;
using testing::rtcp_packet;
using testing::rtp_packet;
using testing::Setup;

class SrtpSession : public ::testing::TestWithParam<Setup> {
  protected:
    void SetUp() override { CARDEA_SKIP_IF_MISSING(GetParam().backend); }
    // From a sender that may jump anywhere; libsrtp2 as a sender refuses to go back more than its window.
    [[nodiscard]] Packet sealed(std::uint32_t count, std::uint32_t ssrc = 0x11223344) {
        const auto plain = rtp_packet({.sequence = static_cast<std::uint16_t>(count), .ssrc = ssrc, .payload = 60});
        return testing::protect(sender_, plain, count >> 16U);
    }
    [[nodiscard]] tl::expected<void, SrtpErrc> receive(const Packet& packet) {
        if (const auto plain = testing::unprotect(in_, packet); !plain) return tl::unexpected{plain.error()};
        return {};
    }
    SrtpBackend backend_ = testing::usable(GetParam().backend);
    SrtpKeys keys_ = keys_of(GetParam().profile);
    SrtpOut sender_{keys_};
    SrtpOut out_{keys_, backend_};
    SrtpIn in_{keys_, backend_};
};

TEST_P(SrtpSession, TheBackendKnowsTheProfile) { EXPECT_TRUE(srtp_supports(GetParam().backend, GetParam().profile)); }

TEST_P(SrtpSession, RejectsAReplayedPacketWithoutMovingItsWindow) {
    const auto first = sealed(1000);
    const auto second = sealed(1001);
    ASSERT_TRUE(receive(first));
    ASSERT_TRUE(receive(second));
    EXPECT_EQ(receive(first).error(), SrtpErrc::replay);
    EXPECT_EQ(receive(second).error(), SrtpErrc::replay);
    // The oldest place of the window is where it was.
    EXPECT_TRUE(receive(sealed(1001 - 127)));
    EXPECT_EQ(receive(sealed(1001 - 128)).error(), SrtpErrc::old);
}

TEST_P(SrtpSession, AForgedPacketFarAheadDoesNotMoveTheWindow) {
    ASSERT_TRUE(receive(sealed(1000)));
    for (const std::uint32_t count : {1500U, 30000U, 33000U}) {
        auto forged = sealed(count);
        forged.back() ^= 1U;
        EXPECT_EQ(receive(forged).error(), SrtpErrc::auth);
    }
    EXPECT_TRUE(receive(sealed(999)));
    EXPECT_TRUE(receive(sealed(1000 - 127)));
    EXPECT_TRUE(receive(sealed(1001)));
}

TEST_P(SrtpSession, AcceptsEveryPlaceOfTheWindowOnce) {
    ASSERT_TRUE(receive(sealed(5000)));
    for (std::uint32_t behind = 1; behind < 128; ++behind) ASSERT_TRUE(receive(sealed(5000 - behind))) << behind;
    for (std::uint32_t behind = 0; behind < 128; ++behind)
        ASSERT_EQ(receive(sealed(5000 - behind)).error(), SrtpErrc::replay) << behind;
}

TEST_P(SrtpSession, AJumpClearsTheWindow) {
    for (const std::uint32_t jump : {1U, 63U, 64U, 65U, 127U, 128U, 129U, 1000U}) {
        SrtpIn in{keys_, backend_};
        ASSERT_TRUE(testing::unprotect(in, sealed(2000)));
        ASSERT_TRUE(testing::unprotect(in, sealed(2000 + jump)));
        const auto again = testing::unprotect(in, sealed(2000));
        EXPECT_EQ(again.error(), jump < 128 ? SrtpErrc::replay : SrtpErrc::old) << jump;
        if (jump > 1) {
            EXPECT_TRUE(testing::unprotect(in, sealed(2000 + jump - 1))) << jump;
        }
    }
}

TEST_P(SrtpSession, ReplayIsFoundAcrossTheRollover) {
    const auto before = sealed(65535);
    const auto after = sealed(65536);
    ASSERT_TRUE(receive(before));
    ASSERT_TRUE(receive(after));
    ASSERT_TRUE(receive(sealed(65537)));
    EXPECT_EQ(receive(before).error(), SrtpErrc::replay);
    EXPECT_EQ(receive(after).error(), SrtpErrc::replay);
    EXPECT_TRUE(receive(sealed(65534)));
}

TEST_P(SrtpSession, APacketOfAnotherRoundIsNotAuthentic) {
    ASSERT_TRUE(receive(sealed(100)));
    EXPECT_EQ(receive(sealed(65536 + 101)).error(), SrtpErrc::auth);
    EXPECT_TRUE(receive(sealed(101)));
}

TEST_P(SrtpSession, EveryTamperedBitIsNoticed) {
    const auto packet = sealed(10);
    for (std::size_t i = 0; i < 8 * packet.size(); ++i) {
        auto bent = packet;
        bent[i / 8] = static_cast<std::uint8_t>(bent[i / 8] ^ 1U << i % 8);
        EXPECT_FALSE(receive(bent)) << "bit " << i % 8 << " of byte " << i / 8;
    }
    EXPECT_TRUE(receive(packet));
}

TEST_P(SrtpSession, EveryTamperedBitOfRtcpIsNoticed) {
    const auto plain = rtcp_packet();
    const auto packet = testing::protect_rtcp(out_, plain);
    for (std::size_t i = 0; i < 8 * packet.size(); ++i) {
        auto bent = packet;
        bent[i / 8] = static_cast<std::uint8_t>(bent[i / 8] ^ 1U << i % 8);
        EXPECT_FALSE(testing::unprotect_rtcp(in_, bent)) << "bit " << i % 8 << " of byte " << i / 8;
    }
    EXPECT_EQ(testing::unprotect_rtcp(in_, packet), plain);
}

TEST_P(SrtpSession, EveryTruncationIsRefused) {
    const auto packet = testing::protect(out_, rtp_packet({.sequence = 9, .csrcs = 2, .extension_words = 3, .extension = true}));
    const auto control = testing::protect_rtcp(out_, rtcp_packet());
    for (std::size_t size = 0; size < packet.size(); ++size)
        EXPECT_FALSE(testing::unprotect(in_, {packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size)})) << size;
    for (std::size_t size = 0; size < control.size(); ++size)
        EXPECT_FALSE(testing::unprotect_rtcp(in_, {control.begin(), control.begin() + static_cast<std::ptrdiff_t>(size)})) << size;
    EXPECT_TRUE(receive(packet));
}

TEST_P(SrtpSession, RtcpWithoutEncryptionIsRefused) {
    auto packet = testing::protect_rtcp(out_, rtcp_packet());
    const auto tag = sizes_of(GetParam().profile).aead ? 0U : 10U;
    packet[packet.size() - tag - 4] &= 0x7fU;
    const auto refused = testing::unprotect_rtcp(in_, packet);
    ASSERT_FALSE(refused);
    // libsrtp2 checks the tag before it looks at the bit in one of its two paths.
    if (backend_ != SrtpBackend::libsrtp2) {
        EXPECT_EQ(refused.error(), SrtpErrc::unencrypted);
    }
}

TEST_P(SrtpSession, RtcpIsReplayProtected) {
    std::vector<Packet> packets;
    for (int i = 0; i < 200; ++i) packets.push_back(testing::protect_rtcp(out_, rtcp_packet()));
    EXPECT_TRUE(testing::unprotect_rtcp(in_, packets[1]));
    EXPECT_TRUE(testing::unprotect_rtcp(in_, packets[0]));
    EXPECT_EQ(testing::unprotect_rtcp(in_, packets[0]).error(), SrtpErrc::replay);
    EXPECT_TRUE(testing::unprotect_rtcp(in_, packets[199]));
    EXPECT_FALSE(testing::unprotect_rtcp(in_, packets[2]));
}

TEST_P(SrtpSession, StrangersTakeNoPlaceButTheTableIsBounded) {
    for (std::uint32_t ssrc = 1; ssrc <= 1000; ++ssrc) {
        auto forged = sealed(1, ssrc);
        forged.back() ^= 1U;
        ASSERT_EQ(receive(forged).error(), SrtpErrc::auth);
    }
    for (std::uint32_t ssrc = 1; ssrc <= SrtpIn::kMaxStreams; ++ssrc) ASSERT_TRUE(receive(sealed(1, ssrc))) << ssrc;
    EXPECT_EQ(receive(sealed(1, 1000)).error(), SrtpErrc::too_many_streams);
    EXPECT_TRUE(receive(sealed(2, 1)));
    in_.forget(Ssrc{1});
    EXPECT_TRUE(receive(sealed(1, 1000)));
    EXPECT_EQ(receive(sealed(3, 1)).error(), SrtpErrc::too_many_streams);
    in_.forget(Ssrc{2});
    EXPECT_TRUE(receive(sealed(1, 1)));
}

TEST_P(SrtpSession, OldPacketsMayBeSentAgain) {
    const auto plain = rtp_packet({.sequence = 5, .payload = 60});
    const auto once = testing::protect(out_, plain);
    for (std::uint16_t count = 6; count < 1500; ++count) static_cast<void>(testing::protect(out_, rtp_packet({.sequence = count})));
    EXPECT_EQ(testing::protect(out_, plain), once);
    EXPECT_EQ(testing::unprotect(in_, once), plain);
}

TEST_P(SrtpSession, TheRolloverCounterGivenIsTheOneUsed) {
    for (const std::uint32_t roc : {0U, 1U, 2U, 7U, 0xfffffffeU}) {
        for (const std::uint16_t sequence : {std::uint16_t{3}, std::uint16_t{40000}, std::uint16_t{65535}}) {
            const auto plain = rtp_packet({.sequence = sequence, .payload = 60});
            EXPECT_EQ(testing::protect(out_, plain, roc), testing::protect(sender_, plain, roc)) << roc << ", " << sequence;
        }
    }
}

TEST_P(SrtpSession, RefusesABufferWithoutRoomForTheOverhead) {
    auto packet = rtp_packet({});
    EXPECT_EQ(out_.protect_rtp(packet, packet.size(), 0).error(), SrtpErrc::no_room);
    EXPECT_EQ(out_.protect_rtp(packet, packet.size()).error(), SrtpErrc::no_room);
    EXPECT_EQ(out_.protect_rtp(packet, packet.size() + 1, 0).error(), SrtpErrc::no_room);
    EXPECT_EQ(out_.protect_rtp_from(packet, 12, Bytes{packet}, 0).error(), SrtpErrc::no_room);
    EXPECT_EQ(out_.protect_rtp_from(packet, packet.size() + 1, {}, 0).error(), SrtpErrc::no_room);
    auto control = rtcp_packet();
    EXPECT_EQ(out_.protect_rtcp(control, control.size()).error(), SrtpErrc::no_room);
    EXPECT_EQ(out_.protect_rtcp(control, control.size() + 1).error(), SrtpErrc::no_room);
}

TEST_P(SrtpSession, RefusesWhatIsNotRtp) {
    auto packet = rtp_packet({});
    packet.resize(packet.size() + kSrtpMaxOverhead);
    packet[0] = 0x40;
    EXPECT_EQ(out_.protect_rtp(packet, 40, 0).error(), SrtpErrc::malformed);
    EXPECT_EQ(in_.unprotect_rtp(packet).error(), SrtpErrc::malformed);
    EXPECT_EQ(in_.unprotect_rtcp(packet).error(), SrtpErrc::malformed);
    EXPECT_EQ(out_.protect_rtp(packet, 11, 0).error(), SrtpErrc::truncated);
    EXPECT_EQ(out_.protect_rtcp(packet, 7).error(), SrtpErrc::truncated);
}

TEST_P(SrtpSession, KeysOfSomebodyElseDoNotOpenIt) {
    SrtpIn stranger{keys_of(GetParam().profile, 2), backend_};
    EXPECT_EQ(testing::unprotect(stranger, sealed(1)).error(), SrtpErrc::auth);
    EXPECT_EQ(testing::unprotect_rtcp(stranger, testing::protect_rtcp(out_, rtcp_packet())).error(), SrtpErrc::auth);
}

INSTANTIATE_TEST_SUITE_P(Backends, SrtpSession,
                         ::testing::ValuesIn(testing::setups_of({SrtpBackend::openssl, SrtpBackend::libsrtp2, SrtpBackend::ipsec_mb})),
                         [](const auto& setup) { return testing::name_of(setup.param); });

TEST(SrtpProfileNames, AreThoseOfTheRegistry) {
    for (const auto profile : testing::kAllProfiles) EXPECT_EQ(srtp_profile_of(to_text(profile)), profile);
    EXPECT_EQ(srtp_profile_of("AEAD_AES_256_GCM"), SrtpProfile::aead_aes_256_gcm);
    EXPECT_EQ(srtp_profile_of("aead"), std::nullopt);
    EXPECT_EQ(srtp_profile_of(""), std::nullopt);
}

}  // namespace
}  // namespace cardea
