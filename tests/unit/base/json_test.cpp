#include "cardea/json.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

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

std::string by_jansson(const Json& json) {
    char* const text = json_dumps(json.raw(), JSON_COMPACT | JSON_ENCODE_ANY);
    if (text == nullptr) return {};
    std::string copy{text};
    free(text);
    return copy;
}

TEST(Json, WritesAsJanssonDoes) {
    std::string octets;
    for (int c = 1; c < 0x80; ++c) octets += static_cast<char>(c);
    const Json nested{{octets.c_str(), Json::parse(R"([[],{},[{"a":[]}],"",{"":null}])")}};
    for (const Json& json : {Json{octets},
                             Json{std::string_view{"a\0b", 3}},
                             Json{"caf\xc3\xa9 \xf0\x9f\x98\x80 \xe2\x80\xa8"},
                             Json{0},
                             Json{INT64_MIN},
                             Json{INT64_MAX},
                             Json{true},
                             Json{false},
                             Json::null(),
                             Json{0.0},
                             Json{-0.0},
                             Json{1e300},
                             Json{0.1},
                             Json{-1.5e-300},
                             Json{3.0},
                             Json{1e17},
                             Json::object(),
                             Json::array(),
                             nested,
                             Json::parse(R"({"z":1,"a":{"z":[1,2.5,"x\/y"]},"z":2})")})
        EXPECT_EQ(json.dump(), by_jansson(json));
}

TEST(Json, WritesWhatIsNestedAsDeepAsCanBeRead) {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += i % 2 == 0 ? "[" : "{\"a\":";
    text += "1";
    for (int i = 2000; i-- > 0;) text += i % 2 == 0 ? "]" : "}";
    EXPECT_EQ(Json::parse(text).dump(), text);
}

// What the reader of plain JSON takes; and that it does not stop short of what messages are made of.
TEST(JsonReader, ReadsMessagesAsJanssonDoes) {
    for (const std::string_view text :
         {R"({})", R"([])", R"( {"a" : [ 1 , -2, 0 ] , "b":{"c":true,"d":false,"e":null}} )", R"({"a":1,"b":2,"a":3})",
          R"({"sdp":"v=0\r\n","path":"a\/b\\\"\t\b\f"})", R"({"k\n":"v"})", "{\"name\":\"caf\xc3\xa9\"}",
          R"({"id":999999999999999999,"low":-999999999999999999})", R"([-0])", R"({"":""})", "[\"\x7f\"]"}) {
        auto read = detail::JsonReader::only_of(text);
        ASSERT_NE(read, nullptr) << text;
        json_error_t error;
        const auto expected = Json::adopt(json_loadb(text.data(), text.size(), 0, &error));
        EXPECT_EQ(Json::adopt(read.release()).dump(), expected.dump()) << text;
    }
}

TEST(JsonReader, LeavesTheRestToJansson) {
    for (const std::string_view text : {"",           " ",
                                        "1",          "\"a\"",
                                        "true",       "{",
                                        "[1",         "[1,]",
                                        "[,1]",       "{\"a\"}",
                                        "{\"a\":}",   "{\"a\":1,}",
                                        "{a:1}",      "[1.5]",
                                        "[1e3]",      "[01]",
                                        "[-]",        "[1000000000000000000]",
                                        "[tru]",      "[\"\\u0041\"]",
                                        "[\"\\x\"]",  "[\"\n\"]",
                                        "[\"\xc3\"]", "{\"\xc3\xa9\":1}",
                                        "[1] 2",      "[1]]",
                                        "[\"a"})
        EXPECT_EQ(detail::JsonReader::only_of(text), nullptr) << text;
    EXPECT_EQ(Json::parse("[1.5,1000000000000000000]").dump(), "[1.5,1000000000000000000]");
    EXPECT_FALSE(Json::parse("[1] 2"));
    EXPECT_FALSE(Json::parse("[01]"));
}

TEST(JsonReader, NeitherLevelsNorCutsHurtIt) {
    for (const std::size_t levels : {64U, 65U}) {
        const auto text = std::string(levels, '[') + std::string(levels, ']');
        EXPECT_EQ(detail::JsonReader::only_of(text) != nullptr, levels <= 64);
        EXPECT_EQ(Json::parse(text).dump(), text);
    }
    const std::string text = R"({"a":[1,{"b":"c\n"},true,false,null],"d":{"e":-12}})";
    for (std::size_t size = 0; size < text.size(); ++size) {
        const std::vector<char> cut(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));  // an allocation of just this size
        EXPECT_EQ(detail::JsonReader::only_of({cut.data(), cut.size()}), nullptr) << size;
    }
    EXPECT_EQ(detail::JsonReader::first_of(" {\"a\":1} [2]").size, 8U);
}

TEST(Json, ARingHasNoText) {
    auto one = Json::object(), other = Json::array();
    one.set("other", other);
    other.push(one);
    EXPECT_EQ(one.dump(), "");
    one.erase("other");
}

}  // namespace
}  // namespace cardea
