// Sessions: create, keepalive, claim, destroy, time-outs, and connections that go.
#include "fakes.hpp"

namespace cardea::api {
namespace {

struct SessionTest : ApiTest {};

TEST_F(SessionTest, CreateAnswersWithoutASessionAtTopLevel) {
    const auto answer = ask({{"janus", "create"}, {"transaction", "1"}});
    EXPECT_EQ(answer["janus"].text(), "success");
    EXPECT_GT(answer["data"]["id"].integer(), 0);
    EXPECT_FALSE(answer.has("session_id"));
    EXPECT_EQ(api.session_count(), 1U);
}

TEST_F(SessionTest, IdsSurviveAJavaScriptNumber) { EXPECT_LT(create().value, std::uint64_t{1} << 53U); }

TEST_F(SessionTest, GivesAWishedIdOnce) {
    EXPECT_EQ(ask({{"janus", "create"}, {"transaction", "1"}, {"id", 42}})["data"]["id"].integer(), 42);
    EXPECT_EQ(error_of({{"janus", "create"}, {"transaction", "1"}, {"id", 42}}), 468);
    EXPECT_EQ(error_of({{"janus", "create"}, {"transaction", "1"}, {"id", "x"}}), 467);
}

TEST_F(SessionTest, KeepaliveIsAcknowledgedWithTheSession) {
    const auto session = create();
    const auto answer = ask(in(session, "keepalive"));
    EXPECT_EQ(answer["janus"].text(), "ack");
    EXPECT_EQ(answer["session_id"].unsigned_integer(), session.value);
    EXPECT_EQ(answer["transaction"].text(), "t");
}

TEST_F(SessionTest, SilenceEndsItWithATimeoutEvent) {
    const auto session = create();
    const auto handle = attach(session);
    now += 59s;
    api.sweep(now);
    EXPECT_EQ(api.session_count(), 1U);
    now += 1s;
    api.sweep(now);
    EXPECT_EQ(last()["janus"].text(), "timeout");
    EXPECT_EQ(last()["session_id"].unsigned_integer(), session.value);
    EXPECT_FALSE(last().has("sender"));
    EXPECT_EQ(plugin.detached, std::vector<HandleId>{handle});
    EXPECT_EQ(error_of(in(session, "keepalive")), 458);
}

TEST_F(SessionTest, AnyRequestKeepsItAlive) {
    const auto session = create();
    for (int i = 0; i < 5; ++i) {
        now += 50s;
        send(in(session, "keepalive"));
        api.sweep(now);
    }
    EXPECT_EQ(api.session_count(), 1U);
}

TEST_F(SessionTest, DestroyDetachesTheHandlesWithoutEvents) {
    const auto session = create();
    const auto handle = attach(session);
    EXPECT_EQ(ask(in(session, "destroy"))["janus"].text(), "success");
    EXPECT_EQ(plugin.detached, std::vector<HandleId>{handle});
    const auto sent = transport.sent[client].size();
    api.on_detached(handle);
    EXPECT_EQ(transport.sent[client].size(), sent);
    EXPECT_EQ(api.handle_count(), 0U);
}

TEST_F(SessionTest, VerbsOfASessionRefuseAHandleWith457) {
    const auto session = create();
    const auto handle = attach(session);
    EXPECT_EQ(error_of(in(session, handle, "destroy")), 457);
    EXPECT_EQ(error_of(in(session, handle, "attach").set("plugin", "test.plugin")), 457);
    EXPECT_EQ(error_of(in(session, "message")), 457);
    EXPECT_EQ(error_of(in(session, "detach")), 457);
}

TEST_F(SessionTest, DiesWithItsConnection) {
    const auto session = create();
    const auto handle = attach(session);
    api.on_client_gone(client);
    EXPECT_EQ(plugin.detached, std::vector<HandleId>{handle});
    EXPECT_EQ(ask(in(session, "keepalive"), other)["error"]["code"].integer(), 458);
}

TEST_F(SessionTest, ClaimMovesItsEventsToTheCaller) {
    const auto session = create();
    const auto handle = attach(session);
    EXPECT_EQ(ask(in(session, "claim"), other)["janus"].text(), "success");
    api.on_core_event(handle, {{"janus", "webrtcup"}});
    EXPECT_EQ(last(other)["janus"].text(), "webrtcup");
    api.on_client_gone(client);
    EXPECT_EQ(ask(in(session, "keepalive"), other)["janus"].text(), "ack");
}

TEST_F(SessionTest, ClaimByTheOwnerIsHarmless) {
    const auto session = create();
    EXPECT_EQ(ask(in(session, "claim"))["janus"].text(), "success");
    EXPECT_EQ(ask(in(session, "keepalive"))["janus"].text(), "ack");
}

TEST_F(SessionTest, ShuttingDownRefusesNewOnesAndLetsGoOfHandles) {
    const auto session = create();
    const auto handle = attach(session);
    api.shut_down();
    EXPECT_EQ(plugin.detached, std::vector<HandleId>{handle});
    api.on_detached(handle);
    EXPECT_EQ(last()["janus"].text(), "detached");
    EXPECT_EQ(error_of({{"janus", "create"}, {"transaction", "1"}}), 472);
    EXPECT_FALSE(ask({{"janus", "info"}, {"transaction", "1"}})["accepting-new-sessions"].boolean(true));
    api.close_clients();
    EXPECT_EQ(transport.closed.size(), 2U);
}

ApiOptions reclaimable() {
    ApiOptions options;
    options.reclaim_session_timeout = 10s;
    return options;
}
struct ReclaimTest : ApiTest {
    ReclaimTest() : ApiTest{reclaimable()} {}
};

TEST_F(ReclaimTest, WaitsForAClaimAfterTheConnectionWent) {
    const auto session = create();
    api.on_client_gone(client);
    now += 9s;
    api.sweep(now);
    EXPECT_EQ(ask(in(session, "claim"), other)["janus"].text(), "success");
    now += 20s;
    api.sweep(now);
    EXPECT_EQ(api.session_count(), 1U);
}

TEST_F(ReclaimTest, EndsWhenNobodyClaimsIt) {
    create();
    api.on_client_gone(client);
    now += 10s;
    api.sweep(now);
    EXPECT_EQ(api.session_count(), 0U);
}

struct InfoTest : ApiTest {};

TEST_F(InfoTest, TellsWhatClientsDecideBy) {
    const auto info = ask({{"janus", "info"}, {"transaction", "i"}});
    EXPECT_EQ(info["janus"].text(), "server_info");
    EXPECT_EQ(info["transaction"].text(), "i");
    EXPECT_EQ(info["name"].text(), "Cardea WebRTC Server");
    EXPECT_GE(info["version"].integer(), 1100);
    EXPECT_TRUE(info["full-trickle"].boolean());
    EXPECT_TRUE(info["ice-lite"].boolean());
    EXPECT_EQ(info["session-timeout"].integer(), 60);
    EXPECT_EQ(info["plugins"]["test.plugin"]["name"].text(), "Fake plugin");
    EXPECT_EQ(info["transports"]["test.transport.fake"]["version"].integer(), 1);
    EXPECT_TRUE(info["events"].is_object());
}

TEST_F(InfoTest, HasEveryFieldOfTheReference) {
    const auto info = ask({{"janus", "info"}, {"transaction", "i"}});
    for (const auto* field :
         {"name", "version", "version_string", "author", "commit-hash", "compile-time", "log-to-stdout", "log-to-file", "data_channels",
          "accepting-new-sessions", "session-timeout", "reclaim-session-timeout", "candidates-timeout", "server-name", "local-ip", "ipv6",
          "ice-lite", "ice-tcp", "ice-consent-freshness", "ice-keepalive-conncheck", "hangup-on-failed", "full-trickle", "mdns-enabled",
          "min-nack-queue", "nack-optimizations", "twcc-period", "dtls-mtu", "static-event-loops", "api_secret", "auth_token",
          "event_handlers", "opaqueid_in_api", "dependencies", "transports", "events", "loggers", "plugins"})
        EXPECT_TRUE(info.has(field)) << field;
}

}  // namespace
}  // namespace cardea::api
