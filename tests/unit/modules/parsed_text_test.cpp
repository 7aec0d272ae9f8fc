#include "modules/parsed_text.hpp"

#include <gtest/gtest.h>

namespace cardea {
namespace {

TEST(ParsedText, TakesTheSameTextApartOnce) {
    ParsedText last;
    const std::string text = R"({"a":1})";
    auto* const first = last.of(text).raw();
    EXPECT_EQ(last.of(std::string{text}).raw(), first) << "wherever it stands";
    EXPECT_EQ(last.of(R"({"a":2})")["a"].integer(), 2);
    EXPECT_EQ(last.of(text)["a"].integer(), 1);
}

TEST(ParsedText, WhatIsNoJsonIsAbsentAndNothingOfItStays) {
    ParsedText last;
    EXPECT_TRUE(last.of(R"({"a":1})"));
    for (const auto* text : {"{", "", "{"}) EXPECT_FALSE(last.of(text)) << text;
    EXPECT_TRUE(last.of(R"({"a":1})"));
}

TEST(ParsedText, DoesNotMistakeNothingForALongTextThatItDidNotKeep) {
    ParsedText last;
    const auto text = Json{{"a", std::string(100'000, 'x')}}.dump();
    EXPECT_EQ(last.of(text)["a"].text().size(), 100'000U);
    EXPECT_FALSE(last.of(""));
    EXPECT_TRUE(last.of(text).is_object());
}

}  // namespace
}  // namespace cardea
