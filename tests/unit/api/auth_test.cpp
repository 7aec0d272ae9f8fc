#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "fakes.hpp"

namespace cardea::api {
namespace {

ApiOptions with(AuthOptions auth) {
    ApiOptions options;
    options.auth = std::move(auth);
    return options;
}

struct SecretTest : ApiTest {
    SecretTest() : ApiTest{with({"s3cret", false, "", {}})} {}
};

TEST_F(SecretTest, NeverAsksInfoAndPingForIt) {
    EXPECT_EQ(ask({{"janus", "ping"}, {"transaction", "1"}})["janus"].text(), "pong");
    EXPECT_EQ(ask({{"janus", "info"}, {"transaction", "1"}})["janus"].text(), "server_info");
    EXPECT_TRUE(last()["api_secret"].boolean());
}

TEST_F(SecretTest, RefusesCreateWithoutOrWithAWrongOne) {
    EXPECT_EQ(error_of({{"janus", "create"}, {"transaction", "1"}}), 403);
    EXPECT_EQ(error_of({{"janus", "create"}, {"transaction", "1"}, {"apisecret", "wrong"}}), 403);
    EXPECT_EQ(error_of({{"janus", "create"}, {"transaction", "1"}, {"apisecret", 5}}), 403);
    EXPECT_EQ(ask({{"janus", "create"}, {"transaction", "1"}, {"apisecret", "s3cret"}})["janus"].text(), "success");
}

TEST_F(SecretTest, HidesWhetherASessionExists) {
    EXPECT_EQ(error_of({{"janus", "keepalive"}, {"transaction", "1"}, {"session_id", 99}}), 403);
}

struct StoredTokenTest : ApiTest {
    StoredTokenTest() : ApiTest{with({"", true, "", {{"all", {}}, {"some", {"other.plugin"}}}})} {}
    SessionId session = SessionId{ask({{"janus", "create"}, {"transaction", "1"}, {"token", "all"}})["data"]["id"].unsigned_integer()};
};

TEST_F(StoredTokenTest, LetsIn) {
    EXPECT_TRUE(session.is_set());
    EXPECT_EQ(error_of({{"janus", "create"}, {"transaction", "1"}, {"token", "none"}}), 403);
    EXPECT_EQ(error_of({{"janus", "create"}, {"transaction", "1"}}), 403);
}

TEST_F(StoredTokenTest, OpensOnlyItsPlugins) {
    EXPECT_EQ(error_of(in(session, "attach").set("plugin", "test.plugin").set("token", "some")), 405);
    EXPECT_TRUE(plugin.attached.empty());
    send(in(session, "attach").set("plugin", "test.plugin").set("token", "all"));
    EXPECT_EQ(plugin.attached.size(), 1U);
}

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
}  // namespace cardea::api
