// One participant of a video room: joins, publishes, subscribes to whoever publishes, and tells at the end what it saw.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "janus_session.hpp"
#include "options.hpp"
#include "publisher.hpp"
#include "subscription.hpp"

namespace cardea::testpeer {

class Participant {
  public:
    Participant(const PeerOptions& options, const Connection::Environment& environment, unsigned index);

    void join();
    void tick(Instant now);
    void stop_media();
    void leave();
    void vanish();
    void restart_ice();
    [[nodiscard]] bool is_gone() const noexcept { return gone_; }
    [[nodiscard]] Json report(Instant now) const;

  private:
    struct Feeder {  // one subscriber handle
        HandleId handle = 0;
        std::unique_ptr<Subscription> subscription;
        std::deque<Json> waiting;  // feeds that are to be added
        bool joined = false;
        bool busy = true;
    };
    void on_joined(const Json& event);
    void on_event(HandleId handle, const Json& message);
    void publish();
    void follow(const Json& publishers);
    void forget_leavers(const Json& event);
    void subscribe_to_known();
    Feeder& new_feeder();
    void advance(Feeder& feeder);
    void on_offer(Feeder& feeder, const Json& message);
    [[nodiscard]] bool check(const Json& message, const char* what);
    void problem(std::string text) { problems_.push_back(std::move(text)); }

    const PeerOptions& options_;
    const Connection::Environment& environment_;
    unsigned index_;
    std::unique_ptr<JanusSession> session_;
    HandleId handle_ = 0;
    Json feed_;
    std::unique_ptr<Publisher> publisher_;
    std::vector<std::unique_ptr<Feeder>> feeders_;
    std::vector<std::string> problems_;
    Json api_events_ = Json::array();
    std::map<std::string, unsigned> event_counts_;
    std::deque<Json> known_;  // feeds that are not yet subscribed to
    std::optional<Instant> born_;
    std::set<std::string> followed_;  // feeds, as JSON text
    bool leaving_ = false;
    bool gone_ = false;
};

}  // namespace cardea::testpeer
