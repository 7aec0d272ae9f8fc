// The published vectors: RFC 3711 appendix B, RFC 7714 sections 16 and 17 (which give session keys, hence the transforms directly).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/srtp/aead_transform.hpp"
#include "proto/srtp/counter_transform.hpp"
#include "proto/srtp/key_derivation.hpp"
#include "srtp_packets.hpp"
#if __has_include(<intel-ipsec-mb.h>)
#include "proto/srtp/ipsec_mb/transform.hpp"
#endif

namespace cardea {
namespace {

using testing::hex;
using testing::Packet;

Packet packet_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

SrtpSessionKeys session_keys(SrtpProfile profile, const Packet& key, const Packet& salt) {
    SrtpSessionKeys keys;
    keys.profile = profile;
    std::copy(key.begin(), key.end(), keys.key.bytes().begin());
    std::copy(salt.begin(), salt.end(), keys.salt.bytes().begin());
    return keys;
}

TEST(Rfc3711, B2CounterModeKeystream) {
    CounterTransform<10> transform{session_keys(SrtpProfile::aes_cm_128_hmac_sha1_80, hex("2B7E151628AED2A6ABF7158809CF4F3C"),
                                            hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD")),
                               CryptDirection::seal};
    // SSRC and index 0; zeros encrypted are the keystream.
    Packet packet(12 + 48 + CounterTransform<10>::kTag);
    packet[0] = 0x80;
    ASSERT_TRUE(transform.seal_rtp({.buffer = packet, .header_size = 12, .written = 60, .payload = {}, .ssrc = 0, .index = 0}));
    EXPECT_EQ(packet_of(Bytes{packet}.subspan(12, 48)), hex("E03EAD0935C95E80E166B16DD92B4EB4"
                                                            "D23513162B02D0F72A43A2FE4A5F97AB"
                                                            "41E95B3BB0A2E8DD477901E4FCA894C0"));
}

TEST(Rfc3711, B3KeyDerivation) {
    const auto master = SrtpKeys::from(SrtpProfile::aes_cm_128_hmac_sha1_80, hex("E1F97A0D3E018BE0D64FA32C06DE4139"),
                                       hex("0EC675AD498AFEEBB6960B3AABE6"));
    const auto keys = derive_rtp_keys(master);
    EXPECT_EQ(packet_of(keys.key.first(16)), hex("C61E7A93744F39EE10734AFE3FF7A087"));
    EXPECT_EQ(packet_of(keys.salt.first(14)), hex("30CBBC08863D8C85D49DB34A9AE1"));
    EXPECT_EQ(packet_of(keys.auth.bytes()), hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
}

struct AeadVector {
    SrtpProfile profile;
    const char* key;
    const char* rtp;
    const char* rtcp;
};
constexpr auto kSalt = "517569642070726f2071756f";
constexpr auto kPlainRtp =
    "8040f17b8041f8d35501a0b2 47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";
constexpr auto kPlainRtcp =
    "81c8000d4d617273 4e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";
constexpr std::uint32_t kRtcpIndex = 0x5d4;
constexpr AeadVector kAeadVectors[]{
    {SrtpProfile::aead_aes_128_gcm, "000102030405060708090a0b0c0d0e0f",
     // section 16.1.1
     "8040f17b8041f8d35501a0b2 f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833 899d7f27beb16a9152cf765ee4390cce",
     // section 17.1
     "81c8000d4d617273 63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b"
     "c84aa45896cf4d2fc5abf87245d9eade 800005d4"},
    {SrtpProfile::aead_aes_256_gcm, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     // section 16.2.1
     "8040f17b8041f8d35501a0b2 32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b 7aa3db36dfffd6b0f9bb7878d7a76c13",
     // section 17.2
     "81c8000d4d617273 d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad"
     "1d1eb30c4446839f57ff6f6cb26ac3be 800005d4"},
};

class Rfc7714 : public ::testing::TestWithParam<AeadVector> {
  protected:
    [[nodiscard]] SrtpSessionKeys keys() const { return session_keys(GetParam().profile, hex(GetParam().key), hex(kSalt)); }
};

template <class Transform>
void expect_rtp(const SrtpSessionKeys& keys, const char* sealed) {
    const auto plain = hex(kPlainRtp);
    auto packet = plain;
    packet.resize(plain.size() + Transform::kTag);
    Transform seal{keys, CryptDirection::seal};
    ASSERT_TRUE(seal.seal_rtp({packet, 12, plain.size(), {}, 0x5501a0b2, 0xf17b}));
    EXPECT_EQ(packet, hex(sealed));
    Transform open{keys, CryptDirection::open};
    ASSERT_TRUE(open.open_rtp({packet, 12, 0x5501a0b2, 0xf17b}));
    packet.resize(plain.size());
    EXPECT_EQ(packet, plain);
}

template <class Transform>
void expect_rtcp(const SrtpSessionKeys& keys, const char* sealed) {
    const auto plain = hex(kPlainRtcp);
    auto packet = plain;
    packet.resize(plain.size() + Transform::kTag + kSrtcpIndexSize);
    Transform seal{keys, CryptDirection::seal};
    ASSERT_TRUE(seal.seal_rtcp({packet, plain.size(), 0x4d617273, kRtcpIndex}));
    EXPECT_EQ(packet, hex(sealed));
    Transform open{keys, CryptDirection::open};
    ASSERT_TRUE(open.open_rtcp({packet, 0x4d617273, kRtcpIndex}));
    packet.resize(plain.size());
    EXPECT_EQ(packet, plain);
}

TEST_P(Rfc7714, Rtp) { expect_rtp<AeadTransform>(keys(), GetParam().rtp); }
TEST_P(Rfc7714, Rtcp) { expect_rtcp<AeadTransform>(keys(), GetParam().rtcp); }

#if __has_include(<intel-ipsec-mb.h>)
TEST_P(Rfc7714, RtpByIpsecMb) {
    CARDEA_SKIP_IF_MISSING(SrtpBackend::ipsec_mb);
    expect_rtp<IpsecMbTransform>(keys(), GetParam().rtp);
}
TEST_P(Rfc7714, RtcpByIpsecMb) {
    CARDEA_SKIP_IF_MISSING(SrtpBackend::ipsec_mb);
    expect_rtcp<IpsecMbTransform>(keys(), GetParam().rtcp);
}
#else
TEST_P(Rfc7714, RtpByIpsecMb) { CARDEA_SKIP_IF_MISSING(SrtpBackend::ipsec_mb); }
TEST_P(Rfc7714, RtcpByIpsecMb) { CARDEA_SKIP_IF_MISSING(SrtpBackend::ipsec_mb); }
#endif

INSTANTIATE_TEST_SUITE_P(Vectors, Rfc7714, ::testing::ValuesIn(kAeadVectors),
                         [](const auto& setup) { return std::string{to_text(setup.param.profile)}; });

}  // namespace
}  // namespace cardea
