// Load without media: sessions with a handle that do nothing, and the cycle create, attach, join, destroy as fast as it goes.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <cardea/json.hpp>

#include "base/clock.hpp"
#include "websocket.hpp"

namespace cardea::load {

struct ApiOptions {
    std::string url;
    pid_t server = 0;
    unsigned sessions = 0;    // idle ones, with a handle each
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
    void open_idle();
    void open_all_idle();
    void keep_alive(Instant now);

    ApiOptions options_;
    std::unique_ptr<testpeer::WebSocket> socket_;
    std::map<std::string, Reply, std::less<>> open_;
    std::uint64_t next_transaction_ = 1;
    std::string problem_;
    unsigned started_ = 0, finished_ = 0;
    std::vector<std::uint64_t> idle_;  // sessions
    std::size_t kept_ = 0;
    Instant next_keepalive_{};
    std::string refused_;  // why there are no more
};

}  // namespace cardea::load
