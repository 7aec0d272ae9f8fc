#include "app/cli.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cardea::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::variant<CommandLine, Exit> parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "cardea");
    return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

TEST(CommandLine, IsEmptyByDefault) {
    const auto line = std::get<CommandLine>(parse({}));
    EXPECT_TRUE(line.configuration.file.empty());
    EXPECT_TRUE(line.configuration.overrides.empty());
    EXPECT_FALSE(line.check_config);
}

TEST(CommandLine, KeepsTheOrderOfSets) {
    const auto line =
        std::get<CommandLine>(parse({"--set", "a.b=1", "--config", "x.cfg", "--set", R"(c=["d","e"])", "--check-config", "--set=a.b=2"}));
    EXPECT_EQ(line.configuration.file, "x.cfg");
    EXPECT_THAT(line.configuration.overrides, ElementsAre("a.b=1", R"(c=["d","e"])", "a.b=2"));
    EXPECT_TRUE(line.check_config);
}

TEST(CommandLine, HelpAndVersionEndWell) {
    const auto help = std::get<Exit>(parse({"--help"}));
    EXPECT_EQ(help.code, 0);
    for (const auto* option : {"--config FILE", "--set path.to.key=value", "--check-config", "--version", "--help"})
        EXPECT_THAT(help.text, HasSubstr(option));
    const auto version_line = std::get<Exit>(parse({"--version"}));
    EXPECT_EQ(version_line.code, 0);
    EXPECT_EQ(version_line.text, "cardea " + std::string{version()} + "\n");
}

TEST(CommandLine, MistakesEndBadly) {
    EXPECT_EQ(std::get<Exit>(parse({"--confg", "x"})).code, 2);
    EXPECT_THAT(std::get<Exit>(parse({"--confg", "x"})).text, HasSubstr("--confg"));
    EXPECT_EQ(std::get<Exit>(parse({"--set"})).code, 2);
    EXPECT_EQ(std::get<Exit>(parse({"--config", ""})).code, 2);
    EXPECT_EQ(std::get<Exit>(parse({"stray"})).code, 2);
    EXPECT_EQ(std::get<Exit>(parse({"--set", "a=1", "b=2"})).code, 2);
}

}  // namespace
}  // namespace cardea::app
