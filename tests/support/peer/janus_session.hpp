// One session of the Janus API on its own WebSocket: transactions, events by handle, keepalives.
#pragma once

#include <cardea/json.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "websocket.hpp"

namespace cardea::testpeer {

using HandleId = std::uint64_t;

class JanusSession {
  public:
    using Reply = std::function<void(const Json& message)>;  // success, error, or the event of an asynchronous request
    struct Events {
        std::function<void(HandleId, const Json&)> on_event;  // what answers no request
        std::function<void(std::string)> on_problem;
        bool trace = false;  // messages to stderr
    };
    [[nodiscard]] static Result<std::unique_ptr<JanusSession>> open(const std::string& url, Events events);

    void create(std::function<void()> done);
    void attach(const std::string& plugin, std::function<void(HandleId)> done);
    void message(HandleId handle, Json body, Json jsep, Reply reply);
    void end_of_candidates(HandleId handle);
    void destroy(std::function<void()> done);
    void tick(Instant now);
    void close() { socket_->close(); }

  private:
    explicit JanusSession(Events events) : events_{std::move(events)} {}
    void request(Json request, Reply reply);
    void on_text(std::string_view text);
    void trace(std::string_view direction, std::string_view text) const;

    Events events_;
    std::unique_ptr<WebSocket> socket_;
    std::uint64_t session_ = 0;
    std::uint64_t next_transaction_ = 1;
    std::map<std::string, Reply, std::less<>> open_;
    std::optional<Instant> keepalive_at_;
};

}  // namespace cardea::testpeer
