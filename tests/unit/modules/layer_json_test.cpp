#include "modules/layer_json.hpp"

#include <gtest/gtest.h>

namespace cardea {
namespace {

TEST(LayerJson, ReadsWishesAndLeavesWhatIsAbsent) {
    EXPECT_EQ(layer_wish(Json::object()), LayerWish{});
    const auto all = layer_wish({{"substream", 1}, {"temporal", 0}, {"fallback", 500000}});
    EXPECT_EQ(all, (LayerWish{.substream = std::uint8_t{1}, .temporal = std::uint8_t{0}, .fallback = Duration{500ms}}));
    EXPECT_EQ(layer_wish({{"spatial_layer", 2}, {"temporal_layer", 1}}), (LayerWish{.spatial = std::uint8_t{2}, .temporal = std::uint8_t{1}}));
}

TEST(LayerJson, RefusesWhatIsNoLayer) {
    for (const auto* name : {"substream", "temporal", "spatial_layer", "temporal_layer"}) {
        EXPECT_FALSE(layer_wish({{name, 3}})) << name;
        EXPECT_FALSE(layer_wish({{name, -1}})) << name;
        EXPECT_FALSE(layer_wish({{name, "1"}})) << name;
    }
    EXPECT_FALSE(layer_wish({{"fallback", -1}}));
    EXPECT_FALSE(layer_wish(Json::array()));
    EXPECT_FALSE(layer_wish({}));
}

TEST(LayerJson, APlayoutDelayHasBothEndsInOrder) {
    EXPECT_EQ(playout_delay({{"min", 0}, {"max", 4095}}), (PlayoutDelay{0, 4095}));
    EXPECT_FALSE(playout_delay({{"min", 2}}));
    EXPECT_FALSE(playout_delay({{"min", 3}, {"max", 2}}));
    EXPECT_FALSE(playout_delay({{"min", 0}, {"max", 4096}}));
}

TEST(LayerJson, TalkingHasJanusDefaults) {
    const auto rule = talking_rule(Json::object());
    ASSERT_TRUE(rule);
    EXPECT_EQ(rule->packets, 100U);
    EXPECT_EQ(rule->level, 25U);
    EXPECT_EQ(talking_rule({{"packets", 0}})->packets, 0U);
    EXPECT_FALSE(talking_rule({{"level", 128}}));
}

TEST(LayerJson, TellsOnlyWhatChangedByTheNamesOfItsKind) {
    const LayersEvent simulcast{.mid = "1", .sink = SinkId{7}, .simulcast = true, .substream = std::uint8_t{2}, .temporal = std::uint8_t{1}};
    EXPECT_EQ(layers_json(simulcast).dump(), Json({{"mid", "1"}, {"sink", 7}, {"substream", 2}, {"temporal", 1}}).dump());
    const LayersEvent svc{.mid = "1", .sink = SinkId{7}, .spatial = std::uint8_t{0}, .temporal = std::uint8_t{2}};
    EXPECT_EQ(layers_json(svc).dump(), Json({{"mid", "1"}, {"sink", 7}, {"spatial_layer", 0}, {"temporal_layer", 2}}).dump());
}

}  // namespace
}  // namespace cardea
