// What a plugin wishes of RTP outside of peer connections: its JSON, the ids given, and what ends with what.
#include "modules/rtp_exchange.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cardea/abi.h"
#include "support/fake_media.hpp"

namespace cardea {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// 30 octets, 0 to 29.
constexpr const char* kKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd";

PayloadType opus() { return {.number = 111, .codec = Codec::opus, .clock_rate = 48000, .channels = 2, .fmtp = {}, .rtx = {}}; }

class Exchange : public ::testing::Test {
  protected:
    void SetUp() override { directory[SourceId{1}] = {MediaKind::audio, opus(), 0}; }
    FakeMedia media;
    PeerRouter router;
    PeerServices services{media, router, {}};
    RtpExchange::Directory directory;
    std::optional<RtpExchange> exchange{std::in_place, services, directory};

    [[nodiscard]] std::string problem_of(const Result<Json>& result) const { return result ? "(none)" : result.error().detail; }
    [[nodiscard]] std::string forward_problem(const Json& wish) { return problem_of(exchange->forward(SourceId{1}, wish)); }
    static Json video(std::initializer_list<unsigned> ssrcs = {1010, 1011, 1012}, const char* codec = "vp8") {
        auto list = Json::array();
        for (const auto ssrc : ssrcs) list.push(ssrc);
        return Json{{"mid", "1"}, {"mindex", 1}, {"kind", "video"}, {"codec", codec}, {"ssrcs", list}};
    }
    static Json streams(std::initializer_list<Json> list) {
        auto json = Json::array();
        for (const auto& stream : list) json.push(stream);
        return json;
    }
};

TEST_F(Exchange, ForwardsAsWished) {
    const auto out = exchange->forward(
        SourceId{1}, {{"host", "192.0.2.7"}, {"port", 5000}, {"rtcp_port", 5001}, {"pt", 100}, {"ssrc", 4294967295U}, {"substream", 2},
                      {"srtp", {{"suite", 32}, {"key", kKey}}}});
    ASSERT_TRUE(out) << problem_of(out);
    ASSERT_EQ(media.forwards.size(), 1U);
    const auto& wish = media.forwards[0];
    EXPECT_EQ(wish.host, "192.0.2.7");
    EXPECT_EQ(wish.port, 5000);
    EXPECT_EQ(wish.rtcp_port, 5001);
    EXPECT_EQ(wish.config.source, SourceId{1});
    EXPECT_EQ(wish.config.payload_type, 100);
    EXPECT_EQ(wish.config.ssrc, Ssrc{4294967295U});
    EXPECT_EQ(wish.config.encoding, 2);
    ASSERT_TRUE(wish.config.keys);
    EXPECT_EQ(wish.config.keys->profile, SrtpProfile::aes_cm_128_hmac_sha1_32);
    EXPECT_EQ(wish.config.keys->master_key()[1], 1);
    EXPECT_EQ(wish.config.keys->master_salt()[13], 29);
    EXPECT_EQ((*out)["forwarder"].unsigned_integer(), wish.config.id.value);
    EXPECT_EQ((*out)["local_rtcp_port"].integer(), 10000);
    EXPECT_TRUE((*out)["srtp"].boolean());
}

TEST_F(Exchange, RefusesWhatCannotBe) {
    EXPECT_EQ(forward_problem(Json::object()), "Missing mandatory element (host)");
    EXPECT_EQ(forward_problem({{"host", "h"}}), "Invalid element (port)");
    EXPECT_EQ(forward_problem({{"host", "h"}, {"port", 70000}}), "Invalid element (port is not a port)");
    EXPECT_EQ(forward_problem({{"host", "h"}, {"port", 1}, {"rtcp_port", -1}}), "Invalid element (rtcp_port is not a port)");
    EXPECT_EQ(forward_problem({{"host", "h"}, {"port", 1}, {"family", "ipx"}}), "Unsupported protocol family (ipx)");
    EXPECT_EQ(forward_problem({{"host", "h"}, {"port", 1}, {"pt", 128}}), "Invalid element (pt)");
    EXPECT_EQ(forward_problem({{"host", "h"}, {"port", 1}, {"srtp", {{"suite", 81}, {"key", kKey}}}}), "Invalid SRTP suite (81)");
    for (const std::string key : {"", "AAEC", "not base64 at all, but of 40 octets.....", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw=="})
        EXPECT_THAT(forward_problem({{"host", "h"}, {"port", 1}, {"srtp", {{"suite", 80}, {"key", key}}}}), HasSubstr("Invalid SRTP crypto")) << key;
    EXPECT_TRUE(media.forwards.empty());
    EXPECT_EQ(exchange->forward(SourceId{99}, {{"host", "h"}, {"port", 1}}).error().code, CARDEA_NOT_FOUND);
    media.refuse_plain_rtp = true;
    EXPECT_EQ(forward_problem({{"host", "h"}, {"port", 1}}), "refused");
}

TEST_F(Exchange, AForwarderEndsOnRequestOrWithItsSource) {
    const Json wish{{"host", "192.0.2.7"}, {"port", 5000}};
    ASSERT_TRUE(exchange->forward(SourceId{1}, wish));
    ASSERT_TRUE(exchange->forward(SourceId{1}, wish));
    const auto first = media.forwards[0].config.id;
    const auto second = media.forwards[1].config.id;
    EXPECT_TRUE(exchange->stop_forwarding(first));
    EXPECT_FALSE(exchange->stop_forwarding(first));
    exchange->forget_ended();
    EXPECT_THAT(media.stopped_forwarders, ElementsAre(first)) << "its source is still there";
    directory.erase(SourceId{1});
    exchange->forget_ended();
    EXPECT_THAT(media.stopped_forwarders, ElementsAre(first, second));
}

TEST_F(Exchange, OpensARemotePublisherWhoseSourcesAreLikeAny) {
    const Json audio{{"mid", "0"}, {"mindex", 0}, {"kind", "audio"}, {"codec", "opus"}, {"fmtp", "useinbandfec=1;usedtx=1"},
                     {"ssrcs", streams({Json{1000}})}, {"extensions", {{"audio_level", 3}, {"video_orientation", 400}}}};
    const auto out = exchange->open_remote({{"group", "videoroom:7"}, {"streams", streams({audio, video()})}, {"port", 20004},
                                            {"sender", "192.0.2.9"}, {"srtp", {{"suite", 80}, {"key", kKey}}}});
    ASSERT_TRUE(out) << problem_of(out);
    EXPECT_EQ(media.placed["videoroom:7"], 1);
    ASSERT_EQ(media.remotes.size(), 1U);
    const auto& wish = media.remotes[0];
    EXPECT_EQ(wish.sender, SocketAddress::parse("192.0.2.9", 0));
    EXPECT_EQ(wish.port, 20004);
    ASSERT_EQ(wish.sources.size(), 2U);
    EXPECT_EQ(wish.sources[0].track.extensions.audio_level, 3);
    EXPECT_EQ(wish.sources[0].track.extensions.video_orientation, 0) << "no id of an extension";
    ASSERT_EQ(wish.sources[1].track.encodings.size(), 3U);
    EXPECT_EQ(wish.sources[1].track.encodings[2].ssrc, Ssrc{1012});
    EXPECT_EQ((*out)["port"].integer(), 20000);
    const SourceId source{(*out)["media"].at(0)["source"].unsigned_integer()};
    ASSERT_TRUE(directory.contains(source));
    EXPECT_EQ(directory[source].payload_type.codec, Codec::opus);
    EXPECT_EQ(directory[source].payload_type.fmtp, "useinbandfec=1;usedtx=1");
    EXPECT_TRUE(exchange->forward(source, {{"host", "192.0.2.7"}, {"port", 5000}})) << "forwarded like any";
    EXPECT_TRUE(exchange->close_remote(wish.id));
    EXPECT_FALSE(exchange->close_remote(wish.id));
    EXPECT_FALSE(directory.contains(source));
    EXPECT_EQ(media.stopped_forwarders.size(), 1U);
    EXPECT_EQ(media.placed["videoroom:7"], 0);
}

TEST_F(Exchange, RefusesARemotePublisherThatCannotBe) {
    const auto problem = [&](const Json& wish) { return problem_of(exchange->open_remote(wish)); };
    EXPECT_EQ(problem({{"streams", streams({video({}, "vp8")})}}), "Missing mandatory element (ssrcs)");
    EXPECT_EQ(problem({{"streams", streams({video({1010}, "theora")})}}), "Invalid element (unknown codec theora)");
    EXPECT_EQ(problem({{"streams", Json::array()}, {"sender", "example.org"}}), "Invalid element (sender is not a numeric address)");
    EXPECT_EQ(problem({{"streams", Json::array()}, {"port", 65536}}), "Invalid element (port is not a port)");
    media.refuse_plain_rtp = true;
    EXPECT_EQ(problem({{"group", "g"}, {"streams", streams({video()})}}), "no port is free");
    EXPECT_EQ(media.placed["g"], 0) << "given back";
}

TEST_F(Exchange, AnUpdateKeepsTheSourceOfAStreamThatStaysTheSame) {
    const auto out = exchange->open_remote({{"streams", streams({video()})}});
    ASSERT_TRUE(out);
    const RemoteId remote{(*out)["remote"].unsigned_integer()};
    const auto source = (*out)["media"].at(0)["source"].unsigned_integer();
    const Json screen{{"mid", "2"}, {"mindex", 2}, {"kind", "video"}, {"codec", "vp8"}, {"ssrcs", streams({Json{1020}})}};
    const auto more = exchange->update_remote(remote, {{"streams", streams({video(), screen})}});
    ASSERT_TRUE(more);
    EXPECT_EQ((*more)["media"].at(0)["source"].unsigned_integer(), source);
    EXPECT_EQ((*more)["media"].size(), 2U);
    ASSERT_EQ(media.remote_updates.size(), 1U);
    EXPECT_EQ(media.remote_updates[0].size(), 2U);
    const auto other = exchange->update_remote(remote, {{"streams", streams({video({1010}, "h264")})}});
    ASSERT_TRUE(other);
    EXPECT_NE((*other)["media"].at(0)["source"].unsigned_integer(), source) << "another codec is another source";
    EXPECT_FALSE(directory.contains(SourceId{source}));
    EXPECT_EQ(exchange->update_remote(RemoteId{999}, {{"streams", Json::array()}}).error().code, CARDEA_NOT_FOUND);
}

TEST_F(Exchange, EverythingEndsWithThePlugin) {
    ASSERT_TRUE(exchange->forward(SourceId{1}, {{"host", "192.0.2.7"}, {"port", 5000}}));
    ASSERT_TRUE(exchange->open_remote({{"group", "g"}, {"streams", streams({video()})}}));
    exchange.reset();
    EXPECT_EQ(media.stopped_forwarders.size(), 1U);
    EXPECT_EQ(media.closed_remotes.size(), 1U);
    EXPECT_EQ(media.placed["g"], 0);
}

}  // namespace
}  // namespace cardea
