#include "modules/module_file.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <system_error>

namespace cardea {
namespace {

namespace fs = std::filesystem;

std::string text_of(const char* text) { return text == nullptr ? std::string{} : std::string{text}; }

std::string open_error() {
    const char* error = dlerror();
    return error == nullptr ? "cannot be opened" : error;
}

fs::path fresh_name(const fs::path& file) {
    static std::atomic<unsigned> generation{0};
    return file.stem().string() + "." + std::to_string(getpid()) + "." + std::to_string(++generation) + ".so";
}

std::string plugin_problem(const cardea_module_descriptor& d) {
    const auto* info = d.plugin;
    if (info == nullptr || !CARDEA_HAS(info, api) || info->api == nullptr) return "has no plugin table";
    const auto* api = info->api;
    if (!CARDEA_HAS(api, on_request) || api->create == nullptr || api->start == nullptr || api->destroy == nullptr ||
        api->attach == nullptr || api->detach == nullptr || api->on_request == nullptr)
        return "lacks functions in its plugin table";
    if (info->request_count != 0 && (info->requests == nullptr || info->request_stride < offsetof(cardea_request_type, params)))
        return "has a broken request table";
    return {};
}

std::string transport_problem(const cardea_module_descriptor& d) {
    const auto* info = d.transport;
    if (info == nullptr || !CARDEA_HAS(info, api) || info->api == nullptr) return "has no transport table";
    const auto* api = info->api;
    if (!CARDEA_HAS(api, close) || api->create == nullptr || api->start == nullptr || api->destroy == nullptr || api->adopt == nullptr ||
        api->send == nullptr || api->set_reading == nullptr || api->close == nullptr)
        return "lacks functions in its transport table";
    if (info->listener_count != 0 && (info->listeners == nullptr || info->listener_stride < sizeof(cardea_listener)))
        return "has a broken listener table";
    return {};
}

std::string event_handler_problem(const cardea_module_descriptor& d) {
    const auto* info = CARDEA_HAS(&d, event_handler) ? d.event_handler : nullptr;
    if (info == nullptr || !CARDEA_HAS(info, api) || info->api == nullptr) return "has no event handler table";
    const auto* api = info->api;
    if (!CARDEA_HAS(api, on_told) || api->create == nullptr || api->start == nullptr || api->destroy == nullptr || api->on_told == nullptr)
        return "lacks functions in its event handler table";
    return {};
}

}  // namespace

std::string descriptor_problem(const cardea_module_descriptor& d) {
    if (d.magic != CARDEA_ABI_MAGIC) return "is not a Cardea module (wrong magic)";
    if (d.abi_major != CARDEA_ABI_MAJOR)
        return "was built for ABI " + std::to_string(d.abi_major) + ", this host has ABI " + std::to_string(CARDEA_ABI_MAJOR);
    if (d.abi_minor > CARDEA_ABI_MINOR)
        return "was built for the newer ABI " + std::to_string(d.abi_major) + "." + std::to_string(d.abi_minor) + ", this host has " +
               std::to_string(CARDEA_ABI_MAJOR) + "." + std::to_string(CARDEA_ABI_MINOR);
    if (!CARDEA_HAS(&d, transport)) return "has a descriptor that is too short";
    if (text_of(d.name).empty() || text_of(d.package).empty()) return "has no name";
    if (d.options.count != 0 && (d.options.list == nullptr || d.options.stride < offsetof(cardea_param, values)))
        return "has a broken option table";
    if (d.kind == CARDEA_KIND_PLUGIN) return plugin_problem(d);
    if (d.kind == CARDEA_KIND_TRANSPORT) return transport_problem(d);
    if (d.kind == CARDEA_KIND_EVENT_HANDLER) return event_handler_problem(d);
    return "is of an unknown kind";
}

ModuleIdentity identity_of(const cardea_module_descriptor& d) {
    return {d.kind,
            d.capabilities,
            text_of(d.name),
            text_of(d.package),
            text_of(d.title),
            text_of(d.description),
            text_of(d.version),
            d.version_number,
            text_of(d.author),
            text_of(d.licence)};
}

Result<std::unique_ptr<ModuleFile>> ModuleFile::load(const fs::path& file, const fs::path& staging) {
    std::error_code error;
    fs::create_directories(staging, error);
    const auto staged = staging / fresh_name(file);
    if (!fs::copy_file(file, staged, fs::copy_options::overwrite_existing, error))
        return fail(0, "cannot be copied to " + staged.string() + ": " + error.message());
    auto opened = open(staged);
    if (!opened) {
        fs::remove(staged, error);
        return opened;
    }
    (*opened)->staged_ = true;
    return opened;
}

Result<std::unique_ptr<ModuleFile>> ModuleFile::open(const fs::path& file) {
    void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) return fail(0, open_error());
    std::unique_ptr<ModuleFile> module{new ModuleFile{handle, file, false}};
    module->descriptor_ = static_cast<const cardea_module_descriptor*>(dlsym(handle, CARDEA_MODULE_SYMBOL));
    if (module->descriptor_ == nullptr) return fail(0, "exports no cardea_module");
    if (auto problem = descriptor_problem(*module->descriptor_); !problem.empty()) return fail(0, std::move(problem));
    return module;
}

ModuleFile::~ModuleFile() {
    dlclose(handle_);
    std::error_code ignored;
    if (staged_) fs::remove(path_, ignored);
}

}  // namespace cardea
