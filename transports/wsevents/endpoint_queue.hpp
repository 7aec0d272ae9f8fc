// Events on their way to one endpoint: bounded, the oldest go first when it is full, and how many went is known.
// Filled by the control thread, emptied by the service thread.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace cardea::wsevents {

class EndpointQueue {
  public:
    struct Limits {
        std::size_t events = 10'000;
        std::size_t bytes = std::size_t{16} << 20U;
    };
    struct Form {
        bool grouping = true;     // several events as one JSON array
        bool opaque_id = false;   // whether the top-level opaque_id stays
    };
    EndpointQueue(const Limits& limits, const Form& form) : limits_{limits}, form_{form} {}

    // One event, JSON text. True: it was empty, wake whoever sends.
    [[nodiscard]] bool push(std::string_view json);
    // The next message: one event, or an array of them up to about kGroupBytes. False: nothing waits.
    [[nodiscard]] bool take(std::string& message);
    // Events thrown away since the last call.
    [[nodiscard]] std::uint64_t take_dropped();
    [[nodiscard]] std::size_t size() const;

    static constexpr std::size_t kGroupBytes = std::size_t{64} << 10U;

  private:
    [[nodiscard]] std::string next();

    Limits limits_;
    Form form_;
    mutable std::mutex mutex_;
    std::deque<std::string> events_;
    std::size_t bytes_ = 0;
    std::uint64_t dropped_ = 0;
};

// The event without its top-level opaque_id; one inside "event" stays.
[[nodiscard]] std::string without_opaque_id(std::string json);

}  // namespace cardea::wsevents
