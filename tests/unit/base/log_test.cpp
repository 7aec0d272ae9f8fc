#include "base/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <jansson.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "cardea/json.hpp"

namespace cardea {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

class LogTest : public testing::Test {
  protected:
    ~LogTest() override {
        log::configure({});
        std::filesystem::remove(file_);
    }
    void write_to_file(log::Level level, bool json) { log::configure({level, file_, json}); }
    [[nodiscard]] std::vector<std::string> lines() const {
        log::flush();
        std::ifstream in{file_};
        std::vector<std::string> out;
        for (std::string line; std::getline(in, line);) out.push_back(line);
        return out;
    }

  private:
    std::string file_ = testing::TempDir() + "cardea-log-test." + std::to_string(getpid());
};

TEST_F(LogTest, WritesAnEventAndItsFields) {
    write_to_file(log::Level::info, false);
    log::info("subscriber joined", log::kv("room", 1234), log::kv("name", "Ada L."), log::kv("on", true), log::kv("id", SessionId{7}));
    ASSERT_EQ(lines().size(), 1U);
    EXPECT_THAT(lines()[0], EndsWith(" I subscriber joined room=1234 name=\"Ada L.\" on=true id=7"));
}

TEST_F(LogTest, HasALevelThatMayChange) {
    write_to_file(log::Level::warn, false);
    log::info("quiet");
    EXPECT_FALSE(log::enabled(log::Level::info));
    log::set_level(log::Level::debug);
    log::debug("loud");
    ASSERT_EQ(lines().size(), 1U);
    EXPECT_THAT(lines()[0], HasSubstr("loud"));
}

// Whoever chooses a name must not be able to write a line of its own.
TEST_F(LogTest, AValueForgesNoLine) {
    write_to_file(log::Level::info, false);
    log::info("joined", log::kv("name", "x\n2026-01-01T00:00:00.000Z E forged\x1b[31m"));
    ASSERT_EQ(lines().size(), 1U);
    EXPECT_THAT(lines()[0], HasSubstr("\\u000a"));
    EXPECT_THAT(lines()[0], HasSubstr("\\u001b"));
}

TEST_F(LogTest, AsJsonEveryLineIsAnObjectWhateverItsValues) {
    write_to_file(log::Level::info, true);
    log::info("joined", log::kv("name", "a\"b\\c\n\t{}"), log::kv("empty", ""));
    log::warn("left");
    const auto all = lines();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(Json::parse(all[0])["name"].text(), "a\"b\\c\n\t{}");
    EXPECT_EQ(Json::parse(all[1])["event"].text(), "left");
}

TEST_F(LogTest, AnyThreadMayWrite) {
    write_to_file(log::Level::info, true);
    constexpr std::size_t kLines = 500;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([] {
            for (std::size_t i = 0; i < kLines; ++i) log::info("tick", log::kv("i", i));
        });
    for (auto& thread : threads) thread.join();
    const auto all = lines();
    EXPECT_EQ(all.size(), 4 * kLines);
    for (const auto& line : all) ASSERT_TRUE(Json::parse(line).is_object()) << line;
}

}  // namespace
}  // namespace cardea
