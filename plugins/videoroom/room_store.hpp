// The permanent rooms, in one JSON file of the plugin's state folder:
//   {"rooms":[{body of a create}, ...],"removed":[ids of rooms of the configuration that were destroyed for good]}
// It counts over the configuration, which is never written.
#pragma once

#include <cardea/json.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>

#include "api_id.hpp"

namespace cardea::videoroom {

class RoomStore {
  public:
    // folder empty: nothing can be kept.
    explicit RoomStore(std::string folder) : folder_{std::move(folder)} {}

    // The error: what is wrong with the file, which is then left alone and never written.
    [[nodiscard]] std::optional<std::string> load();
    [[nodiscard]] const std::map<ApiId, Json>& rooms() const noexcept { return rooms_; }
    [[nodiscard]] const std::set<ApiId>& removed() const noexcept { return removed_; }
    // Whether it is on the disk.
    [[nodiscard]] bool put(const ApiId& id, Json body);
    // Configured: the configuration has a room of that id, which has to stay away from now on.
    [[nodiscard]] bool remove(const ApiId& id, bool configured);

  private:
    [[nodiscard]] std::string file() const { return folder_ + "/rooms.json"; }
    [[nodiscard]] bool save() const;

    std::string folder_;
    bool usable_ = false;
    std::map<ApiId, Json> rooms_;
    std::set<ApiId> removed_;
};

}  // namespace cardea::videoroom
