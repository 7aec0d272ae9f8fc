// Handles: attach, message, trickle, hangup, detach, what plugins answer and tell, and the bounds.
#include "fakes.hpp"

namespace cardea::api {
namespace {

struct HandleTest : ApiTest {
    SessionId session = create();
};

TEST_F(HandleTest, AttachAnswersWhenThePluginHasTakenIt) {
    send(in(session, "attach").set("plugin", "test.plugin"));
    const auto before = transport.sent[client].size();
    const auto handle = plugin.attached.back();
    api.on_attached(handle, true);
    ASSERT_EQ(transport.sent[client].size(), before + 1);
    EXPECT_EQ(last()["janus"].text(), "success");
    EXPECT_EQ(last()["data"]["id"].unsigned_integer(), handle.value);
    EXPECT_EQ(last()["session_id"].unsigned_integer(), session.value);
    EXPECT_EQ(last()["transaction"].text(), "t");
}

TEST_F(HandleTest, AttachChecksWhatItIsGiven) {
    EXPECT_EQ(error_of(in(session, "attach")), 456);
    EXPECT_EQ(error_of(in(session, "attach").set("plugin", 5)), 467);
    EXPECT_EQ(error_of(in(session, "attach").set("plugin", "test.plugin").set("opaque_id", 5)), 467);
    EXPECT_EQ(error_of(in(session, "attach").set("plugin", "test.plugin").set("loop_index", "x")), 467);
    EXPECT_EQ(error_of(in(session, "attach").set("plugin", "no.such")), 460);
    EXPECT_EQ(last()["error"]["reason"].text(), "No such plugin 'no.such'");
}

TEST_F(HandleTest, APluginMayRefuseIt) {
    send(in(session, "attach").set("plugin", "test.plugin"));
    api.on_attached(plugin.attached.back(), false);
    EXPECT_EQ(last()["error"]["code"].integer(), 461);
    EXPECT_EQ(api.handle_count(), 0U);
}

TEST_F(HandleTest, AHandleOfAnotherSessionIsNotFound) {
    const auto handle = attach(session);
    const auto second = create();
    EXPECT_EQ(error_of(message(second, handle, "list")), 459);
}

TEST_F(HandleTest, ASynchronousRequestAnswersSuccess) {
    const auto handle = attach(session);
    send(message(session, handle, "list"));
    ASSERT_EQ(plugin.requests.size(), 1U);
    EXPECT_FALSE(plugin.requests[0].ack_sent);
    api.on_reply(plugin.requests[0].request, JsonText{Json{{"list", "x"}}});
    EXPECT_EQ(last()["janus"].text(), "success");
    EXPECT_EQ(last()["sender"].unsigned_integer(), handle.value);
    EXPECT_EQ(last()["plugindata"]["plugin"].text(), "test.plugin");
    EXPECT_EQ(last()["plugindata"]["data"]["list"].text(), "x");
    EXPECT_FALSE(last().has("opaque_id"));
}

TEST_F(HandleTest, AnAsynchronousRequestIsAckedAndThenAnsweredByAnEvent) {
    const auto handle = attach(session);
    EXPECT_EQ(ask(message(session, handle, "join"))["janus"].text(), "ack");
    const auto request = plugin.requests.at(0);
    EXPECT_TRUE(request.ack_sent);
    api.on_event(handle, request.request, JsonText{Json{{"joined", 1}}}, {});
    EXPECT_EQ(last()["janus"].text(), "event");
    EXPECT_EQ(last()["transaction"].text(), "t");
    api.on_event(handle, request.request, JsonText{Json{{"again", 1}}}, {});
    EXPECT_FALSE(last().has("transaction"));  // a transaction is answered once
}

TEST_F(HandleTest, AnUnsolicitedEventCarriesNoTransaction) {
    const auto handle = attach(session);
    api.on_event(handle, {}, JsonText{Json{{"news", 1}}}, {});
    EXPECT_EQ(last()["janus"].text(), "event");
    EXPECT_FALSE(last().has("transaction"));
    EXPECT_EQ(last()["sender"].unsigned_integer(), handle.value);
}

TEST_F(HandleTest, AnEventWithAnSdpIsFollowedByTheEndOfCandidates) {
    const auto handle = attach(session);
    api.on_event(handle, {}, JsonText{Json{{"news", 1}}}, {{"type", "offer"}, {"sdp", "v=0"}});
    const auto& sent = transport.sent[client];
    const auto& event = sent.at(sent.size() - 2);
    EXPECT_EQ(event["jsep"]["sdp"].text(), "v=0");
    EXPECT_EQ(last()["janus"].text(), "trickle");
    EXPECT_TRUE(last()["candidate"]["completed"].boolean());
    EXPECT_EQ(last()["sender"].unsigned_integer(), handle.value);
}

TEST_F(HandleTest, WithAJsepTheAckWaitsForThePluginsThread) {
    const auto handle = attach(session);
    const auto before = transport.sent[client].size();
    send(message(session, handle, "join").set("jsep", {{"type", "offer"}, {"sdp", "v=0"}}));
    EXPECT_EQ(transport.sent[client].size(), before);
    const auto id = plugin.requests.at(0).request;
    EXPECT_FALSE(plugin.requests.at(0).ack_sent);
    api.on_refused(id, 465, "SDP: no");
    EXPECT_EQ(transport.sent[client].size(), before + 1);
    EXPECT_EQ(last()["error"]["code"].integer(), 465);
}

TEST_F(HandleTest, MessageChecksBodyAndJsep) {
    const auto handle = attach(session);
    const auto base = in(session, handle, "message");
    EXPECT_EQ(error_of(base), 456);
    EXPECT_EQ(error_of(base.copy().set("body", "x")), 467);
    EXPECT_EQ(error_of(base.copy().set("body", Json::null())), 467);
    const auto with = [&](Json jsep) { return message(session, handle, "join").set("jsep", std::move(jsep)); };
    EXPECT_EQ(error_of(with("x")), 455);
    EXPECT_EQ(error_of(with(Json::null())), 455);
    EXPECT_EQ(error_of(with({{"sdp", "v=0"}})), 456);
    EXPECT_EQ(error_of(with({{"type", 1}, {"sdp", "v=0"}})), 467);
    EXPECT_EQ(error_of(with({{"type", "pranswer"}, {"sdp", "v=0"}})), 464);
    EXPECT_EQ(error_of(with({{"type", "offer"}})), 456);
    EXPECT_TRUE(plugin.requests.empty());
}

TEST_F(HandleTest, APluginsFailureIs462) {
    const auto handle = attach(session);
    send(message(session, handle, "list"));
    api.on_refused(plugin.requests.at(0).request, 462, "no result");
    EXPECT_EQ(last()["error"]["code"].integer(), 462);
}

TEST_F(HandleTest, TrickleIsAcknowledgedAtAnyTime) {
    const auto handle = attach(session);
    const auto trickle = [&](const char* field, Json value) { return in(session, handle, "trickle").set(field, std::move(value)); };
    EXPECT_EQ(ask(trickle("candidate", {{"candidate", "candidate:1 1 udp 1 192.0.2.1 9 typ host"}, {"sdpMid", "0"}}))["janus"].text(), "ack");
    EXPECT_EQ(ask(trickle("candidate", {{"completed", true}}))["janus"].text(), "ack");
    EXPECT_EQ(ask(trickle("candidate", Json::null()))["janus"].text(), "ack");
    auto many = Json::array();
    many.push("nonsense");
    EXPECT_EQ(ask(trickle("candidates", many))["janus"].text(), "ack");
}

TEST_F(HandleTest, TrickleNeedsOneOfTheTwoFields) {
    const auto handle = attach(session);
    EXPECT_EQ(error_of(in(session, handle, "trickle")), 456);
    EXPECT_EQ(error_of(in(session, handle, "trickle").set("candidate", Json::object()).set("candidates", Json::array())), 454);
    EXPECT_EQ(error_of(in(session, handle, "trickle").set("candidates", 5)), 467);
    EXPECT_EQ(error_of(in(session, handle, "trickle").set("candidate", {{"candidate", "x"}})), 456);
    EXPECT_EQ(error_of(in(session, handle, "trickle").set("candidate", {{"candidate", 5}, {"sdpMid", "0"}})), 467);
}

TEST_F(HandleTest, HangupAsksThePluginAndAnswersSuccess) {
    const auto handle = attach(session);
    EXPECT_EQ(ask(in(session, handle, "hangup"))["janus"].text(), "success");
    ASSERT_EQ(plugin.hangups.size(), 1U);
    EXPECT_EQ(plugin.hangups[0].second, "Janus API");
}

TEST_F(HandleTest, DetachAnswersThenTellsHangupAndDetached) {
    const auto handle = attach(session);
    EXPECT_EQ(ask(in(session, handle, "detach"))["janus"].text(), "success");
    EXPECT_EQ(error_of(in(session, handle, "hangup")), 459);
    api.on_core_event(handle, {{"janus", "hangup"}, {"reason", "Detach"}});
    EXPECT_EQ(last()["reason"].text(), "Detach");
    api.on_detached(handle);
    EXPECT_EQ(last()["janus"].text(), "detached");
    EXPECT_EQ(last()["sender"].unsigned_integer(), handle.value);
    EXPECT_EQ(api.handle_count(), 0U);
}

TEST_F(HandleTest, APluginMayEndAHandle) {
    const auto handle = attach(session);
    api.on_detached(handle);
    EXPECT_EQ(last()["janus"].text(), "detached");
    EXPECT_EQ(error_of(in(session, handle, "hangup")), 459);
}

TEST_F(HandleTest, ALateAnswerForAGoneHandleIsDropped) {
    const auto handle = attach(session);
    send(message(session, handle, "join"));
    const auto request = plugin.requests.at(0).request;
    send(in(session, handle, "detach"));
    api.on_done(request);
    api.on_detached(handle);
    const auto before = transport.sent[client].size();
    api.on_event(handle, request, JsonText{Json{{"late", 1}}}, {});
    EXPECT_EQ(transport.sent[client].size(), before);
}

// ---- bounds

TEST_F(HandleTest, EveryMessageIsCountedDoneOnce) {
    const auto handle = attach(session);  // with create: two done
    send(message(session, handle, "list"));
    send(message(session, handle, "join"));
    EXPECT_EQ(transport.done[client], 2);
    api.on_reply(plugin.requests.at(0).request, JsonText{Json::object()});
    api.on_event(handle, plugin.requests.at(1).request, JsonText{Json::object()}, {});
    api.on_done(plugin.requests.at(1).request);
    EXPECT_EQ(transport.done[client], 4);
}

TEST_F(HandleTest, AFullHandleHoldsItsConnectionUntilHalfIsAnswered) {
    const auto handle = attach(session);
    for (int i = 0; i < 31; ++i) send(message(session, handle, "list"));
    EXPECT_FALSE(transport.held[client]);
    send(message(session, handle, "list"));
    EXPECT_TRUE(transport.held[client]);
    for (std::size_t i = 0; i < 15; ++i) api.on_reply(plugin.requests.at(i).request, JsonText{Json::object()});
    EXPECT_TRUE(transport.held[client]);
    api.on_reply(plugin.requests.at(15).request, JsonText{Json::object()});
    EXPECT_FALSE(transport.held[client]);
}

TEST_F(HandleTest, AFullHandleThatIsDetachedHoldsNobody) {
    const auto handle = attach(session);
    for (int i = 0; i < 32; ++i) send(message(session, handle, "list"));
    ASSERT_TRUE(transport.held[client]);
    api.on_detached(handle);
    EXPECT_FALSE(transport.held[client]);
    for (const auto& request : plugin.requests) api.on_refused(request.request, 459, "gone");
    EXPECT_EQ(transport.done[client], 2 + 32);
}

ApiOptions few_handles() {
    ApiOptions options;
    options.handles_per_connection = 3;
    options.opaque_id_in_api = true;
    return options;
}
struct FewHandlesTest : ApiTest {
    FewHandlesTest() : ApiTest{few_handles()} {}
};

TEST_F(FewHandlesTest, TheConnectionsBoundIs461OverAllItsSessions) {
    const auto first = create();
    const auto second = create();
    attach(first);
    attach(first);
    attach(second);
    EXPECT_EQ(error_of(in(second, "attach").set("plugin", "test.plugin")), 461);
}

TEST_F(FewHandlesTest, EventsRepeatTheOpaqueIdIfConfigured) {
    const auto session = create();
    send(in(session, "attach").set("plugin", "test.plugin").set("opaque_id", "mine"));
    const auto handle = plugin.attached.back();
    api.on_attached(handle, true);
    api.on_core_event(handle, {{"janus", "webrtcup"}});
    EXPECT_EQ(last()["opaque_id"].text(), "mine");
}

}  // namespace
}  // namespace cardea::api
