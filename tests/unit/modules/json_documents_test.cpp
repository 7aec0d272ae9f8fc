#include "modules/json_documents.hpp"

#include <gtest/gtest.h>

namespace cardea {
namespace {

TEST(JsonDocuments, SeveralMayStandInARow) {
    const auto documents = parse_documents(R"({"a":1} {"b":2}
        {"c":3})", 64);
    ASSERT_EQ(documents.list.size(), 3U);
    EXPECT_EQ(documents.list[2]["c"].integer(), 3);
    EXPECT_EQ(documents.problem, "");
}

TEST(JsonDocuments, WhatCameBeforeAMistakeCounts) {
    const auto documents = parse_documents(R"({"a":1}{"b":)", 64);
    EXPECT_EQ(documents.list.size(), 1U);
    EXPECT_NE(documents.problem, "");
}

TEST(JsonDocuments, NothingIsAMistake) {
    EXPECT_NE(parse_documents("", 64).problem, "");
    EXPECT_NE(parse_documents("   ", 64).problem, "");
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonDocuments, TheDepthIsLimited) {
    EXPECT_EQ(parse_documents(nested(64), 64).problem, "");
    EXPECT_NE(parse_documents(nested(65), 64).problem, "");
    EXPECT_TRUE(is_nested_deeper(nested(100'000), 64));
}

TEST(JsonDocuments, BracketsInStringsDoNotCount) {
    EXPECT_FALSE(is_nested_deeper("\"" + std::string(1000, '[') + "\"", 4));
    EXPECT_FALSE(is_nested_deeper(R"(["\"[[[[[["])", 2));
}

}  // namespace
}  // namespace cardea
