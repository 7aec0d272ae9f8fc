// Owns one dlopened module: staged under a fresh name, its descriptor checked before any of its functions ran.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "cardea/abi.h"
#include "cardea/json.hpp"

namespace cardea {

class ModuleFile {
  public:
    // Copies the file into `staging` under a name that was never used and opens the copy: glibc hands back the old code for
    // a path or an inode that it knows.
    [[nodiscard]] static Result<std::unique_ptr<ModuleFile>> load(const std::filesystem::path& file, const std::filesystem::path& staging);
    // Opens the file itself: for a process that loads once and ends (the trial).
    [[nodiscard]] static Result<std::unique_ptr<ModuleFile>> open(const std::filesystem::path& file);
    ~ModuleFile();  // closes, and removes the staged copy
    ModuleFile(const ModuleFile&) = delete;
    ModuleFile& operator=(const ModuleFile&) = delete;

    [[nodiscard]] const cardea_module_descriptor& descriptor() const noexcept { return *descriptor_; }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    ModuleFile(void* handle, std::filesystem::path path, bool staged) : handle_{handle}, path_{std::move(path)}, staged_{staged} {}

    void* handle_;
    std::filesystem::path path_;
    bool staged_;
    const cardea_module_descriptor* descriptor_ = nullptr;
};

// Magic, major version, sizes, kind and the tables of that kind. An empty text: fit to be used.
[[nodiscard]] std::string descriptor_problem(const cardea_module_descriptor& descriptor);

// What people and the API see of a module.
struct ModuleIdentity {
    std::uint32_t kind = 0;
    std::uint32_t capabilities = 0;
    std::string name;
    std::string package;
    std::string title;
    std::string description;
    std::string version;
    std::uint32_t version_number = 0;
    std::string author;
    std::string licence;
};
[[nodiscard]] ModuleIdentity identity_of(const cardea_module_descriptor& descriptor);

}  // namespace cardea
