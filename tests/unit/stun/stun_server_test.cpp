#include "proto/stun/stun_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <vector>

#include "support/stun_messages.hpp"

namespace cardea {
namespace {

using testing::BindingCheck;
using testing::build_binding_request;
using testing::parse_binding_response;
using testing::StunMessageBuilder;

constexpr std::string_view kPassword = "VOkJxbRl1RmTxUk/WvJxBt";

// RFC 5769 section 2.1.
constexpr std::array<std::uint8_t, 108> kRfc5769Request{
    0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22,
    0x00, 0x10, 0x53, 0x54, 0x55, 0x4e, 0x20, 0x74, 0x65, 0x73, 0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00, 0x04,
    0x6e, 0x00, 0x01, 0xff, 0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09, 0x65, 0x76,
    0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14, 0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56,
    0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49, 0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf};

class StunServerTest : public ::testing::Test {
  protected:
    // The datagram sits in a heap block of exactly its size and the slack, so that a sanitizer sees every byte read past it.
    tl::expected<StunAnswer, StunDrop> answer(Bytes request, std::string_view password = kPassword) {
        std::vector<std::uint8_t> slot(request.size() + StunServer::kSlack);
        std::copy(request.begin(), request.end(), slot.begin());
        return server_.answer(Bytes{slot}.first(request.size()), from_, password, reply_);
    }
    [[nodiscard]] std::optional<testing::StunResponse> reply_of(const StunAnswer& answer) const {
        return parse_binding_response(Bytes{reply_}.first(answer.reply_size), kPassword);
    }

    StunServer server_;
    SocketAddress from_ = *SocketAddress::parse("192.0.2.7", 40123);
    std::array<std::uint8_t, StunServer::kReplyRoom> reply_{};
};

TEST_F(StunServerTest, AnswersACheckWithTheAddressItCameFrom) {
    const auto result = answer(build_binding_request({.username = "local:remote", .password = kPassword}));
    ASSERT_TRUE(result.has_value());
    EXPECT_TRUE(result->success);
    EXPECT_FALSE(result->use_candidate);
    EXPECT_EQ(result->priority, 1845494271U);
    const auto response = reply_of(*result);
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->type, 0x0101);
    EXPECT_EQ(response->mapped, from_);
    EXPECT_EQ(response->transaction[0], 0xa0);
    EXPECT_TRUE(response->authentic);
    EXPECT_TRUE(response->fingerprint_ok);
}

TEST_F(StunServerTest, AnswersIpv6) {
    from_ = *SocketAddress::parse("2001:db8::17", 9);
    const auto result = answer(build_binding_request({.username = "local:remote", .password = kPassword}));
    ASSERT_TRUE(result.has_value());
    const auto response = reply_of(*result);
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->mapped, from_);
    EXPECT_TRUE(response->authentic);
}

TEST_F(StunServerTest, ReportsNomination) {
    const auto result = answer(build_binding_request({.username = "l:r", .password = kPassword, .nominate = true}));
    ASSERT_TRUE(result.has_value());
    EXPECT_TRUE(result->use_candidate);
}

TEST_F(StunServerTest, AnswersTheLongestUsername) {
    std::string name(513, 'l');  // RFC 8445 section 5.3: at most 256 characters a side
    name[256] = ':';
    const auto result = answer(build_binding_request({.username = name, .password = kPassword}));
    ASSERT_TRUE(result.has_value());
    EXPECT_TRUE(result->success);
}

TEST_F(StunServerTest, AcceptsACheckWithoutFingerprint) {
    const auto result = answer(StunMessageBuilder{}.username("l:r").controlling().integrity(kPassword).bytes());
    ASSERT_TRUE(result.has_value());
    EXPECT_TRUE(result->success);
}

TEST_F(StunServerTest, VerifiesAFingerprintThatIsThere) {
    auto request = build_binding_request({.username = "l:r", .password = kPassword});
    request.back() ^= 1U;
    EXPECT_EQ(answer(request).error(), StunDrop::bad_fingerprint);
}

TEST_F(StunServerTest, AuthenticatesTheRequestOfRfc5769AndTellsItsRoleConflict) {
    const auto result = answer(kRfc5769Request);
    ASSERT_TRUE(result.has_value());
    EXPECT_FALSE(result->success);
    const auto response = reply_of(*result);
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->type, 0x0111);
    EXPECT_EQ(response->error, 487);
    EXPECT_TRUE(response->authentic);
}

