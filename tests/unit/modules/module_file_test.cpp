#include "modules/module_file.hpp"

#include <gtest/gtest.h>

#include "cardea/params.hpp"
#include "modules/option_table.hpp"

namespace cardea {
namespace {

struct DescriptorTest : testing::Test {
    DescriptorTest() {
        api.struct_size = sizeof(api);
        api.create = [](const cardea_plugin_host*, cardea_slice, void**) -> cardea_status { return CARDEA_OK; };
        api.start = [](void*) -> cardea_status { return CARDEA_OK; };
        api.destroy = [](void*) {};
        api.attach = [](void*, cardea_handle_id) -> cardea_status { return CARDEA_OK; };
        api.detach = [](void*, cardea_handle_id) {};
        api.on_request = [](void*, const cardea_request*, const cardea_out*) -> cardea_status { return CARDEA_OK; };
        info.struct_size = sizeof(info);
        info.api = &api;
        descriptor.magic = CARDEA_ABI_MAGIC;
        descriptor.abi_major = CARDEA_ABI_MAJOR;
        descriptor.struct_size = sizeof(descriptor);
        descriptor.kind = CARDEA_KIND_PLUGIN;
        descriptor.name = "x";
        descriptor.package = "test.x";
        descriptor.plugin = &info;
    }
    cardea_plugin_api api{};
    cardea_plugin_info info{};
    cardea_module_descriptor descriptor{};
};

TEST_F(DescriptorTest, AGoodOneHasNoProblem) { EXPECT_EQ(descriptor_problem(descriptor), ""); }

TEST_F(DescriptorTest, AnotherMagicIsNoModule) {
    descriptor.magic = 0;
    EXPECT_NE(descriptor_problem(descriptor), "");
}
TEST_F(DescriptorTest, AnotherMajorAndANewerMinorAreRefused) {
    descriptor.abi_major = CARDEA_ABI_MAJOR + 1;
    EXPECT_EQ(descriptor_problem(descriptor), "was built for ABI 2, this host has ABI 1");
    descriptor.abi_major = CARDEA_ABI_MAJOR;
    descriptor.abi_minor = CARDEA_ABI_MINOR + 1;
    EXPECT_NE(descriptor_problem(descriptor), "");
}
TEST_F(DescriptorTest, AShortDescriptorIsRefused) {
    descriptor.struct_size = 8;
    EXPECT_EQ(descriptor_problem(descriptor), "has a descriptor that is too short");
}
TEST_F(DescriptorTest, ATableWithoutItsFunctionsIsRefused) {
    api.on_request = nullptr;
    EXPECT_EQ(descriptor_problem(descriptor), "lacks functions in its plugin table");
    descriptor.plugin = nullptr;
    EXPECT_EQ(descriptor_problem(descriptor), "has no plugin table");
    descriptor.kind = CARDEA_KIND_TRANSPORT;
    EXPECT_EQ(descriptor_problem(descriptor), "has no transport table");
    descriptor.kind = 99;
    EXPECT_EQ(descriptor_problem(descriptor), "is of an unknown kind");
}
TEST_F(DescriptorTest, AShortTableOfAnOlderPluginIsTaken) {
    api.struct_size = offsetof(cardea_plugin_api, on_event);
    EXPECT_EQ(descriptor_problem(descriptor), "");
}

constexpr const char* kColours[] = {"red", "blue", nullptr};
constexpr cardea_param kInner[] = {sdk::string("name").required()};
constexpr cardea_param kOptions[] = {sdk::integer("port").range(-1, 65535).fallback("8188").help("a port"),
                                     sdk::string("colour").one_of(kColours), sdk::array("rooms").of(kInner)};

TEST(OptionTable, SurvivesTheWayThroughJson) {
    const auto json = option_table_json(sdk::table(kOptions));
    const OptionTable copy{Json::parse(json.dump())};
    EXPECT_EQ(option_table_json(copy.params()), json);
    ASSERT_EQ(copy.params().count, 3U);
    EXPECT_EQ(copy.params().list[0].maximum, 65535);
    EXPECT_STREQ(copy.params().list[1].values[1], "blue");
    EXPECT_STREQ(copy.params().list[2].fields[0].name, "name");
}

}  // namespace
}  // namespace cardea
