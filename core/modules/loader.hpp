// From a module's name to its opened file and its configuration: trial in a child process, options checked, staged copy
// opened. Runs on the loader thread (the main thread): every step may block.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "cardea/json.hpp"
#include "modules/module_file.hpp"

namespace cardea {

struct LoaderOptions {
    std::filesystem::path folder;         // of <name>.so
    std::filesystem::path staging;
    std::filesystem::path trial_program;  // cardea-module-trial
    Duration trial_timeout = 10s;
    Json transport_host;                  // "host" of every transport's configuration
    std::filesystem::path state = {};     // below it a plugin keeps what it has to remember, in a folder of its name
};

struct PreparedModule {
    std::unique_ptr<ModuleFile> file;
    Json config;
};

class Loader {
  public:
    // The module's section of the configuration, checked against its options and with defaults.
    using Section = std::function<Result<Json>(const std::string& module, const cardea_params& options)>;
    Loader(LoaderOptions options, Section section) : options_{std::move(options)}, section_{std::move(section)} {}

    // Description and configuration only: nothing of the module runs in this process. For --check-config.
    [[nodiscard]] Result<Json> check(const std::string& name) const;
    [[nodiscard]] Result<PreparedModule> prepare(const std::string& name) const;

  private:
    [[nodiscard]] std::filesystem::path file_of(const std::string& name) const;
    [[nodiscard]] Result<Json> config_of(const std::string& name, const Json& description) const;

    LoaderOptions options_;
    Section section_;
};

}  // namespace cardea
