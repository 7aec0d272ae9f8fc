// The frame of a request: which check comes first, with which code and words.
#include "fakes.hpp"

namespace cardea::api {
namespace {

struct EnvelopeTest : ApiTest {
    std::string reason_of(const Json& message) { return std::string{ask(message)["error"]["reason"].text()}; }
};

TEST_F(EnvelopeTest, AnswersUnparsableTextWith454AndWithoutTransaction) {
    api.on_unparsable(client, "on line 1: '}' expected");
    EXPECT_EQ(last()["error"]["code"].integer(), 454);
    EXPECT_FALSE(last().has("transaction"));
    EXPECT_EQ(transport.done[client], 1);
}

TEST_F(EnvelopeTest, AnswersWhatIsNoObjectWith455) { EXPECT_EQ(error_of(Json::array()), 455); }

TEST_F(EnvelopeTest, NamesTheMissingElement) {
    EXPECT_EQ(reason_of({{"janus", "ping"}}), "Missing mandatory element (transaction)");
    EXPECT_EQ(reason_of({{"transaction", "1"}}), "Missing mandatory element (janus)");
    EXPECT_EQ(error_of({{"transaction", "1"}}), 456);
}

TEST_F(EnvelopeTest, NamesTheElementOfTheWrongType) {
    EXPECT_EQ(reason_of({{"janus", 5}, {"transaction", "1"}}), "Invalid element type (janus should be a string)");
    EXPECT_EQ(error_of({{"janus", "ping"}, {"transaction", 1}}), 467);
}

TEST_F(EnvelopeTest, TakesAnIdThatIsNoneForNobodys) {
    const auto with = [](const char* verb, const char* name, Json id) {
        return Json{{"janus", verb}, {"transaction", "1"}}.set(name, std::move(id));
    };
    EXPECT_EQ(error_of(with("keepalive", "session_id", "x")), 457);
    EXPECT_EQ(error_of(with("keepalive", "session_id", -1)), 458);
    EXPECT_EQ(error_of(with("detach", "session_id", "x").set("handle_id", 5)), 458);
    const auto session = ask({{"janus", "create"}, {"transaction", "1"}})["data"]["id"];
    EXPECT_EQ(error_of(with("detach", "handle_id", "x").set("session_id", session)), 459);
    EXPECT_EQ(error_of(with("detach", "handle_id", -1).set("session_id", session)), 459);
}

TEST_F(EnvelopeTest, LooksAtTheTransactionBeforeTheVerb) {
    EXPECT_EQ(reason_of({{"other", 1}}), "Missing mandatory element (transaction)");
}

TEST_F(EnvelopeTest, EchoesTheTransactionByteForByte) {
    const std::string odd = "0017 \" \\ \xc3\xa4";
    EXPECT_EQ(ask({{"janus", "ping"}, {"transaction", odd}})["transaction"].text(), odd);
}

TEST_F(EnvelopeTest, TakesNullForAbsent) {
    const auto answer = ask(Json{{"janus", "ping"}, {"transaction", "1"}}.set("session_id", Json::null()).set("handle_id", Json::null()));
    EXPECT_EQ(answer["janus"].text(), "pong");
}

TEST_F(EnvelopeTest, ReadsVerbsWithoutRegardToCase) { EXPECT_EQ(ask({{"janus", "PiNg"}, {"transaction", "1"}})["janus"].text(), "pong"); }

TEST_F(EnvelopeTest, IgnoresFieldsItDoesNotKnow) {
    EXPECT_EQ(ask({{"janus", "ping"}, {"transaction", "1"}, {"colour", "blue"}})["janus"].text(), "pong");
}

TEST_F(EnvelopeTest, RefusesAnUnknownVerbWithoutASessionWith457) {
    EXPECT_EQ(error_of({{"janus", "dance"}, {"transaction", "1"}}), 457);
    EXPECT_EQ(last()["error"]["reason"].text(), "Unhandled request 'dance' at this path");
}

TEST_F(EnvelopeTest, RefusesAHandleWithoutASessionWith458) {
    EXPECT_EQ(error_of({{"janus", "message"}, {"transaction", "1"}, {"handle_id", 7}}), 458);
}

TEST_F(EnvelopeTest, LooksForTheSessionThenTheHandleThenTheVerb) {
    EXPECT_EQ(error_of({{"janus", "dance"}, {"transaction", "1"}, {"session_id", 7}, {"handle_id", 8}}), 458);
    EXPECT_EQ(last()["error"]["reason"].text(), "No such session 7");
    const auto session = create();
    EXPECT_EQ(error_of(in(session, HandleId{8}, "dance")), 459);
    EXPECT_EQ(last()["error"]["reason"].text(), "No such handle 8 in session " + std::to_string(session.value));
    EXPECT_EQ(error_of(in(session, "dance")), 453);
    EXPECT_EQ(last()["error"]["reason"].text(), "Unknown request 'dance'");
}

TEST_F(EnvelopeTest, PutsTheSessionIntoAnErrorOfASession) {
    EXPECT_EQ(ask({{"janus", "dance"}, {"transaction", "1"}, {"session_id", 7}})["session_id"].integer(), 7);
}

TEST(MessageText, IsTheJsonThatItsPartsSay) {
    const std::string awkward = "\"\\\n\x01 caf\xc3\xa9";
    MessageText message{"event"};
    message.id("session_id", SessionId{9007199254740991}).text("transaction", awkward).json("jsep", R"({"type":"offer"})");
    message.begin_object("plugindata").text("plugin", "p").begin_object("data").end_object().id("n", HandleId{1}).end_object();
    EXPECT_EQ(Json::parse(message.finish()), (Json{{"janus", "event"},
                                                   {"session_id", std::uint64_t{9007199254740991}},
                                                   {"transaction", awkward},
                                                   {"jsep", {{"type", "offer"}}},
                                                   {"plugindata", {{"plugin", "p"}, {"data", Json::object()}, {"n", 1}}}}));
}

TEST(MessageText, AReplyHasTheSessionAndTransactionOfItsRequest) {
    const auto request = parse_envelope(Json::parse(R"({"janus":"keepalive","session_id":7,"transaction":"t"})"));
    EXPECT_EQ(reply("ack", *request).finish(), R"({"janus":"ack","session_id":7,"transaction":"t"})");
    const auto outside = parse_envelope(Json::parse(R"({"janus":"ping","transaction":"t"})"));
    EXPECT_EQ(reply("pong", *outside).finish(), R"({"janus":"pong","transaction":"t"})");
}

}  // namespace
}  // namespace cardea::api