TEST_F(StunServerTest, NeverConfirmsAPathToAPeerThatClaimsToBeControlled) {
    for (const std::uint64_t tie_breaker : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
        const auto result = answer(StunMessageBuilder{}.username("l:r").controlled(tie_breaker).integrity(kPassword).fingerprint().bytes());
        ASSERT_TRUE(result.has_value());
        EXPECT_FALSE(result->success);
    }
}

TEST_F(StunServerTest, TellsAnAuthenticatedPeerWhichMandatoryAttributeItDoesNotKnow) {
    const auto request = StunMessageBuilder{}.username("l:r").attribute(0x7ffe, "what").integrity(kPassword).fingerprint().bytes();
    const auto result = answer(request);
    ASSERT_TRUE(result.has_value());
    EXPECT_FALSE(result->success);
    const auto response = reply_of(*result);
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->error, 420);
    EXPECT_TRUE(response->authentic);
}

TEST_F(StunServerTest, IgnoresUnknownOptionalAttributes) {
    const auto request = StunMessageBuilder{}.username("l:r").attribute(0xc057, "net1").controlling().integrity(kPassword).fingerprint().bytes();
    const auto result = answer(request);
    ASSERT_TRUE(result.has_value());
    EXPECT_TRUE(result->success);
}

TEST_F(StunServerTest, IsSilentUnderAWrongPassword) {
    const auto request = build_binding_request({.username = "l:r", .password = "wrong"});
    EXPECT_EQ(answer(request).error(), StunDrop::bad_integrity);
}

TEST_F(StunServerTest, AnEmptyPasswordAuthenticatesNobody) {
    EXPECT_EQ(answer(build_binding_request({.username = "l:r", .password = ""}), "").error(), StunDrop::bad_integrity);
    EXPECT_EQ(answer(build_binding_request({.username = "l:r", .password = "x"}), "").error(), StunDrop::bad_integrity);
}

TEST_F(StunServerTest, IsSilentToUnauthenticatedUnknownAttributes) {
    const auto request = StunMessageBuilder{}.username("l:r").attribute(0x7ffe, "what").integrity("wrong").fingerprint().bytes();
    EXPECT_EQ(answer(request).error(), StunDrop::bad_integrity);
}

TEST_F(StunServerTest, IsSilentWithoutMessageIntegrity) {
    const auto request = StunMessageBuilder{}.username("l:r").controlling().fingerprint().bytes();
    EXPECT_EQ(answer(request).error(), StunDrop::missing_integrity);
    EXPECT_EQ(StunServer::peek_username(request).error(), StunDrop::missing_integrity);
}

TEST_F(StunServerTest, IsSilentWithoutUsername) {
    const auto request = StunMessageBuilder{}.controlling().integrity(kPassword).fingerprint().bytes();
    EXPECT_EQ(StunServer::peek_username(request).error(), StunDrop::missing_username);
    EXPECT_FALSE(answer(request).has_value());
}

TEST_F(StunServerTest, AUsernameBehindMessageIntegrityDoesNotCount) {
    const auto request = StunMessageBuilder{}.integrity(kPassword).username("l:r").bytes();
    EXPECT_EQ(StunServer::peek_username(request).error(), StunDrop::missing_username);
    EXPECT_FALSE(answer(request).has_value());
}

TEST_F(StunServerTest, IgnoresResponsesIndicationsAndOtherMethods) {
    EXPECT_EQ(answer(StunMessageBuilder{0x0101}.username("l:r").integrity(kPassword).bytes()).error(), StunDrop::not_a_request);
    EXPECT_EQ(answer(StunMessageBuilder{0x0111}.username("l:r").integrity(kPassword).bytes()).error(), StunDrop::not_a_request);
    EXPECT_EQ(answer(StunMessageBuilder{0x0011}.bytes()).error(), StunDrop::not_a_request);
    EXPECT_EQ(answer(StunMessageBuilder{0x0003}.username("l:r").integrity(kPassword).bytes()).error(), StunDrop::not_binding);
}

TEST_F(StunServerTest, RefusesAReplyBufferThatIsTooSmall) {
    const auto request = build_binding_request({.username = "l:r", .password = kPassword});
    std::array<std::uint8_t, 32> small{};
    std::vector<std::uint8_t> slot = request;
    slot.resize(request.size() + StunServer::kSlack);
    EXPECT_EQ(server_.answer(Bytes{slot}.first(request.size()), from_, kPassword, small).error(), StunDrop::no_room);
}

TEST_F(StunServerTest, FindsBothUfrags) {
    const auto name = StunServer::peek_username(kRfc5769Request);
    ASSERT_TRUE(name.has_value());
    EXPECT_EQ(name->local_ufrag, "evtj");
    EXPECT_EQ(name->remote_ufrag, "h6vY");
}

