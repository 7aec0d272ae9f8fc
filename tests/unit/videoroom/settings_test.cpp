// Settings of a room: from a create, changed by an edit, kept and read again.
#include "videoroom/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cardea/plugin.hpp"

namespace cardea::videoroom {
namespace {

using testing::ElementsAre;

const ApiId kId{std::uint64_t{7}};

RoomSettings made(const Json& body) { return RoomSettings::from(body, kId); }
int code_of(const Json& body) {
    try {
        static_cast<void>(made(body));
        return 0;
    } catch (const sdk::RequestError& error) {
        return error.code();
    }
}

TEST(RoomSettings, AreThoseOfJanusWhenNothingIsSaid) {
    const auto s = made(Json::object());
    EXPECT_EQ(s.description, "Room 7");
    EXPECT_EQ(s.publishers, 3U);
    EXPECT_EQ(s.bitrate, 0U);
    EXPECT_THAT(s.audio_codecs, ElementsAre("opus"));
    EXPECT_THAT(s.video_codecs, ElementsAre("vp8"));
    EXPECT_TRUE(s.opus_fec && s.audiolevel_ext && s.videoorient_ext && s.playoutdelay_ext && s.transport_wide_cc_ext);
    EXPECT_FALSE(s.opus_dtx || s.audiolevel_event || s.is_private || s.check_allowed || s.dummy_publisher);
}

TEST(RoomSettings, LiftALowBitrateAndARoomWithoutPublishers) {
    const auto s = made({{"bitrate", 1000}, {"publishers", 0}});
    EXPECT_EQ(s.bitrate, kLowestBitrate);
    EXPECT_EQ(s.publishers, 1U);
}

TEST(RoomSettings, TakeFiveCodecsOnceEachAndRefuseUnknownOnes) {
    EXPECT_THAT(made({{"videocodec", "h264,vp8,h264"}}).video_codecs, ElementsAre("h264", "vp8"));
    EXPECT_THAT(made({{"videocodec", ""}}).video_codecs, ElementsAre("vp8"));
    EXPECT_EQ(code_of({{"videocodec", "vp8,theora"}}), 430);
    EXPECT_EQ(code_of({{"audiocodec", "vp8"}}), 430);
}

TEST(RoomSettings, AnEmptyListOfTokensLetsNobodyIn) {
    EXPECT_TRUE(made({{"allowed", Json::array()}}).check_allowed);
    auto tokens = Json::array();
    tokens.push("a");
    tokens.push("a");
    EXPECT_THAT(made({{"allowed", tokens}}).allowed, ElementsAre("a"));
}

TEST(RoomSettings, DummiesHaveTheCodecsOfTheRoom) {
    auto streams = Json::array();
    for (const char* codec : {"opus", "h264", "av1"}) streams.push({{"codec", codec}, {"fmtp", "x=1"}});
    const auto s = made({{"dummy_publisher", true}, {"videocodec", "vp8,h264"}, {"dummy_streams", streams}});
    ASSERT_EQ(s.dummy_streams.size(), 2U);
    EXPECT_EQ(s.dummy_streams[1].codec, "h264");
    EXPECT_EQ(s.dummy_streams[1].fmtp, "x=1");
    const auto without = made({{"dummy_publisher", true}});
    ASSERT_EQ(without.dummy_streams.size(), 2U);
    EXPECT_EQ(without.dummy_streams[0].codec, "opus");
}

TEST(RoomSettings, EditChangesWhatItNames) {
    auto s = made({{"description", "old"}, {"pin", "1"}, {"publishers", 9}});
    s.edit({{"new_description", "new"}, {"new_bitrate", 1}, {"new_pin", ""}, {"new_fir_freq", 5}});
    EXPECT_EQ(s.description, "new");
    EXPECT_EQ(s.bitrate, kLowestBitrate);
    EXPECT_EQ(s.pin, "1") << "an empty text takes no lock off";
    EXPECT_EQ(s.fir_freq, 5U);
    EXPECT_EQ(s.publishers, 9U);
}

TEST(RoomSettings, AreReadAgainFromWhatIsKept) {
    auto tokens = Json::array();
    tokens.push("token");
    const Json body{{"description", "d"}, {"secret", "s"}, {"pin", "p"}, {"is_private", true}, {"require_pvtid", true},
                    {"require_e2ee", true}, {"signed_tokens", true}, {"notify_joining", true}, {"allowed", tokens}, {"publishers", 4},
                    {"bitrate", 100'000}, {"bitrate_cap", true}, {"fir_freq", 3}, {"audiocodec", "pcmu,opus"},
                    {"videocodec", "vp9,h264"}, {"vp9_profile", "2"}, {"h264_profile", "42e01f"}, {"opus_fec", false},
                    {"opus_dtx", true}, {"audiolevel_event", true}, {"audio_active_packets", 50}, {"audio_level_average", 30},
                    {"record", true}, {"lock_record", true}, {"rec_dir", "r"}, {"dummy_publisher", true}, {"dummy_e2ee", true}};
    const auto once = made(body).to_body(kId);
    EXPECT_EQ(made(once).to_body(kId), once);
    body.for_each_member([&](std::string_view key, const Json& value) { EXPECT_EQ(once[std::string{key}.c_str()], value) << key; });
}

}  // namespace
}  // namespace cardea::videoroom
