#include "modules/json_documents.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cardea {
namespace {

TEST(JsonDocuments, SeveralMayStandInARow) {
    const auto documents = parse_documents(R"({"a":1} {"b":2}
        {"c":3})", 64, 100);
    ASSERT_EQ(documents.list.size(), 3U);
    EXPECT_EQ(documents.list[2]["c"].integer(), 3);
    EXPECT_EQ(documents.problem, "");
}

TEST(JsonDocuments, WhatCameBeforeAMistakeCounts) {
    const auto documents = parse_documents(R"({"a":1}{"b":)", 64, 100);
    EXPECT_EQ(documents.list.size(), 1U);
    EXPECT_NE(documents.problem, "");
}

TEST(JsonDocuments, NothingIsAMistake) {
    EXPECT_NE(parse_documents("", 64, 100).problem, "");
    EXPECT_NE(parse_documents("   ", 64, 100).problem, "");
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonDocuments, TheDepthIsLimited) {
    EXPECT_EQ(parse_documents(nested(64), 64, 100).problem, "");
    EXPECT_NE(parse_documents(nested(65), 64, 100).problem, "");
    EXPECT_TRUE(is_nested_deeper(nested(100'000), 64));
}

TEST(JsonDocuments, SoIsTheirNumber) {
    EXPECT_EQ(parse_documents("1 2 3", 64, 3).problem, "");
    const auto documents = parse_documents("1 2 3 4 5", 64, 3);
    EXPECT_EQ(documents.list.size(), 3U);
    EXPECT_EQ(documents.problem, "more than 3 documents in one message");
}

// Cut anywhere, a request is refused: never taken for a shorter one, never read past its end.
TEST(JsonDocuments, EveryTruncationOfARequestIsAMistake) {
    constexpr std::string_view kRequest =
        R"({"janus":"message","session_id":1234567890123,"handle_id":98765,"transaction":"a\u00e9\"b","body":{"request":"join","room":1234,"x":[1.5e3,true,null,"\ud83d\ude00"]},"jsep":{"type":"offer","sdp":"v=0\r\n"}})";
    ASSERT_EQ(parse_documents(kRequest, 64, 100).problem, "");
    for (std::size_t size = 0; size < kRequest.size(); ++size) {
        // A buffer of its own size: the sanitizer sees a byte read too much.
        const std::vector<char> cut{kRequest.begin(), kRequest.begin() + static_cast<std::ptrdiff_t>(size)};
        const auto documents = parse_documents({cut.data(), cut.size()}, 64, 100);
        EXPECT_NE(documents.problem, "") << size;
        EXPECT_TRUE(documents.list.empty()) << size;
    }
}

TEST(JsonDocuments, WhateverIsTakenOfABrokenTextIsJson) {
    constexpr std::string_view kRequest = R"({"janus":"attach","plugin":"x","n":[1,-2,3.0]} {"a":"\u0041"})";
    for (std::size_t at = 0; at < kRequest.size(); ++at)
        for (unsigned byte = 0; byte < 256; ++byte) {
            std::string text{kRequest};
            text[at] = static_cast<char>(byte);
            const auto documents = parse_documents(text, 4, 4);
            EXPECT_FALSE(documents.list.empty() && documents.problem.empty()) << text;
            for (const auto& document : documents.list) EXPECT_EQ(Json::parse(document.dump()), document) << text;
        }
}

TEST(JsonDocuments, BracketsInStringsDoNotCount) {
    EXPECT_FALSE(is_nested_deeper("\"" + std::string(1000, '[') + "\"", 4));
    EXPECT_FALSE(is_nested_deeper(R"(["\"[[[[[["])", 2));
}

}  // namespace
}  // namespace cardea
