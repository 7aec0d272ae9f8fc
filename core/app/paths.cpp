#include "app/paths.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace cardea::app {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string{} : std::string{value};
}

fs::path executable_folder() {
    std::error_code error;
    return fs::read_symlink("/proc/self/exe", error).parent_path();
}

// Each installation prefix keeps bin/ beside lib/ and share/.
fs::path first_that_exists(const fs::path& a, const fs::path& b) {
    std::error_code error;
    return fs::is_directory(a, error) ? a : b;
}

Result<fs::path> make_private(const fs::path& folder, const char* key) {
    std::error_code error;
    const bool existed = fs::is_directory(folder, error);
    fs::create_directories(folder, error);
    if (error) return fail(0, folder.string() + ": cannot be made: " + error.message() + " (set " + key + ")");
    if (!existed) fs::permissions(folder, fs::perms::owner_all, error);
    if (access(folder.c_str(), W_OK | X_OK) != 0) return fail(0, folder.string() + ": is not writable (set " + key + ")");
    return fs::absolute(folder);
}

}  // namespace

fs::path default_state_folder() {
    // systemd gives a list; the first folder is the one of StateDirectory=cardea.
    if (const auto given = environment("STATE_DIRECTORY"); !given.empty()) return given.substr(0, given.find(':'));
    if (geteuid() == 0) return "/var/lib/cardea";
    if (const auto given = environment("XDG_STATE_HOME"); !given.empty()) return fs::path{given} / "cardea";
    if (const auto home = environment("HOME"); !home.empty()) return fs::path{home} / ".local/state/cardea";
    return "cardea-state";
}

Result<Paths> resolve_paths(const config::CoreOptions& options) {
    Paths out;
    out.executable_folder = executable_folder();
    auto state = make_private(options.state_dir.empty() ? default_state_folder() : fs::path{options.state_dir}, "state_dir");
    if (!state) return tl::unexpected{state.error()};
    out.state = *state;
    const auto& modules = options.modules;
    auto staging = make_private(modules.staging_dir.empty() ? out.state / "staging" : fs::path{modules.staging_dir}, "modules.staging_dir");
    if (!staging) return tl::unexpected{staging.error()};
    out.staging = *staging;
    const auto prefix = out.executable_folder.parent_path();
    out.modules = modules.folder.empty() ? first_that_exists(out.executable_folder / "modules", prefix / "lib/cardea/modules")
                                         : fs::path{modules.folder};
    out.pages = options.pages_folder.empty() ? first_that_exists(prefix / "share/cardea/html", CARDEA_SOURCE_PAGES)
                                             : fs::path{options.pages_folder};
    out.recordings = options.recording.roots;
    if (out.recordings.empty()) {
        auto folder = make_private(out.state / "recordings", "recording.roots");
        if (!folder) return tl::unexpected{folder.error()};
        out.recordings.push_back(folder->string());
    }
    return out;
}

}  // namespace cardea::app
