// Where things are when the configuration does not say: beside the executable of a build tree, or installed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/options.hpp"

namespace cardea::app {

struct Paths {
    std::filesystem::path executable_folder;
    std::filesystem::path state;    // exists, of this user, mode 0700 when it was made here
    std::filesystem::path staging;  // below state unless configured; exists, mode 0700
    std::filesystem::path modules;
    std::filesystem::path pages;
    std::vector<std::string> recordings;  // the roots; below state unless configured
};

// Makes the state and staging folders. The error names the key that sets the folder.
[[nodiscard]] Result<Paths> resolve_paths(const config::CoreOptions& options);

// Without state_dir in the configuration.
[[nodiscard]] std::filesystem::path default_state_folder();

}  // namespace cardea::app
