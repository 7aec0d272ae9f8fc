// Load without media: sessions that do nothing, and the cycle create, attach, join, destroy as fast as it goes.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

#include <cardea/json.hpp>

#include "base/clock.hpp"
#include "websocket.hpp"

namespace cardea::load {

struct ApiOptions {
    std::string url;
    pid_t server = 0;
    unsigned sessions = 0;    // idle ones
    unsigned cycles = 0;      // of create, attach, join, destroy
    unsigned inflight = 16;   // requests, or cycles, under way at once
    double seconds = 10;      // how long idle sessions are watched
};

class ApiLoad {
  public:
    explicit ApiLoad(ApiOptions options);
    // Throws std::runtime_error with what went wrong.
    [[nodiscard]] Json measure_sessions();
    [[nodiscard]] Json measure_cycles();

  private:
    using Reply = std::function<void(const Json&)>;
    void connect();
    void request(Json message, Reply reply);
    void on_text(std::string_view text);
    void run_until(const std::function<bool()>& done);
    void cycle(const Json& room);

    ApiOptions options_;
    std::unique_ptr<testpeer::WebSocket> socket_;
    std::map<std::string, Reply, std::less<>> open_;
    std::uint64_t next_transaction_ = 1;
    std::string problem_;
    unsigned started_ = 0, finished_ = 0;
};

}  // namespace cardea::load
