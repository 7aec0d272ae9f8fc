// Keys, layers, fmtp: small things that requests depend on.
#include "videoroom/access.hpp"

#include <gtest/gtest.h>

#include "cardea/plugin.hpp"
#include "videoroom/codecs.hpp"
#include "videoroom/layers.hpp"

namespace cardea::videoroom {
namespace {

TEST(Keys, LockOnlyWhenThereIsOne) {
    EXPECT_EQ(compare_key("", Json{}), KeyCheck::good);
    EXPECT_EQ(compare_key("", Json{"anything"}), KeyCheck::good);
    EXPECT_EQ(compare_key("key", Json{}), KeyCheck::missing);
    EXPECT_EQ(compare_key("key", Json::null()), KeyCheck::no_text);
    EXPECT_EQ(compare_key("key", Json{"kez"}), KeyCheck::wrong);
    EXPECT_EQ(compare_key("key", Json{"ke"}), KeyCheck::wrong);
    EXPECT_EQ(compare_key("key", Json{5}), KeyCheck::no_text);
    EXPECT_EQ(compare_key("key", Json{"key"}), KeyCheck::good);
}

TEST(Keys, AreAnsweredAsJanusDoes) {
    const auto code = [](const Json& body) {
        try {
            check_key("key", body, "pin");
            return 0;
        } catch (const sdk::RequestError& error) {
            return error.code();
        }
    };
    EXPECT_EQ(code(Json::object()), 429);
    EXPECT_EQ(code({{"pin", 5}}), 430);
    EXPECT_EQ(code({{"pin", "x"}}), 433);
    EXPECT_EQ(code({{"pin", "key"}}), 0);
}

TEST(Keys, AreLeftOutOfWhatIsChecked) {
    EXPECT_EQ(without({{"pin", 5}, {"room", 7}}, {"secret", "pin"}), (Json{{"room", 7}}));
}

TEST(Layers, KeepWhatAnEntryDoesNotName) {
    LayerWish wish;
    EXPECT_TRUE(wish.empty());
    wish.take({{"substream", 1}, {"fallback", 1000}});
    wish.take({{"temporal", 2}});
    EXPECT_EQ(wish.to_json(), (Json{{"substream", 1}, {"temporal", 2}, {"fallback", 1000}}));
}

TEST(Layers, EndAtTwo) {
    EXPECT_NO_THROW(check_layers({{"substream", 2}, {"temporal_layer", 2}}));
    EXPECT_THROW(check_layers({{"spatial_layer", 3}}), sdk::RequestError);
}

TEST(PlayoutDelays, OneEndMovesTheOther) {
    PlayoutDelay delay;
    delay.take({{"max_delay", 5}});
    EXPECT_FALSE(delay.is_set());
    delay.take({{"min_delay", 10}});
    EXPECT_EQ(delay.to_json(), (Json{{"min", 10}, {"max", 10}}));
    delay.take({{"max_delay", 100'000}});
    EXPECT_EQ(delay.to_json(), (Json{{"min", 10}, {"max", 4095}}));
    delay.take({{"max_delay", 5}});
    EXPECT_EQ(delay.to_json(), (Json{{"min", 5}, {"max", 5}}));
}

TEST(PlayoutDelays, ANegativeOneTakesTheWishBack) {
    PlayoutDelay delay;
    delay.take({{"min_delay", 10}, {"max_delay", 20}});
    delay.take({{"min_delay", -1}});
    EXPECT_FALSE(delay.is_set());
    EXPECT_EQ(delay.to_json(), Json::object());
}

TEST(Fmtp, ValuesAreFoundByTheirWholeName) {
    EXPECT_EQ(fmtp_value("minptime=10;useinbandfec=1", "useinbandfec"), "1");
    EXPECT_EQ(fmtp_value("sprop-stereo=1; stereo=0", "stereo"), "0");
    EXPECT_EQ(fmtp_value("profile-level-id=42e01f", "profile"), "");
    EXPECT_EQ(fmtp_value("", "x"), "");
}

}  // namespace
}  // namespace cardea::videoroom
