// Which worker a new peer goes to. Peers of one group (a room) share a worker, so no packet crosses cores; a new group goes
// to the worker with the fewest peers, ties in turn. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace cardea {

class Placement {
  public:
    explicit Placement(std::uint32_t workers) : load_(workers, 0) {}

    [[nodiscard]] std::uint32_t place(std::string_view group);
    void release(std::string_view group);

  private:
    struct Group {
        std::uint32_t worker = 0;
        std::uint32_t peers = 0;
    };
    std::mutex mutex_;
    std::map<std::string, Group, std::less<>> groups_;
    std::vector<std::uint32_t> load_;  // peers per worker
    std::uint32_t next_ = 0;
};

}  // namespace cardea
