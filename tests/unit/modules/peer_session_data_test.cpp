// The m-line of data channels between SDP, plugin and worker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cardea/abi.h"
#include "modules/negotiation_json.hpp"
#include "modules/peer_session.hpp"
#include "session_doubles.hpp"
#include "support/fake_media.hpp"

namespace cardea {
namespace {

using testing::HasSubstr;


const std::string kTransport =
    "c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=fingerprint:sha-256 "
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n";

std::string audio_line(const std::string& setup = "actpass") {
    return "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" + kTransport + "a=setup:" + setup +
           "\r\na=mid:0\r\na=rtcp-mux\r\na=sendrecv\r\na=rtpmap:111 opus/48000/2\r\n";
}
std::string data_line(const std::string& mid, const std::string& extra, const std::string& setup = "actpass", int port = 9) {
    return "m=application " + std::to_string(port) + " UDP/DTLS/SCTP webrtc-datachannel\r\n" + kTransport + "a=setup:" + setup + "\r\na=mid:" + mid +
           "\r\n" + extra;
}
std::string sdp(const std::string& bundle, const std::string& lines) {
    return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE " + bundle + "\r\n" + lines;
}
const std::string kPort = "a=sctp-port:5001\r\na=max-message-size:1073741823\r\n";

struct PeerSessionData : testing::Test {
    FakeMedia media;
    PeerRouter router;
    PeerServices services{media, router, {}};
    Nobody nobody;
    Sources sources;
    PeerSession session{services, nobody, sources};
    const Json policy{{"group", "room-1"}, {"data", true}};

