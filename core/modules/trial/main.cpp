// cardea-module-trial FILE: opens a module, writes its description to descriptor 3 as a line of JSON, reads a configuration
// from standard input, creates and destroys the module with it, and writes a second line. {"error":"..."} says why not.
#include <unistd.h>

#include <array>
#include <string>

#include "modules/module_file.hpp"
#include "modules/option_table.hpp"
#include "modules/request_table.hpp"
#include "cardea/slice.hpp"
#include "modules/trial/fake_host.hpp"

namespace {

using cardea::Json;

void report(const Json& line) {
    const auto text = line.dump() + "\n";
    std::size_t written = 0;
    while (written < text.size()) {
        const auto size = write(3, text.data() + written, text.size() - written);
        if (size <= 0) _exit(3);
        written += static_cast<std::size_t>(size);
    }
}

std::string read_all(int fd) {
    std::string text;
    std::array<char, 4096> chunk{};
    while (true) {
        const auto size = read(fd, chunk.data(), chunk.size());
        if (size <= 0) return text;
        text.append(chunk.data(), static_cast<std::size_t>(size));
    }
}

Json description(const cardea_module_descriptor& descriptor) {
    const auto identity = cardea::identity_of(descriptor);
    Json requests;
    if (descriptor.kind == CARDEA_KIND_PLUGIN) requests = cardea::request_table_json(*descriptor.plugin);
    return {{"requests", requests},
            {"name", identity.name},
            {"package", identity.package},
            {"kind", identity.kind},
            {"version", identity.version},
            {"title", identity.title},
            {"options", cardea::option_table_json(descriptor.options)}};
}

cardea_status create_and_destroy(const auto& api, const auto& host, const std::string& config) {
    void* instance = nullptr;
    const auto status = api.create(&host, cardea::sdk::slice(config), &instance);
    if (status == CARDEA_OK) api.destroy(instance);
    return status;
}

cardea_status try_out(const cardea_module_descriptor& descriptor, const std::string& config) {
    switch (descriptor.kind) {
        case CARDEA_KIND_PLUGIN: return create_and_destroy(*descriptor.plugin->api, cardea::fake_plugin_host(), config);
        case CARDEA_KIND_EVENT_HANDLER: return create_and_destroy(*descriptor.event_handler->api, cardea::fake_event_handler_host(), config);
        default: return create_and_destroy(*descriptor.transport->api, cardea::fake_transport_host(), config);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    {
        auto module = cardea::ModuleFile::open(argv[1]);
        if (!module) {
            report({{"error", module.error().detail}});
            return 1;
        }
        const auto& descriptor = (*module)->descriptor();
        report(description(descriptor));
        const auto config = read_all(STDIN_FILENO);
        if (config.empty()) return 0;  // only a description was wanted
        const auto status = try_out(descriptor, config);
        if (status != CARDEA_OK) {
            report({{"error", "create fails with status " + std::to_string(status)}});
            return 1;
        }
    }
    report({{"created", true}});
    return 0;
}
