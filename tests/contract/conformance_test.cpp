// Every module that was built, held against the rules of the boundary.
#include <dlfcn.h>
#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "cardea/json.hpp"
#include "cardea/slice.hpp"
#include "config/config.hpp"
#include "modules/module_file.hpp"
#include "modules/trial/fake_host.hpp"

namespace cardea {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> built_modules() {
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator{CARDEA_MODULE_DIR})
        if (entry.path().extension() == ".so") files.push_back(entry.path());
    files.push_back(std::string{CARDEA_TEST_MODULES} + "/probe.so");
    return files;
}

struct Symbol {
    std::string name;
    unsigned bind = 0;
};
template <class T>
T read_at(const std::string& bytes, std::size_t offset) {
    T value{};
    if (offset + sizeof(T) <= bytes.size()) std::memcpy(&value, bytes.data() + offset, sizeof(T));
    return value;
}
// The dynamic symbols that a file defines, read from its section headers.
std::vector<Symbol> exports_of(const std::string& file) {
    std::ifstream in{file, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    const auto header = read_at<Elf64_Ehdr>(bytes, 0);
    std::vector<Symbol> symbols;
    for (unsigned i = 0; i < header.e_shnum; ++i) {
        const auto section = read_at<Elf64_Shdr>(bytes, header.e_shoff + i * sizeof(Elf64_Shdr));
        if (section.sh_type != SHT_DYNSYM) continue;
        const auto strings = read_at<Elf64_Shdr>(bytes, header.e_shoff + section.sh_link * sizeof(Elf64_Shdr));
        for (std::size_t at = 0; at < section.sh_size; at += sizeof(Elf64_Sym)) {
            const auto symbol = read_at<Elf64_Sym>(bytes, section.sh_offset + at);
            if (symbol.st_shndx == SHN_UNDEF || symbol.st_name == 0) continue;
            symbols.push_back({bytes.data() + strings.sh_offset + symbol.st_name, unsigned{symbol.st_info} >> 4U});
        }
    }
    return symbols;
}

Json default_config(const ModuleFile& module) {
    const auto tree = config::load_text("", {});
    auto config = tree->validate_section(module.descriptor().name, module.descriptor().options);
    if (!config) return Json::object();
    const Json limits{{"message_bytes", 1048576},          {"outbox_soft_bytes", 1048576}, {"outbox_hard_bytes", 4194304},
                      {"outbox_trusted_bytes", 67108864}, {"outbox_stall_seconds", 10},   {"connections_per_address", 16}};
    return config->set("host", {{"limits", limits}, {"version", "test"}});
}

template <class Api, class Host>
void create_and_destroy(const Api& api, const Host& host, const std::string& config) {
    void* instance = nullptr;
    ASSERT_EQ(api.create(&host, sdk::slice(config), &instance), CARDEA_OK);
    api.destroy(instance);
}

class Conformance : public testing::TestWithParam<std::string> {};

TEST_P(Conformance, ExportsOnlyItsDescriptorAndNothingUnique) {
    const auto symbols = exports_of(GetParam());
    ASSERT_EQ(symbols.size(), 1U);
    EXPECT_EQ(symbols[0].name, CARDEA_MODULE_SYMBOL);
    EXPECT_NE(symbols[0].bind, unsigned{STB_GNU_UNIQUE});
}

TEST_P(Conformance, CreatesAndDestroysAHundredTimes) {
    const auto module = ModuleFile::open(GetParam());
    ASSERT_TRUE(module) << module.error().detail;
    const auto& descriptor = (*module)->descriptor();
    const auto config = default_config(**module).dump();
    for (int i = 0; i < 100; ++i) {
        switch (descriptor.kind) {
            case CARDEA_KIND_PLUGIN: create_and_destroy(*descriptor.plugin->api, fake_plugin_host(), config); break;
            case CARDEA_KIND_TRANSPORT: create_and_destroy(*descriptor.transport->api, fake_transport_host(), config); break;
            case CARDEA_KIND_EVENT_HANDLER: create_and_destroy(*descriptor.event_handler->api, fake_event_handler_host(), config); break;
            default: FAIL() << "of an unknown kind";
        }
    }
}

#if !defined(__SANITIZE_ADDRESS__)  // the sanitizer keeps what it has seen
bool is_mapped(const fs::path& file) {
    std::ifstream maps{"/proc/self/maps"};
    for (std::string line; std::getline(maps, line);)
        if (line.find(file.filename().string()) != std::string::npos) return true;
    return false;
}

TEST_P(Conformance, UnloadingUnmapsIt) {
    auto module = ModuleFile::load(GetParam(), fs::path{testing::TempDir()} / "cardea-conformance");
    ASSERT_TRUE(module) << module.error().detail;
    const auto staged = (*module)->path();
    EXPECT_TRUE(is_mapped(staged));
    (*module).reset();
    EXPECT_FALSE(is_mapped(staged));
    EXPECT_FALSE(fs::exists(staged));
}
#endif

INSTANTIATE_TEST_SUITE_P(BuiltModules, Conformance, testing::ValuesIn(built_modules()),
                         [](const auto& test) { return fs::path{test.param}.stem().string(); });

}  // namespace
}  // namespace cardea
