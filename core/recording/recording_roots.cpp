#include "recording/recording_roots.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace cardea {
namespace {

constexpr std::size_t kLongestName = 200;  // room for suffix, number and ending within NAME_MAX
constexpr std::size_t kDeepest = 16;
constexpr int kNumbers = 1000;
constexpr mode_t kFolderMode = 0750;
constexpr mode_t kFileMode = 0640;

std::string real_path(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> real{realpath(path.c_str(), nullptr), &std::free};
    return real ? std::string{real.get()} : std::string{};
}

std::string without_trailing_slash(std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path;
}

// Below `folder` only, and through no link. Kernels before 5.6 and some sandboxes know no openat2: one component at a time
// with O_NOFOLLOW is the same, since ".." never gets here.
int open_beneath(int folder, const std::string& name, int flags, mode_t mode) {
    open_how how{};
    how.flags = static_cast<unsigned>(flags);
    how.mode = mode;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const auto fd = static_cast<int>(syscall(SYS_openat2, folder, name.c_str(), &how, sizeof(how)));
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) return fd;
    return openat(folder, name.c_str(), flags | O_NOFOLLOW, mode);
}

std::string reason(int error) {
    std::array<char, 128> text{};
    return strerror_r(error, text.data(), text.size());
}

Result<void> split(std::string_view path, std::vector<std::string>& out) {
    while (!path.empty()) {
        const auto slash = std::min(path.find('/'), path.size());
        const auto part = path.substr(0, slash);
        path.remove_prefix(std::min(slash + 1, path.size()));
        if (part.empty() || part == ".") continue;
        if (part == "..") return fail(0, "\"..\" is not allowed in a recording's path");
        if (part.size() > kLongestName) return fail(0, "a part of the recording's path is too long");
        const bool clean = std::all_of(part.begin(), part.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
        if (!clean) return fail(0, "control characters are not allowed in a recording's path");
        out.emplace_back(part);
        if (out.size() > kDeepest) return fail(0, "the recording's path is too deep");
    }
    return {};
}

Result<OwnedFd> open_folder(int parent, const std::string& name) {
    constexpr int kFlags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    auto fd = open_beneath(parent, name, kFlags, 0);
    if (fd < 0 && errno == ENOENT) {
        if (mkdirat(parent, name.c_str(), kFolderMode) != 0 && errno != EEXIST) return fail(0, "folder cannot be made: " + reason(errno));
        fd = open_beneath(parent, name, kFlags, 0);
    }
    if (fd < 0) return fail(0, "folder cannot be used: " + reason(errno));
    return OwnedFd{fd};
}

Result<MediaFile> create_in(const OwnedFd& folder, const std::string& where, const std::string& base, const std::string& ending) {
    for (int number = 1; number <= kNumbers; ++number) {
        const auto name = base + (number == 1 ? std::string{} : "-" + std::to_string(number)) + ending;
        OwnedFd fd{open_beneath(folder.get(), name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode)};
        if (!fd.is_open()) {
            if (errno == EEXIST) continue;  // whatever it is: a file, a link, a device
            return fail(0, "file cannot be made: " + reason(errno));
        }
        struct stat about {};
        if (fstat(fd.get(), &about) != 0 || !S_ISREG(about.st_mode)) return fail(0, "not a regular file");
        return MediaFile{std::move(fd), where + "/" + name};
    }
    return fail(0, "there are too many recordings of this name");
}

}  // namespace

RecordingRoots::RecordingRoots(std::vector<std::string> folders) {
    for (auto& folder : folders) {
        const auto configured = without_trailing_slash(std::move(folder));
        roots_.push_back({configured, real_path(configured)});
    }
}

const RecordingRoots::Root* RecordingRoots::root_of(std::string_view path, std::string_view& rest) const {
    const Root* best = nullptr;
    const auto consider = [&](const Root& root, std::string_view prefix) {
        if (prefix.empty() || !path.starts_with(prefix)) return;
        const auto left = path.substr(prefix.size());
        if (!left.empty() && left.front() != '/' && prefix.back() != '/') return;
        if (best != nullptr && left.size() >= rest.size()) return;  // roots within roots: the inner one
        best = &root;
        rest = left;
    };
    for (const auto& root : roots_) {
        consider(root, root.configured);
        consider(root, root.real);
    }
    return best;
}

Result<RecordingRoots::Place> RecordingRoots::resolve(const Wish& wish) const {
    if (roots_.empty()) return fail(0, "recording.roots is empty: nothing can be recorded");
    if (wish.name.empty() || wish.name.back() == '/') return fail(0, "the recording has no file name");
    if (wish.name.size() + wish.folder.size() > PATH_MAX / 2) return fail(0, "the recording's path is too long");
    const bool is_absolute = wish.name.front() == '/';
    const auto& base = is_absolute ? wish.name : wish.folder;
    Place place{.root = &roots_.front().configured, .folders = {}, .name = {}};
    std::string_view rest = base;
    if (!base.empty() && base.front() == '/') {
        const auto* root = root_of(base, rest);
        if (root == nullptr) return fail(0, "the recording's path is outside of recording.roots");
        place.root = &root->configured;
    }
    if (auto good = split(rest, place.folders); !good) return tl::unexpected{good.error()};
    if (!is_absolute)
        if (auto good = split(wish.name, place.folders); !good) return tl::unexpected{good.error()};
    if (place.folders.empty()) return fail(0, "the recording has no file name");
    place.name = place.folders.back() + wish.suffix;
    place.folders.pop_back();
    return place;
}

Result<void> RecordingRoots::check(const Wish& wish) const {
    const auto place = resolve(wish);
    if (!place) return tl::unexpected{place.error()};
    return {};
}

Result<MediaFile> RecordingRoots::create(const Wish& wish) const {
    const auto place = resolve(wish);
    if (!place) return tl::unexpected{place.error()};
    OwnedFd folder{open(place->root->c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!folder.is_open()) return fail(0, *place->root + " cannot be used: " + reason(errno));
    auto where = *place->root;
    for (const auto& name : place->folders) {
        auto next = open_folder(folder.get(), name);
        if (!next) return tl::unexpected{next.error()};
        folder = std::move(*next);
        where += "/" + name;
    }
    return create_in(folder, where, place->name, wish.ending);
}

}  // namespace cardea
