// What the loader refuses, with which words, and that it takes what is good.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "config/config.hpp"
#include "modules/loader.hpp"

namespace cardea {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

class LoaderTest : public testing::Test {
  protected:
    static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }
    Loader loader(Duration timeout = 20s) {
        LoaderOptions options{CARDEA_TEST_MODULES, std::filesystem::path{testing::TempDir()} / "cardea-staging", CARDEA_TRIAL, timeout, {}};
        return {std::move(options), [this](const std::string& name, const cardea_params& table) { return config->validate_section(name, table); }};
    }
    std::string refusal(const std::string& name, Duration timeout = 20s) {
        const auto module = loader(timeout).prepare(name);
        return module ? "" : module.error().detail;
    }
    Result<config::ConfigTree> config = config::load_text("modules: { enable = [\"probe\"]; }; probe: { level = 7; };", {});
};

TEST_F(LoaderTest, RefusesAMissingFile) { EXPECT_THAT(refusal("absent"), HasSubstr("no such file")); }
TEST_F(LoaderTest, RefusesASharedObjectThatIsNoModule) { EXPECT_EQ(refusal("no_symbol"), "exports no cardea_module"); }
TEST_F(LoaderTest, RefusesAnotherAbiMajor) { EXPECT_EQ(refusal("other_major"), "was built for ABI 2, this host has ABI 1"); }
TEST_F(LoaderTest, RefusesAPluginThatThrowsInCreate) { EXPECT_EQ(refusal("throws"), "create fails with status -4"); }
TEST_F(LoaderTest, RefusesAPluginThatCrashesInCreate) {
    EXPECT_THAT(refusal("crashes"), AnyOf("crashes in its trial: Aborted", HasSubstr("ends its trial process")));
}
TEST_F(LoaderTest, RefusesAPluginThatHangsInCreate) { EXPECT_EQ(refusal("hangs", 500ms), "does not finish its trial"); }
TEST_F(LoaderTest, RefusesAPluginOfAnotherName) { EXPECT_EQ(refusal("nameless"), "calls itself somebody"); }

TEST_F(LoaderTest, TakesAGoodOneWithItsConfigurationAndDefaults) {
    const auto module = loader().prepare("probe");
    ASSERT_TRUE(module) << module.error().detail;
    EXPECT_EQ(module->config["level"].integer(), 7);
    EXPECT_EQ(module->config["greeting"].text(), "hello");
    EXPECT_EQ(identity_of(module->file->descriptor()).package, "test.plugin.probe");
}

TEST_F(LoaderTest, ChecksAConfigurationWithoutLoading) {
    EXPECT_TRUE(loader().check("probe"));
    config = config::load_text("modules: { enable = [\"probe\"]; }; probe: { level = 10; };", {});
    const auto checked = loader().check("probe");
    ASSERT_FALSE(checked);
    EXPECT_THAT(checked.error().detail, HasSubstr("level"));
}

TEST_F(LoaderTest, NeverOpensTheSameStagedFileTwice) {
    const auto first = loader().prepare("probe");
    const auto second = loader().prepare("probe");
    ASSERT_TRUE(first && second);
    EXPECT_NE(first->file->path(), second->file->path());
    EXPECT_NE(&first->file->descriptor(), &second->file->descriptor());
}

}  // namespace
}  // namespace cardea
