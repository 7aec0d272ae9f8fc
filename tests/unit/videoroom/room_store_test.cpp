// The file of the permanent rooms.
#include "videoroom/room_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace cardea::videoroom {
namespace {

namespace fs = std::filesystem;

struct RoomStoreTest : testing::Test {
    // Of its own: the tests of a suite run side by side.
    fs::path root = made();
    fs::path folder = root / "videoroom";  // the store makes it
    const ApiId number{std::uint64_t{7}};
    const ApiId text{std::string{"lobby"}};
    ~RoomStoreTest() override { fs::remove_all(root); }
    static fs::path made() {
        auto pattern = (fs::temp_directory_path() / "cardea-room-store-XXXXXX").string();
        return mkdtemp(pattern.data());
    }
    RoomStore opened() {
        RoomStore store{folder.string()};
        EXPECT_FALSE(store.load());
        return store;
    }
};

TEST_F(RoomStoreTest, KeepsRoomsOverARestart) {
    {
        auto store = opened();
        EXPECT_TRUE(store.put(number, {{"room", 7}, {"pin", "x"}}));
        EXPECT_TRUE(store.put(text, {{"room", "lobby"}}));
        EXPECT_TRUE(store.put(number, {{"room", 7}, {"pin", "y"}}));
    }
    const auto again = opened();
    ASSERT_EQ(again.rooms().size(), 2U);
    EXPECT_EQ(again.rooms().at(number)["pin"].text(), "y");
}

TEST_F(RoomStoreTest, RemembersThatARoomOfTheConfigurationIsGone) {
    {
        auto store = opened();
        EXPECT_TRUE(store.put(text, {{"room", "lobby"}}));
        EXPECT_TRUE(store.remove(text, false));
        EXPECT_TRUE(store.remove(number, true));
    }
    EXPECT_TRUE(opened().rooms().empty());
    EXPECT_THAT(opened().removed(), testing::ElementsAre(number));
    auto store = opened();
    EXPECT_TRUE(store.put(number, {{"room", 7}}));
    EXPECT_TRUE(opened().removed().empty()) << "made again";
}

TEST_F(RoomStoreTest, IsReadByItsOwnerOnly) {
    EXPECT_TRUE(opened().put(number, {{"room", 7}, {"secret", "x"}}));
    struct stat about {};
    ASSERT_EQ(stat((folder / "rooms.json").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U);
    ASSERT_EQ(stat(folder.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0700U);
}

TEST_F(RoomStoreTest, NeverWritesOverAFileItDoesNotUnderstand) {
    fs::create_directories(folder);
    std::ofstream{folder / "rooms.json"} << "{\"rooms\": [ half a";
    RoomStore store{folder.string()};
    EXPECT_TRUE(store.load());
    EXPECT_FALSE(store.put(number, {{"room", 7}}));
    std::ifstream in{folder / "rooms.json"};
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>{in}, {}), "{\"rooms\": [ half a");
}

TEST_F(RoomStoreTest, KeepsNothingWithoutAFolder) {
    RoomStore store{""};
    EXPECT_FALSE(store.load());
    EXPECT_FALSE(store.put(number, {{"room", 7}}));
}

}  // namespace
}  // namespace cardea::videoroom
