// Files of one folder by URL path.
#include "static_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

namespace cardea::http {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kTypes{{{".html", "text/html; charset=utf-8"},
                                                                                {".js", "text/javascript; charset=utf-8"},
                                                                                {".mjs", "text/javascript; charset=utf-8"},
                                                                                {".css", "text/css; charset=utf-8"},
                                                                                {".svg", "image/svg+xml"},
                                                                                {".png", "image/png"},
                                                                                {".jpg", "image/jpeg"},
                                                                                {".ico", "image/x-icon"},
                                                                                {".json", "application/json"},
                                                                                {".map", "application/json"},
                                                                                {".webmanifest", "application/manifest+json"},
                                                                                {".woff2", "font/woff2"},
                                                                                {".wasm", "application/wasm"},
                                                                                {".txt", "text/plain; charset=utf-8"}}};

bool is_plain_name(std::string_view name) {
    if (name.empty() || name.front() == '.') return false;
    return std::none_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\'; });
}

bool is_below(const fs::path& root, const fs::path& path) {
    const auto [root_end, at] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
    return root_end == root.end() && at != path.end();
}

std::string etag_of(const struct stat& status) {
    return "\"" + std::to_string(status.st_size) + "-" + std::to_string(status.st_mtim.tv_sec) + "-" +
           std::to_string(status.st_mtim.tv_nsec) + "\"";
}

}  // namespace

StaticFiles::StaticFiles(const fs::path& folder) {
    std::error_code error;
    auto canonical = fs::canonical(folder, error);
    if (!error && fs::is_directory(canonical, error)) root_ = std::move(canonical);
}

bool is_plain_path(std::string_view path) noexcept {
    if (path.empty() || path.front() != '/') return false;
    path.remove_prefix(1);
    if (path.empty()) return true;
    for (;;) {
        const auto slash = path.find('/');
        if (slash == std::string_view::npos) return path.empty() || is_plain_name(path);
        if (!is_plain_name(path.substr(0, slash))) return false;
        path.remove_prefix(slash + 1);
    }
}

std::string_view media_type(std::string_view name) noexcept {
    const auto dot = name.rfind('.');
    const auto extension = dot == std::string_view::npos ? std::string_view{} : name.substr(dot);
    const auto* const found = std::find_if(kTypes.begin(), kTypes.end(), [&](const auto& entry) { return entry.first == extension; });
    return found == kTypes.end() ? "application/octet-stream" : found->second;
}

std::optional<StaticFile> StaticFiles::open(std::string_view path) const {
    if (!usable() || !is_plain_path(path)) return std::nullopt;
    std::string name{path.substr(1)};
    if (name.empty() || name.back() == '/') name += "index.html";
    // Links are resolved here, and O_NOFOLLOW refuses one put there since; folders are the admin's to write, not a client's.
    std::error_code error;
    const auto target = fs::canonical(root_ / name, error);
    if (error || !is_below(root_, target)) return std::nullopt;
    sdk::Fd fd{::open(target.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    struct stat status{};
    if (!fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    return StaticFile{std::move(fd), static_cast<std::size_t>(status.st_size), etag_of(status), media_type(name)};
}

}  // namespace cardea::http
