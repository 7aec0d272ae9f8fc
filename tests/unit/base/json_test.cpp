#include "cardea/json.hpp"

#include <gtest/gtest.h>

namespace cardea {
namespace {

TEST(Json, WritesWhatItRead) {
    constexpr std::string_view kText = R"({"a":[1,-2.5,true,null,"caf\u00e9"],"b":{}})";
    const auto json = Json::parse(kText);
    EXPECT_EQ(Json::parse(json.dump()), json);
    EXPECT_EQ(json["a"].at(4).text(), "caf\xc3\xa9");
}

// A parser quotes what it stumbled over, a header says what its sender likes: the answer has to be JSON all the same.
TEST(Json, TextThatIsNotUtf8CanStillBeWritten) {
    for (const std::string_view text : {"near '\xd8\xcd'", "\xff", "cut \xc3", "\xed\xa0\x80", "\xc0\x80"}) {
        const Json json{{"reason", text}, {"code", 454}};
        const auto read = Json::parse(json.dump());
        ASSERT_TRUE(read.is_object()) << text;
        EXPECT_EQ(read["code"].integer(), 454);
        EXPECT_EQ(read["reason"].text().size(), text.size());
    }
    EXPECT_EQ(Json{"caf\xc3\xa9"}.text(), "caf\xc3\xa9") << "what is UTF-8 stays as it is";
    EXPECT_EQ(Json{std::string{}}.dump(), "\"\"");
}

}  // namespace
}  // namespace cardea
