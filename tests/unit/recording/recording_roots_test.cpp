// Nothing is written outside of the roots, whatever a client names.
#include "recording/recording_roots.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "unit/recording/temp_folder.hpp"

namespace cardea {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct RecordingRootsTest : testing::Test {
    test::TempFolder all;
    std::string root = all / "root";
    std::string outside = all / "outside";

    RecordingRootsTest() {
        fs::create_directories(root);
        fs::create_directories(outside);
    }
    // The path that was made, or "refused: why".
    std::string create(const std::string& folder, const std::string& name) {
        const RecordingRoots roots{{root}};
        auto file = roots.create({folder, name, "", ".mkv"});
        return file ? file->path() : "refused: " + file.error().detail;
    }
    bool is_refused(const std::string& folder, const std::string& name) { return create(folder, name).starts_with("refused: "); }
};

TEST_F(RecordingRootsTest, NamesAreRelativeToTheFolderOrTheFirstRoot) {
    EXPECT_EQ(create("", "call"), root + "/call.mkv");
    EXPECT_EQ(create("room", "call"), root + "/room/call.mkv");
    EXPECT_EQ(create(root + "/deep/er", "a/b"), root + "/deep/er/a/b.mkv");
    EXPECT_EQ(create("ignored", root + "/absolute"), root + "/absolute.mkv");
    EXPECT_TRUE(fs::is_regular_file(root + "/deep/er/a/b.mkv"));
    EXPECT_FALSE(fs::exists(root + "/ignored"));
}

TEST_F(RecordingRootsTest, ANameThatIsTakenGetsANumber) {
    EXPECT_EQ(create("", "call"), root + "/call.mkv");
    EXPECT_EQ(create("", "call"), root + "/call-2.mkv");
    EXPECT_EQ(create("", "call"), root + "/call-3.mkv");
}

TEST_F(RecordingRootsTest, NothingLeavesTheRoots) {
    for (const auto* name : {"../escaped", "a/../../escaped", "..", "a/..", "", "/", "dir/"}) EXPECT_TRUE(is_refused("", name)) << name;
    EXPECT_TRUE(is_refused("../outside", "x"));
    EXPECT_TRUE(is_refused(outside, "x"));
    EXPECT_TRUE(is_refused("", outside + "/x"));
    EXPECT_TRUE(is_refused("", root + "/../outside/x"));
    EXPECT_TRUE(is_refused(root + "-evil", "x"));  // begins like the root, but is another folder
    EXPECT_TRUE(is_refused("/etc", "x"));
    EXPECT_TRUE(is_refused("", std::string{"a\nb"}));
    EXPECT_TRUE(is_refused("", std::string{"a\0b", 3}));
    EXPECT_TRUE(is_refused("", std::string(300, 'x')));
    EXPECT_TRUE(fs::is_empty(outside));
    EXPECT_FALSE(fs::exists(all / "escaped.mkv"));
}

TEST_F(RecordingRootsTest, LinksBelowARootAreNotFollowed) {
    fs::create_directory_symlink(outside, root + "/link");
    EXPECT_TRUE(is_refused("link", "x"));
    EXPECT_TRUE(is_refused(root + "/link", "x"));
    EXPECT_TRUE(fs::is_empty(outside));
    // A link in the place of the file: another name is taken, its target stays as it is.
    fs::create_symlink(outside + "/target", root + "/call.mkv");
    EXPECT_EQ(create("", "call"), root + "/call-2.mkv");
    EXPECT_FALSE(fs::exists(outside + "/target"));
}

TEST_F(RecordingRootsTest, FifosAndFilesInThePlaceOfFoldersAreRefused) {
    ASSERT_EQ(mkfifo((root + "/call.mkv").c_str(), 0600), 0);
    EXPECT_EQ(create("", "call"), root + "/call-2.mkv");
    EXPECT_TRUE(is_refused("call.mkv", "x"));
    EXPECT_TRUE(is_refused("call-2.mkv", "x"));
}

TEST_F(RecordingRootsTest, ARootMayBeALinkItself) {
    fs::create_directory_symlink(root, all / "alias");
    const RecordingRoots roots{{all / "alias"}};
    EXPECT_TRUE(roots.create({all / "alias", "a", "", ".mkv"}));
    EXPECT_TRUE(roots.create({root, "b", "", ".mkv"}));  // by its real name
    EXPECT_TRUE(fs::exists(root + "/a.mkv"));
}

TEST_F(RecordingRootsTest, WithoutRootsNothingIsWritten) {
    const RecordingRoots roots{{}};
    const auto file = roots.create({"", "x", "", ".mkv"});
    ASSERT_FALSE(file);
    EXPECT_THAT(file.error().detail, HasSubstr("recording.roots"));
}

TEST_F(RecordingRootsTest, OthersMayNotReadIt) {
    const auto path = create("sub", "call");
    EXPECT_EQ(static_cast<int>(fs::status(path).permissions()) & 07, 0);
    EXPECT_EQ(static_cast<int>(fs::status(root + "/sub").permissions()) & 07, 0);
}

}  // namespace
}  // namespace cardea