TEST_F(StunServerTest, RefusesAUsernameWithoutColonOrLocalPart) {
    for (const auto* name : {"nocolon", ":remote"}) {
        const auto request = StunMessageBuilder{}.username(name).integrity(kPassword).bytes();
        EXPECT_EQ(StunServer::peek_username(request).error(), StunDrop::missing_username) << name;
    }
}

TEST_F(StunServerTest, TwoUsernamesAreMalformed) {
    const auto request = StunMessageBuilder{}.username("a:b").username("c:d").integrity(kPassword).bytes();
    EXPECT_EQ(StunServer::peek_username(request).error(), StunDrop::malformed);
}

// libnice would read up to 20 bytes from the start of the attribute; under ASan a read past the slack would end this test.
TEST_F(StunServerTest, RefusesAMessageIntegrityOfAnyOtherSize) {
    for (std::size_t size = 0; size <= 64; ++size) {
        if (size == 20) continue;
        const std::vector<std::uint8_t> mac(size, 0x55);
        const auto request = StunMessageBuilder{}.username("l:r").attribute(0x0008, mac).bytes();
        EXPECT_EQ(answer(request).error(), StunDrop::malformed) << size;
        EXPECT_EQ(StunServer::peek_username(request).error(), StunDrop::malformed) << size;
    }
}

TEST_F(StunServerTest, RefusesASecondMessageIntegrityAndAnythingBehindTheFingerprint) {
    EXPECT_EQ(answer(StunMessageBuilder{}.username("l:r").integrity(kPassword).integrity(kPassword).bytes()).error(), StunDrop::malformed);
    EXPECT_EQ(answer(StunMessageBuilder{}.username("l:r").fingerprint().integrity(kPassword).bytes()).error(), StunDrop::malformed);
}

TEST_F(StunServerTest, EveryTamperedByteIsDroppedSilently) {
    const auto request = build_binding_request({.username = "local:rem", .password = kPassword, .nominate = true});
    const auto fingerprint = request.size() - 8;
    for (std::size_t i = 0; i < request.size(); ++i) {
        // Its type bent, FINGERPRINT is another attribute behind MESSAGE-INTEGRITY, which RFC 8489 section 14.5 has us ignore.
        if (i == fingerprint || i == fingerprint + 1) continue;
        for (const unsigned flip : {0x01U, 0x80U, 0xffU}) {
            auto bent = request;
            bent[i] = static_cast<std::uint8_t>(bent[i] ^ flip);
            EXPECT_FALSE(answer(bent).has_value()) << "byte " << i << " flipped by " << flip;
        }
    }
}

// With nothing behind the HMAC, the padding of the user name included, there is no exception.
TEST_F(StunServerTest, EveryTamperedByteWithoutFingerprintIsDroppedSilently) {
    const auto request = StunMessageBuilder{}.username("local:r").priority(1).controlling().integrity(kPassword).bytes();
    for (std::size_t i = 0; i < request.size(); ++i) {
        auto bent = request;
        bent[i] = static_cast<std::uint8_t>(bent[i] ^ 0x40U);
        EXPECT_FALSE(answer(bent).has_value()) << "byte " << i;
    }
}

TEST_F(StunServerTest, EveryTruncationIsMalformed) {
    for (std::size_t size = 0; size < kRfc5769Request.size(); ++size) {
        const auto cut = Bytes{kRfc5769Request}.first(size);
        EXPECT_EQ(answer(cut).error(), StunDrop::malformed) << size;
        EXPECT_EQ(StunServer::peek_username(cut).error(), StunDrop::malformed) << size;
    }
}

TEST_F(StunServerTest, ATruncationWithACorrectedLengthIsNeverAnswered) {
    const auto request = build_binding_request({.username = "local:remote", .password = kPassword});
    for (std::size_t size = 20; size < request.size() - 8; size += 4) {
        std::vector<std::uint8_t> cut{request.begin(), request.begin() + static_cast<std::ptrdiff_t>(size)};
        cut[2] = static_cast<std::uint8_t>((size - 20) >> 8U);
        cut[3] = static_cast<std::uint8_t>(size - 20);
        EXPECT_FALSE(answer(cut).has_value()) << size;
    }
}

TEST_F(StunServerTest, TrailingBytesAreMalformed) {
    std::vector<std::uint8_t> longer{kRfc5769Request.begin(), kRfc5769Request.end()};
    longer.resize(longer.size() + 4);
    EXPECT_EQ(answer(longer).error(), StunDrop::malformed);
}

}  // namespace
}  // namespace cardea
