#include "room_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

namespace cardea::videoroom {
namespace {

constexpr mode_t kFolderMode = 0700;  // secrets and pins are in the file
constexpr mode_t kFileMode = 0600;

bool make_folders(const std::string& path) {
    for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
        ::mkdir(path.substr(0, slash).c_str(), kFolderMode);
    return ::mkdir(path.c_str(), kFolderMode) == 0 || errno == EEXIST;
}

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(fd, text.data(), text.size());
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

// A crash leaves the old file or the new one.
bool replace_file(const std::string& path, std::string_view text) {
    const auto fresh = path + ".new";
    const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, kFileMode);
    if (fd < 0) return false;
    const bool written = write_all(fd, text) && ::fsync(fd) == 0;
    const bool closed = ::close(fd) == 0;
    return written && closed && std::rename(fresh.c_str(), path.c_str()) == 0;
}

}  // namespace

std::optional<std::string> RoomStore::load() {
    if (folder_.empty()) return std::nullopt;
    if (!make_folders(folder_)) return folder_ + ": " + std::strerror(errno);
    std::ifstream in{file(), std::ios::binary};
    if (!in) {
        usable_ = true;
        return std::nullopt;
    }
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    const auto json = Json::parse(text);
    if (!json["rooms"].is_array()) return file() + ": is not what was written there";
    json["rooms"].for_each([&](const Json& body) { rooms_.emplace(id_from(body["room"]), body); });
    json["removed"].for_each([&](const Json& id) { removed_.insert(id_from(id)); });
    usable_ = true;
    return std::nullopt;
}

bool RoomStore::put(const ApiId& id, Json body) {
    rooms_.insert_or_assign(id, std::move(body));
    removed_.erase(id);
    return save();
}

bool RoomStore::remove(const ApiId& id, bool configured) {
    rooms_.erase(id);
    if (configured) removed_.insert(id);
    return save();
}

bool RoomStore::save() const {
    if (!usable_) return false;
    auto rooms = Json::array();
    for (const auto& [id, body] : rooms_) rooms.push(body);
    auto removed = Json::array();
    for (const auto& id : removed_) removed.push(to_json(id));
    return replace_file(file(), Json{{"rooms", rooms}, {"removed", removed}}.dump(JSON_INDENT(2)) + "\n");
}

}  // namespace cardea::videoroom