    Json answered(const std::string& offer) { return answered(offer, policy); }
    Json answered(const std::string& offer, const Json& with) {
        EXPECT_TRUE(session.take({{"type", "offer"}, {"sdp", offer}}));
        const auto result = session.answer(with);
        EXPECT_TRUE(result) << result.error().detail;
        return result ? *result : Json{};
    }
    std::string sdp_of(const Json& result) { return std::string{session.redeem(result["ticket"].unsigned_integer())["sdp"].text()}; }
};

TEST_F(PeerSessionData, AnAnswerNamesSourceAndSinkAndTellsTheWorker) {
    const auto result = answered(sdp("0 1", audio_line() + data_line("1", kPort)));
    const auto line = result["media"].at(1);
    EXPECT_EQ(line["kind"].text(), "data");
    ASSERT_EQ(media.opened.size(), 1U);
    const auto& data = media.opened[0].data;
    ASSERT_TRUE(data);
    EXPECT_TRUE(data->agreed);
    EXPECT_EQ(data->source.value, line["source"].unsigned_integer());
    EXPECT_EQ(data->sink.value, line["sink"].unsigned_integer());
    EXPECT_EQ(data->remote_port, 5001);
    EXPECT_EQ(data->max_message, 1073741823U);
    EXPECT_EQ(session.data_sink(), data->sink);
    EXPECT_EQ(session.sinks().size(), 1U) << "of audio alone";
    EXPECT_EQ(session.sources().size(), 2U);
    EXPECT_THAT(sdp_of(result), HasSubstr("a=sctp-port:5000\r\na=max-message-size:262144\r\n"));
}

TEST_F(PeerSessionData, WhatTheClientDoesNotSayIsTheDefault) {
    answered(sdp("0", data_line("0", "a=sctp-port:5000\r\n")));
    EXPECT_EQ(media.opened[0].data->max_message, 65'536U);
}

TEST_F(PeerSessionData, WithoutThePolicyTheLineIsRefused) {
    const auto result = answered(sdp("0 1", audio_line() + data_line("1", kPort)), {{"group", "room-1"}});
    EXPECT_FALSE(media.opened[0].data);
    EXPECT_FALSE(session.data_sink());
    EXPECT_TRUE(result["media"].at(1)["disabled"].boolean());
    EXPECT_FALSE(result["media"].at(1).has("sink"));
    EXPECT_THAT(sdp_of(result), HasSubstr("m=application 0 "));
}

TEST_F(PeerSessionData, ThereIsOneLineAtMost) {
    const auto result = answered(sdp("0 1", data_line("0", kPort) + data_line("1", kPort)));
    EXPECT_TRUE(result["media"].at(0).has("sink"));
    EXPECT_FALSE(result["media"].at(1).has("sink"));
    EXPECT_THAT(sdp_of(result), HasSubstr("m=application 0 "));
}

TEST_F(PeerSessionData, IdsStayWhenTheLineGoesAndComesBack) {
    const auto first = answered(sdp("0 1", audio_line() + data_line("1", kPort)))["media"].at(1);
    answered(sdp("0", audio_line() + data_line("1", kPort, "actpass", 0)));
    ASSERT_EQ(media.updated.size(), 1U);
    EXPECT_FALSE(media.updated[0].data);
    EXPECT_FALSE(session.data_sink());
    const auto again = answered(sdp("0 2", audio_line() + data_line("2", kPort)))["media"].at(1);
    EXPECT_EQ(again["sink"], first["sink"]);
    EXPECT_EQ(again["source"], first["source"]);
    EXPECT_TRUE(media.updated[1].data->agreed);
}

TEST_F(PeerSessionData, AnOfferCanBeRoutedBeforeItsAnswer) {
    const SourceId source{77};
    sources.known[source] = {MediaKind::data, {}, 5};  // of another worker
    auto tracks = Json::array();
    tracks.push({{"kind", "data"}, {"source", source.value}, {"label", "42"}});
    const auto result = session.offer({{"group", "room-1"}, {"media", tracks}});
    ASSERT_TRUE(result) << result.error().detail;
    const auto line = (*result)["media"].at(0);
    EXPECT_EQ(line["kind"].text(), "data");
    ASSERT_TRUE(media.opened[0].data);
    EXPECT_FALSE(media.opened[0].data->agreed) << "SCTP does not begin yet";
    const auto route = media.data_routes.find({SinkId{line["sink"].unsigned_integer()}, source});
    ASSERT_NE(route, media.data_routes.end());
    EXPECT_EQ(route->second.label, "42");

    const auto offered_sdp = sdp_of(*result);
    EXPECT_THAT(offered_sdp, HasSubstr("m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
    ASSERT_TRUE(session.take({{"type", "answer"}, {"sdp", sdp("0", data_line("0", kPort, "active"))}}));
    ASSERT_EQ(media.updated.size(), 1U);
    EXPECT_TRUE(media.updated[0].data->agreed);
    EXPECT_EQ(media.updated[0].data->remote_port, 5001);
}

TEST_F(PeerSessionData, DataTrueAddsALineOnce) {
    const SourceId source{77};
    sources.known[source] = {MediaKind::audio, default_payload_type(Codec::opus), 0};
    auto tracks = Json::array();
    tracks.push({{"kind", "audio"}, {"source", source.value}});
    const auto first = session.offer({{"group", "room-1"}, {"data", true}, {"media", tracks}});
    ASSERT_TRUE(first) << first.error().detail;
    ASSERT_EQ((*first)["media"].size(), 2U);
    EXPECT_EQ((*first)["media"].at(1)["kind"].text(), "data");
    ASSERT_TRUE(session.take({{"type", "answer"}, {"sdp", sdp("0 1", audio_line("active") + data_line("1", kPort, "active"))}}));
    auto named = Json::array();
    named.push({{"mid", "0"}, {"kind", "audio"}, {"source", source.value}});
    const auto second = session.offer({{"group", "room-1"}, {"data", true}, {"media", named}});
    ASSERT_TRUE(second) << second.error().detail;
    EXPECT_EQ((*second)["media"].size(), 2U);
    EXPECT_TRUE(media.updated.back().data->agreed) << "what runs goes on while an offer is unanswered";
    EXPECT_EQ((*second)["media"].at(1)["sink"], (*first)["media"].at(1)["sink"]);
}

TEST_F(PeerSessionData, AnAnswerThatRefusesDataEndsIt) {
    ASSERT_TRUE(session.offer({{"group", "room-1"}, {"data", true}}));
    const auto taken = session.take({{"type", "answer"}, {"sdp", sdp("", data_line("0", kPort, "active", 0))}});
    ASSERT_TRUE(taken) << taken.error().detail;
    EXPECT_FALSE((*taken)["media"].at(0).has("sink"));
    EXPECT_FALSE(media.updated.back().data);
}

TEST(DataRouteOptionsJson, WithoutALabelNothingIsReplaced) {
    EXPECT_FALSE(data_route_options(Json::parse("{}")).label);
    EXPECT_FALSE(data_route_options(Json::parse("{\"protocol\":\"p\"}")).label);
    EXPECT_FALSE(data_route_options(Json{}).label);
    const auto options = data_route_options(Json::parse("{\"label\":\"\",\"protocol\":\"p\"}"));
    EXPECT_EQ(options.label, "") << "an empty label is one";
    EXPECT_EQ(options.protocol, "p");
}

}  // namespace
}  // namespace cardea
