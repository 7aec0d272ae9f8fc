// Which worker a new peer goes to. Peers of one group (a room) share a worker while it has room for them, so no packet crosses cores; a
// group that outgrows its workers gets the least loaded one besides, and its sources have mirrors there. A worker's load is what it was
// measured to send, and what the peers that have just come will make it send. Any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace cardea {

class Placement {
  public:
    // capacity: packets per second that a worker can send.
    Placement(std::uint32_t workers, std::uint64_t capacity) : capacity_{capacity}, workers_(workers) {}

    // load: packets per second that the peer will have; measured: what each worker sends now.
    [[nodiscard]] std::uint32_t place(std::string_view group, std::uint32_t load, std::span<const std::uint64_t> measured, Instant now);
    void release(std::string_view group, std::uint32_t worker);

  private:
    struct Expected {
        Instant until;
        std::uint32_t load;
    };
    struct Worker {
        std::uint32_t peers = 0;
        std::deque<Expected> expected;  // of peers too young to be measured
        std::uint64_t expected_packets = 0;  // their sum
    };
    using Group = std::map<std::uint32_t, std::uint32_t>;  // peers by worker
    struct Load {
        std::uint64_t packets = 0;
        std::uint32_t peers = 0;
        friend auto operator<=>(const Load&, const Load&) = default;
    };
    [[nodiscard]] Load load_of(std::uint32_t worker, std::span<const std::uint64_t> measured, Instant now);
    [[nodiscard]] std::uint32_t choose(const Group& group, std::span<const std::uint64_t> measured, Instant now);

    const std::uint64_t capacity_;
    std::mutex mutex_;
    std::map<std::string, Group, std::less<>> groups_;
    std::vector<Worker> workers_;
    std::uint32_t next_ = 0;  // ties in turn
};

}  // namespace cardea
