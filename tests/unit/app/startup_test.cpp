#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "app/paths.hpp"
#include "app/signals.hpp"
#include "app/startup_banner.hpp"
#include "unit/config/files.hpp"

namespace cardea::app {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<SocketAddress> addresses(std::initializer_list<const char*> list) {
    std::vector<SocketAddress> out;
    for (const auto* one : list) out.push_back(*SocketAddress::parse(one, 0));
    return out;
}

TEST(StartupBanner, GivesHttpHereAndHttpsElsewhere) {
    const auto text =
        startup_banner({.addresses = addresses({"192.0.2.1", "2001:db8::1"}), .http_port = 8088, .https_port = 8089, .announces = false});
    EXPECT_THAT(text, HasSubstr("http://localhost:8088/\n"));
    EXPECT_THAT(text, HasSubstr("https://192.0.2.1:8089/\n"));
    EXPECT_THAT(text, HasSubstr("https://[2001:db8::1]:8089/\n"));
    EXPECT_THAT(text, HasSubstr("no camera"));
    EXPECT_THAT(text, Not(HasSubstr("http://192.0.2.1")));
}

TEST(StartupBanner, SaysNothingAboutListenersThatAreOff) {
    EXPECT_EQ(startup_banner({.addresses = addresses({"192.0.2.1"}), .http_port = {}, .https_port = {}, .announces = false}), "");
}

TEST(StartupBanner, WarnsOnlyBehindANatWithoutAnnounce) {
    const auto warning =
        reachability_warning({.addresses = addresses({"10.0.0.5", "fd00::5"}), .http_port = {}, .https_port = {}, .announces = false});
    ASSERT_TRUE(warning);
    EXPECT_THAT(*warning, HasSubstr("media.announce=[{\"local\":\"10.0.0.5\""));
    EXPECT_FALSE(reachability_warning({.addresses = addresses({"10.0.0.5"}), .http_port = {}, .https_port = {}, .announces = true}));
    EXPECT_FALSE(
        reachability_warning({.addresses = addresses({"10.0.0.5", "192.0.2.1"}), .http_port = {}, .https_port = {}, .announces = false}));
}

TEST(SignalFd, DeliversSignalsAsEvents) {
    SignalFd signals;
    EXPECT_EQ(signals.next(), std::nullopt);
    kill(getpid(), SIGHUP);
    EXPECT_EQ(signals.next(), SIGHUP);
    kill(getpid(), SIGTERM);
    EXPECT_EQ(signals.next(), SIGTERM);
    EXPECT_EQ(signals.next(), std::nullopt);
}

TEST(Paths, MakesThePrivateFolders) {
    const test::TemporaryFolder folder;
    config::CoreOptions options;
    options.state_dir = folder.path("state/deep");
    const auto paths = resolve_paths(options);
    ASSERT_TRUE(paths) << paths.error().detail;
    EXPECT_EQ(paths->staging, std::filesystem::path{folder.path("state/deep/staging")});
    EXPECT_EQ(std::filesystem::status(paths->state).permissions(), std::filesystem::perms::owner_all);
    EXPECT_EQ(std::filesystem::status(paths->staging).permissions(), std::filesystem::perms::owner_all);
}

TEST(Paths, ErrorNamesTheKey) {
    config::CoreOptions options;
    options.state_dir = "/proc/none";
    const auto paths = resolve_paths(options);
    ASSERT_FALSE(paths);
    EXPECT_THAT(paths.error().detail, HasSubstr("(set state_dir)"));
}

TEST(Paths, FirstFolderOfSystemdCounts) {
    setenv("STATE_DIRECTORY", "/var/lib/private/cardea:/other", 1);
    EXPECT_EQ(default_state_folder(), "/var/lib/private/cardea");
    unsetenv("STATE_DIRECTORY");
}

}  // namespace
}  // namespace cardea::app
