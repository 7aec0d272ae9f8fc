#include "base/signed_token.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <string>

namespace cardea {
namespace {

std::string sign(const std::string& text, const std::string& secret) {
    std::array<unsigned char, 20> mac{};
    unsigned size = 0;
    HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), static_cast<const unsigned char*>(static_cast<const void*>(text.data())),
         text.size(), mac.data(), &size);
    std::array<unsigned char, 32> base64{};
    const int length = EVP_EncodeBlock(base64.data(), mac.data(), static_cast<int>(size));
    return text + ":" + std::string{base64.begin(), base64.begin() + length};
}

TEST(SignedToken, IsGoodUntilItExpires) {
    const auto token = sign("1000,janus,test.plugin", "key");
    EXPECT_TRUE(is_signed_token(token, "key", "janus", "", 999));
    EXPECT_TRUE(is_signed_token(token, "key", "janus", "test.plugin", 1000));
    EXPECT_FALSE(is_signed_token(token, "key", "janus", "", 1001));
}

TEST(SignedToken, NamesItsRealmAndItsPlugins) {
    const auto token = sign("1000,janus,a,b", "key");
    EXPECT_TRUE(is_signed_token(token, "key", "janus", "b", 0));
    EXPECT_FALSE(is_signed_token(token, "key", "janus", "c", 0));
    EXPECT_FALSE(is_signed_token(token, "key", "other", "a", 0));
}

TEST(SignedToken, FailsWithAnotherKeyOrAChangedText) {
    auto token = sign("1000,janus,a", "key");
    EXPECT_FALSE(is_signed_token(token, "other", "janus", "a", 0));
    token[0] = '9';
    EXPECT_FALSE(is_signed_token(token, "key", "janus", "a", 0));
    EXPECT_FALSE(is_signed_token("", "key", "janus", "", 0));
    EXPECT_FALSE(is_signed_token(sign("soon,janus,a", "key"), "key", "janus", "a", 0));
}

}  // namespace
}  // namespace cardea
