// One peer connection between SDP and the worker, with a media plane that only notes.
#include "modules/peer_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cardea/abi.h"
#include "session_doubles.hpp"
#include "support/fake_media.hpp"

namespace cardea {
namespace {

using testing::HasSubstr;

std::string offer_sdp(const std::string& ufrag = "abcd") {
    const std::string transport = "c=IN IP4 0.0.0.0\r\na=ice-ufrag:" + ufrag +
                                  "\r\na=ice-pwd:0123456789012345678901\r\na=fingerprint:sha-256 "
                                  "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n"
                                  "a=setup:actpass\r\na=rtcp-mux\r\na=sendrecv\r\n";
    return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
           "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" + transport + "a=mid:0\r\na=rtpmap:111 opus/48000/2\r\n"
           "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" + transport + "a=mid:1\r\na=rtpmap:96 VP8/90000\r\n";
}

struct PeerSessionTest : testing::Test {
    FakeMedia media;
    PeerRouter router;
    PeerServices services{media, router, {}};
    Nobody nobody;
    Sources sources;
    PeerSession session{services, nobody, sources};
    const Json policy{{"group", "room-1"}};

    Json offered(const std::string& sdp = offer_sdp()) {
        auto taken = session.take({{"type", "offer"}, {"sdp", sdp}});
        EXPECT_TRUE(taken) << taken.error().detail;
        return taken ? *taken : Json{};
    }
};

TEST_F(PeerSessionTest, ShowsThePluginWhatIsOffered) {
    const auto offer = offered();
    EXPECT_EQ(offer["type"].text(), "offer");
    EXPECT_FALSE(offer["update"].boolean());
    ASSERT_EQ(offer["media"].size(), 2U);
    EXPECT_EQ(offer["media"].at(1)["kind"].text(), "video");
    EXPECT_EQ(offer["media"].at(1)["codecs"].at(0)["name"].text(), "vp8");
    EXPECT_TRUE(media.opened.empty());  // nothing happens before the plugin answers
}

TEST_F(PeerSessionTest, AnswerOpensThePeerAndNamesItsMedia) {
    offered();
    const auto result = session.answer(policy);
    ASSERT_TRUE(result) << result.error().detail;
    ASSERT_EQ(media.opened.size(), 1U);
    EXPECT_TRUE(media.opened[0].remote_known);
    EXPECT_EQ(media.opened[0].remote.ufrag, "abcd");
    const auto video = (*result)["media"].at(1);
    EXPECT_EQ(video["codec"].text(), "vp8");
    EXPECT_EQ(video["source"].unsigned_integer(), media.opened[0].sources.at(1).id.value);
    EXPECT_EQ(video["sink"].unsigned_integer(), media.opened[0].sinks.at(1).id.value);
    EXPECT_EQ(media.placed["room-1"], 1);
}

TEST_F(PeerSessionTest, ATicketIsRedeemedOnce) {
    offered();
    const auto ticket = (*session.answer(policy))["ticket"].unsigned_integer();
    const auto jsep = session.redeem(ticket);
    EXPECT_EQ(jsep["type"].text(), "answer");
    EXPECT_THAT(std::string{jsep["sdp"].text()}, HasSubstr("192.0.2.1 10000 typ host"));
    EXPECT_THAT(std::string{jsep["sdp"].text()}, HasSubstr("a=end-of-candidates"));
    EXPECT_FALSE(session.redeem(ticket));
}

TEST_F(PeerSessionTest, IdsStayOverARenegotiation) {
    offered();
    const auto before = (*session.answer(policy))["media"];
    offered();
    const auto after = (*session.answer(policy))["media"];
    EXPECT_EQ(before.at(0)["source"], after.at(0)["source"]);
    EXPECT_EQ(before.at(1)["sink"], after.at(1)["sink"]);
    EXPECT_EQ(media.opened.size(), 1U);
    ASSERT_EQ(media.updated.size(), 1U);
    EXPECT_EQ(media.updated[0].local, media.opened[0].local);
}

TEST_F(PeerSessionTest, ARestartDrawsNewCredentials) {
    offered();
    ASSERT_TRUE(session.answer(policy));
    EXPECT_TRUE(offered(offer_sdp("wxyz"))["restart"].boolean());
    const auto result = session.answer(policy);
    ASSERT_TRUE(result);
    ASSERT_EQ(media.updated.size(), 1U);
    EXPECT_NE(media.updated[0].local, media.opened[0].local);
    EXPECT_THAT(std::string{session.redeem((*result)["ticket"].unsigned_integer())["sdp"].text()}, HasSubstr(media.updated[0].local.ufrag));
}

TEST_F(PeerSessionTest, RefusesWhatDoesNotFitItsState) {
    EXPECT_EQ(session.take({{"type", "offer"}, {"sdp", "nonsense"}}).error().code, 465);
    EXPECT_EQ(session.take({{"type", "answer"}, {"sdp", offer_sdp()}}).error().code, 469);
    EXPECT_EQ(session.answer(policy).error().code, CARDEA_INVALID);
}

TEST_F(PeerSessionTest, AnOfferTakesTheCodecOfItsSourceAndIsRouted) {
    const SourceId source{77};
    sources.known[source] = {MediaKind::video, default_payload_type(Codec::vp9), 0};
    auto tracks = Json::array();
    tracks.push({{"kind", "video"}, {"source", source.value}});
    const Json wish{{"group", "room-1"}, {"media", tracks}};
    const auto result = session.offer(wish);
    ASSERT_TRUE(result) << result.error().detail;
    EXPECT_EQ((*result)["media"].at(0)["codec"].text(), "vp9");
    ASSERT_EQ(media.opened.size(), 1U);
    EXPECT_FALSE(media.opened[0].remote_known);
    ASSERT_EQ(media.routes.size(), 1U);
    EXPECT_EQ(media.routes[0].source, source);
    EXPECT_EQ(media.routes[0].sink.value, (*result)["media"].at(0)["sink"].unsigned_integer());
    EXPECT_EQ(session.offer(wish).error().code, CARDEA_BUSY);
}

TEST_F(PeerSessionTest, AnOfferRetransmitsAlthoughThePublisherDoesNot) {
    PayloadType published{.number = 96, .codec = Codec::vp9, .clock_rate = 90000, .channels = 1, .fmtp = "profile-id=2", .rtx = {}};
    const SourceId source{77};
    sources.known[source] = {MediaKind::video, published, 0};
    auto tracks = Json::array();
    tracks.push({{"kind", "video"}, {"source", source.value}});
    const auto result = session.offer({{"group", "room-1"}, {"media", tracks}});
    ASSERT_TRUE(result) << result.error().detail;
    const auto& type = media.opened[0].sinks.at(0).track.payload_type;
    EXPECT_TRUE(type.rtx && type.nack && type.pli);
    EXPECT_EQ(type.fmtp, "profile-id=2");
}

TEST_F(PeerSessionTest, AnOfferReplacesAnUnansweredOneOnWish) {
    const SourceId source{77};
    sources.known[source] = {MediaKind::video, default_payload_type(Codec::vp8), 0};
    auto tracks = Json::array();
    tracks.push({{"kind", "video"}, {"source", source.value}});
    Json wish{{"group", "room-1"}, {"media", tracks}};
    ASSERT_TRUE(session.offer(wish));
    const auto result = session.offer(wish.set("replace", true).set("restart", true));
    ASSERT_TRUE(result) << result.error().detail;
    ASSERT_EQ(media.updated.size(), 1U);
    EXPECT_NE(media.updated[0].local, media.opened[0].local);
    EXPECT_EQ(media.updated[0].sinks.at(0).id, media.opened[0].sinks.at(0).id);
}

TEST_F(PeerSessionTest, ClosingTellsTheWorkerAndGivesThePlaceBack) {
    offered();
    ASSERT_TRUE(session.answer(policy));
    session.close("Janus API");
    EXPECT_EQ(media.closed.at(session.peer()), "Janus API");
    EXPECT_EQ(media.placed["room-1"], 0);
    session.close("again");
    EXPECT_EQ(media.closed.at(session.peer()), "Janus API");
}

}  // namespace
}  // namespace cardea
