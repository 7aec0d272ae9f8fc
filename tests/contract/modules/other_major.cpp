// Built for an ABI that does not exist yet. Its functions would end the process: they must never be called.
#include <cardea/abi.h>

#include <cstdlib>

namespace {
cardea_status create(const cardea_plugin_host*, cardea_slice, void**) { std::abort(); }
constexpr cardea_plugin_api kApi{sizeof(cardea_plugin_api), 0,       create,  nullptr, nullptr,
                                 nullptr,                   nullptr, nullptr, nullptr, nullptr};
constexpr cardea_plugin_info kInfo{sizeof(cardea_plugin_info), sizeof(cardea_request_type), 0, 0, nullptr, nullptr, nullptr, 0, 0, 0, 0, &kApi};
}  // namespace

extern "C" __attribute__((visibility("default"))) const cardea_module_descriptor cardea_module;
const cardea_module_descriptor cardea_module{CARDEA_ABI_MAGIC,
                                             CARDEA_ABI_MAJOR + 1,
                                             0,
                                             sizeof(cardea_module_descriptor),
                                             CARDEA_KIND_PLUGIN,
                                             0,
                                             0,
                                             "other_major",
                                             "test.plugin.other_major",
                                             "",
                                             "",
                                             "1",
                                             1,
                                             0,
                                             "",
                                             "",
                                             {sizeof(cardea_params), sizeof(cardea_param), 0, 0, nullptr},
                                             &kInfo,
                                             nullptr};
