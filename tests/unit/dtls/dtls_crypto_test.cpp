// What peers present: certificates with every kind of key that DTLS stacks make, read in the context of the handshakes.
#include "proto/dtls/dtls_crypto.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/cptr.hpp"

namespace cardea {
namespace {

using Key = CPtr<EVP_PKEY, EVP_PKEY_free>;
using Certificate = CPtr<X509, X509_free>;

Key make_key(const std::string& kind) {
    if (kind == "RSA") return Key{EVP_RSA_gen(2048)};
    if (kind == "ED25519") return Key{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
    return Key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kind.c_str())};
}

std::vector<unsigned char> certificate_of(EVP_PKEY& key, bool has_digest) {
    const Certificate made{X509_new()};
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 7);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 1000);
    X509_set_pubkey(made.get(), &key);
    EXPECT_GT(X509_sign(made.get(), &key, has_digest ? EVP_sha256() : nullptr), 0);
    std::vector<unsigned char> bytes(static_cast<std::size_t>(i2d_X509(made.get(), nullptr)));
    auto* at = bytes.data();
    i2d_X509(made.get(), &at);
    return bytes;
}

class DtlsCrypto : public ::testing::TestWithParam<const char*> {};

TEST_P(DtlsCrypto, ReadsAndVerifiesACertificate) {
    ASSERT_NE(dtls_crypto(), nullptr) << "the handshakes use OpenSSL's own context, at three times the cost of a certificate";
    const auto key = make_key(GetParam());
    ASSERT_TRUE(key);
    const auto bytes = certificate_of(*key, std::string_view{GetParam()} != "ED25519");
    X509* into = X509_new_ex(dtls_crypto(), nullptr);
    const auto* from = bytes.data();
    ASSERT_NE(d2i_X509(&into, &from, static_cast<long>(bytes.size())), nullptr);
    const Certificate read{into};
    auto* known = X509_get0_pubkey(read.get());
    ASSERT_NE(known, nullptr);
    EXPECT_EQ(EVP_PKEY_eq(known, key.get()), 1);
    EXPECT_EQ(X509_verify(read.get(), known), 1);
    const auto other = make_key(GetParam());
    EXPECT_NE(X509_verify(read.get(), other.get()), 1);
}

INSTANTIATE_TEST_SUITE_P(Kinds, DtlsCrypto, ::testing::Values("P-256", "P-384", "P-521", "RSA", "ED25519"),
                         [](const auto& kind) {
                             std::string name{kind.param};
                             std::erase(name, '-');
                             return name;
                         });

// One that is not read has no key; nobody may take it for another.
TEST(DtlsCryptoLimits, AKeyOfAnotherKindIsNone) {
    const auto key = Key{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448")};
    const auto bytes = certificate_of(*key, false);
    X509* into = X509_new_ex(dtls_crypto(), nullptr);
    const auto* from = bytes.data();
    ASSERT_NE(d2i_X509(&into, &from, static_cast<long>(bytes.size())), nullptr);
    const Certificate read{into};
    EXPECT_EQ(X509_get0_pubkey(read.get()), nullptr);
}

}  // namespace
}  // namespace cardea
