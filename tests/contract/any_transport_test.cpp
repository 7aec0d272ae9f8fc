// What holds for every transport module: nothing is left of one that was unloaded.
#include "contract/transport_setup.hpp"

namespace cardea::bench {
namespace {

class AnyTransport : public ::testing::TestWithParam<const char*> {
  protected:
    static void SetUpTestSuite() { pin_libraries(); }
};

TEST_P(AnyTransport, LeavesNothingBehindWhenUnloaded) {
    const Folder folder;
    write_certificate(folder.path());
    const auto config = config_with(Json::object(), folder.path());
    std::size_t files = 0;
    for (int i = 0; i < 100; ++i) {
        FakeHost host;
        {
            Module module{GetParam(), host, config};
            ASSERT_EQ(module.status(), CARDEA_OK);
            ASSERT_TRUE(is_mapped(module_path(GetParam())));
            Client client{module, i % 2 == 0 ? kPlain : kSecure};
            if (i % 2 == 1) {
                ASSERT_TRUE(client.start_tls());
            }
            client.upgrade();
        }
        ASSERT_FALSE(is_mapped(module_path(GetParam())));
        if (i == 0) files = open_files();
    }
    EXPECT_EQ(open_files(), files);
}

TEST_P(AnyTransport, IsCreatedAndDestroyedWithoutStarting) {
    FakeHost host;
    void* const library = ::dlopen(module_path(GetParam()).c_str(), RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library, nullptr) << ::dlerror();
    const auto* const module = static_cast<const cardea_module_descriptor*>(::dlsym(library, CARDEA_MODULE_SYMBOL));
    const auto config = config_with(Json::object()).dump();
    for (int i = 0; i < 100; ++i) {
        void* self = nullptr;
        ASSERT_EQ(module->transport->api->create(host.table(), sdk::slice(config), &self), CARDEA_OK);
        const auto [mine, theirs] = connected_pair();
        EXPECT_EQ(module->transport->api->adopt(self, theirs, kPlain), CARDEA_BUSY);
        Client client{mine};
        EXPECT_TRUE(client.is_closed());
        module->transport->api->destroy(self);
    }
    ::dlclose(library);
    EXPECT_FALSE(is_mapped(module_path(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(Modules, AnyTransport, ::testing::Values("websocket", "http"),
                         [](const auto& one) { return std::string{one.param}; });

}  // namespace
}  // namespace cardea::bench
