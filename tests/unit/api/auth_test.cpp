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

}  // namespace
}  // namespace cardea::api
