#include "modules/request_params.hpp"

#include <gtest/gtest.h>

#include "cardea/params.hpp"

namespace cardea {
namespace {

using namespace sdk;

constexpr const char* kTypes[] = {"publisher", "subscriber", nullptr};
constexpr cardea_param kStream[] = {string("mid").required(), boolean("send")};
constexpr cardea_param kParams[] = {
    id("room").required(),       string("ptype").one_of(kTypes), string("pin").nonempty(), integer("bitrate").positive(),
    integer("level").range(1, 3), boolean("audio"),              number("gain"),           array("streams").of(kStream),
    object("extra"),             array("tags").elements(CARDEA_TYPE_STRING),
};

std::string problem(const Json& request, bool string_ids = false) {
    const auto found = check_params(config::ParamTable{table(kParams)}, request, string_ids);
    return found ? found->text : "";
}
Json room(Json more = Json::object()) { return more.set("room", 1234); }

TEST(RequestParams, TakesWhatIsRight) {
    auto streams = Json::array();
    streams.push({{"mid", "0"}, {"send", false}});
    EXPECT_EQ(problem(room({{"ptype", "publisher"}, {"bitrate", 0}, {"level", 3}, {"gain", 1.5}, {"streams", streams}, {"unknown", 1}})), "");
}

TEST(RequestParams, NamesWhatIsMissing) {
    const auto found = check_params(config::ParamTable{table(kParams)}, Json::object());
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->missing);
    EXPECT_EQ(found->text, "Missing mandatory element (room)");
}

TEST(RequestParams, WordsTheTypeAsJanusDoes) {
    EXPECT_EQ(problem(Json::object().set("room", Json::null())), "Invalid element type (room should be a positive integer)");
    EXPECT_EQ(problem(room(Json::object().set("audio", Json::null()))), "Invalid element type (audio should be a boolean)");
    EXPECT_EQ(problem({{"room", "x"}}), "Invalid element type (room should be a positive integer)");
    EXPECT_EQ(problem({{"room", -1}}), "Invalid element type (room should be a positive integer)");
    EXPECT_EQ(problem(room({{"audio", 1}})), "Invalid element type (audio should be a boolean)");
    EXPECT_EQ(problem(room({{"bitrate", -5}})), "Invalid element type (bitrate should be a positive integer)");
    EXPECT_EQ(problem(room({{"streams", 1}})), "Invalid element type (streams should be an array)");
    EXPECT_EQ(problem(room({{"extra", 1}})), "Invalid element type (extra should be an object)");
    EXPECT_EQ(problem(room({{"pin", ""}})), "Invalid element type (pin should be a non-empty string)");
}

TEST(RequestParams, AnIdIsAStringWithStringIds) {
    EXPECT_EQ(problem({{"room", 1234}}, true), "Invalid element type (room should be a string)");
    EXPECT_EQ(problem({{"room", "abc"}}, true), "");
}

TEST(RequestParams, ChecksValuesAndRanges) {
    EXPECT_EQ(problem(room({{"ptype", "guest"}})), "Invalid element type (ptype should be one of publisher, subscriber)");
    EXPECT_EQ(problem(room({{"level", 4}})), "Invalid element type (level should be between 1 and 3)");
}

TEST(RequestParams, LooksIntoArrays) {
    auto streams = Json::array();
    streams.push(Json::object());
    EXPECT_EQ(problem(room({{"streams", streams}})), "Missing mandatory element (mid)");
    auto tags = Json::array();
    tags.push(1);
    EXPECT_EQ(problem(room({{"tags", tags}})), "Invalid element type (tags should be an array, each element a string)");
}

}  // namespace
}  // namespace cardea
