// What conf/<module>.cfg shows, held against the option table in the module's .so: an admin finds every option there, finds
// nothing else, and the values shown are the defaults.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/validate.hpp"
#include "modules/module_file.hpp"

namespace cardea {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> built_modules() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator{CARDEA_MODULE_DIR})
        if (entry.path().extension() == ".so") names.push_back(entry.path().stem());
    return names;
}

std::string whole(const fs::path& file) {
    std::ifstream in{file};
    return {std::istreambuf_iterator<char>{in}, {}};
}

std::set<std::string> matches(const std::string& text, const char* pattern) {
    const std::regex expression{pattern, std::regex::ECMAScript | std::regex::multiline};
    std::set<std::string> found;
    for (std::sregex_iterator i{text.begin(), text.end(), expression}, end; i != end; ++i) found.insert((*i)[1]);
    return found;
}

// Names of the table and of the objects in it.
std::set<std::string> names_of(const config::ParamTable& table) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < table.size(); ++i) {
        const auto option = table.at(i);
        names.insert(option.name);
        names.merge(names_of(table.fields_of(option)));
    }
    return names;
}

class Configuration : public testing::TestWithParam<std::string> {
  protected:
    void SetUp() override {
        auto opened = ModuleFile::open(fs::path{CARDEA_MODULE_DIR} / (GetParam() + ".so"));
        ASSERT_TRUE(opened) << opened.error().detail;
        module = std::move(*opened);
        text = whole(file);
        ASSERT_NE(text, "") << file << " is missing";
    }
    [[nodiscard]] Json section(const std::string& folder) const {
        const auto tree = config::load_text("modules: { enable = [ \"" + GetParam() + "\" ]; config_dir = \"" + folder + "\"; };\n", {});
        EXPECT_TRUE(tree) << tree.error().detail;
        auto checked = tree->validate_section(GetParam(), module->descriptor().options);
        EXPECT_TRUE(checked) << checked.error().detail;
        return checked.value_or(Json{});
    }
    const fs::path file = fs::path{CARDEA_CONF_DIR} / (GetParam() + ".cfg");
    std::unique_ptr<ModuleFile> module;
    std::string text;
};

TEST_P(Configuration, ItsFileNamesEveryOptionAndNothingElse) {
    const auto options = names_of(config::ParamTable{module->descriptor().options});
    EXPECT_THAT(matches(text, R"(\b([a-z][a-z0-9_]*)\b)"), testing::IsSupersetOf(options));
    EXPECT_THAT(options, testing::IsSupersetOf(matches(text, R"(\b([a-z][a-z0-9_]*) = )")));
}

TEST_P(Configuration, ItsFileShowsTheDefaults) {
    EXPECT_EQ(section(CARDEA_CONF_DIR).dump(JSON_SORT_KEYS), section("").dump(JSON_SORT_KEYS));
}

INSTANTIATE_TEST_SUITE_P(BuiltModules, Configuration, testing::ValuesIn(built_modules()), [](const auto& test) { return test.param; });

}  // namespace
}  // namespace cardea
