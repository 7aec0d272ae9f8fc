#include "participant.hpp"

namespace cardea::testpeer {
namespace {

constexpr const char* kPlugin = "janus.plugin.videoroom";

const Json data_of(const Json& message) { return message["plugindata"]["data"]; }

}  // namespace

Participant::Participant(const PeerOptions& options, const Connection::Environment& environment, unsigned index)
    : options_{options}, environment_{environment}, index_{index} {}

void Participant::join() {
    auto session = JanusSession::open(options_.url, {[this](HandleId handle, const Json& message) { on_event(handle, message); },
                                                     [this](std::string text) {
                                                         if (leaving_)
                                                             gone_ = true;
                                                         else
                                                             problem(std::move(text));
                                                     },
                                                     options_.trace});
    if (!session) return problem(session.error().detail);
    session_ = std::move(*session);
    session_->create([this] {
        session_->attach(kPlugin, [this](HandleId handle) {
            handle_ = handle;
            Json body{
                {"request", "join"}, {"ptype", "publisher"}, {"room", options_.room}, {"display", options_.name + std::to_string(index_)}};
            if (!options_.pin.empty()) body.set("pin", options_.pin);
            session_->message(handle_, body, {}, [this](const Json& message) {
                if (check(message, "join")) on_joined(data_of(message));
            });
        });
    });
}

bool Participant::check(const Json& message, const char* what) {
    const auto data = data_of(message);
    if (!data.has("error_code")) return true;
    problem(std::string{what} + ": " + std::to_string(data["error_code"].integer()) + " " + std::string{data["error"].text()});
    return false;
}

void Participant::on_joined(const Json& event) {
    feed_ = event["id"];
    if (options_.publish) publish();
    follow(event["publishers"]);
}

void Participant::publish() {
    publisher_ = std::make_unique<Publisher>(environment_, options_, index_, MonotonicClock::now());
    const Json jsep{{"type", "offer"}, {"sdp", publisher_->offer()}};
    session_->message(handle_, {{"request", "publish"}}, jsep, [this](const Json& message) {
        if (check(message, "publish")) publisher_->accept_answer(std::string{message["jsep"]["sdp"].text()});
    });
    session_->end_of_candidates(handle_);
}

void Participant::restart_ice() {
    if (!publisher_) return;
    publisher_->restart_ice();
    const Json jsep{{"type", "offer"}, {"sdp", publisher_->offer()}};
    session_->message(handle_, {{"request", "configure"}, {"restart", true}}, jsep, [this](const Json& message) {
        if (check(message, "restart")) publisher_->accept_answer(std::string{message["jsep"]["sdp"].text()});
    });
}

void Participant::follow(const Json& publishers) {
    if (!options_.subscribe) return;
    publishers.for_each([&](const Json& publisher) {
        // A publisher is announced again when its streams change; then the gateway offers by itself.
        if (followed_.insert(publisher["id"].dump()).second) known_.push_back(publisher["id"]);
    });
}

void Participant::subscribe_to_known() {
    using Sharing = PeerOptions::Sharing;
    while (!known_.empty()) {
        auto& feeder = options_.sharing == Sharing::all && !feeders_.empty() ? *feeders_.front() : new_feeder();
        const auto count = options_.sharing == Sharing::none ? 1 : known_.size();
        for (std::size_t i = 0; i < count; ++i) {
            feeder.waiting.push_back(known_.front());
            known_.pop_front();
        }
        advance(feeder);
    }
}

void Participant::forget_leavers(const Json& event) {
    for (const auto* how : {"unpublished", "leaving", "kicked"}) followed_.erase(event[how].dump());
}

Participant::Feeder& Participant::new_feeder() {
    auto& feeder = *feeders_.emplace_back(std::make_unique<Feeder>());
    feeder.subscription = std::make_unique<Subscription>(environment_, MonotonicClock::now());
    session_->attach(kPlugin, [this, &feeder](HandleId handle) {
        feeder.handle = handle;
        feeder.busy = false;
        advance(feeder);
    });
    return feeder;
}

// One negotiation at a time: the next feeds are asked for when the last offer is answered.
void Participant::advance(Feeder& feeder) {
    if (feeder.busy || feeder.waiting.empty() || leaving_) return;
    auto streams = Json::array();
    for (auto& feed : feeder.waiting) streams.push(Json{{"feed", feed}});
    feeder.waiting.clear();
    feeder.busy = true;
    Json body = feeder.joined
                    ? Json{{"request", "subscribe"}, {"streams", streams}}
                    : Json{{"request", "join"}, {"ptype", "subscriber"}, {"room", options_.room}, {"use_msid", true}, {"streams", streams}};
    if (!feeder.joined && !options_.pin.empty()) body.set("pin", options_.pin);
    feeder.joined = true;
    session_->message(feeder.handle, body, {}, [this, &feeder](const Json& message) {
        if (check(message, "subscribe") && message.has("jsep")) return on_offer(feeder, message);
        feeder.busy = false;
        advance(feeder);
    });
}

void Participant::on_offer(Feeder& feeder, const Json& message) {
    feeder.busy = true;
    const auto sdp =
        feeder.subscription->answer(std::string{message["jsep"]["sdp"].text()}, data_of(message)["streams"], MonotonicClock::now());
    const Json jsep{{"type", "answer"}, {"sdp", sdp}};
    session_->message(feeder.handle, {{"request", "start"}}, jsep, [this, &feeder](const Json& reply) {
        static_cast<void>(check(reply, "start"));
        feeder.busy = false;
        advance(feeder);
    });
}

void Participant::on_event(HandleId handle, const Json& message) {
    const auto verb = std::string{message["janus"].text()};
    ++event_counts_[verb];
    if (verb == "hangup" || verb == "detached")
        api_events_.push({{"janus", verb},
                          {"reason", message["reason"].text()},
                          {"at", ns_of(MonotonicClock::now()) / 1000000},
                          {"publisher", handle == handle_}});
    if (verb != "event" || leaving_) return;
    if (handle == handle_) {
        forget_leavers(data_of(message));
        return follow(data_of(message)["publishers"]);
    }
    for (auto& feeder : feeders_)
        if (feeder->handle == handle && message.has("jsep")) on_offer(*feeder, message);
}

void Participant::tick(Instant now) {
    if (!born_) born_ = now;
    if (session_) session_->tick(now);
    if (!leaving_ && now - *born_ >= options_.subscribe_after) subscribe_to_known();
    if (publisher_) publisher_->tick(now);
    for (auto& feeder : feeders_) feeder->subscription->tick(now);
}

void Participant::stop_media() {
    if (publisher_) publisher_->stop_media();
}

void Participant::leave() {
    leaving_ = true;
    if (publisher_) publisher_->close();
    for (auto& feeder : feeders_) feeder->subscription->close();
    if (!session_) {
        gone_ = true;
        return;
    }
    session_->destroy([this] {
        session_->close();
        gone_ = true;
    });
}

void Participant::vanish() {
    if (publisher_) publisher_->vanish();
    for (auto& feeder : feeders_) feeder->subscription->vanish();
}

Json Participant::report(Instant now) const {
    auto problems = Json::array();
    for (const auto& text : problems_) problems.push(text);
    auto subscriptions = Json::array();
    for (const auto& feeder : feeders_) subscriptions.push(feeder->subscription->report(now));
    auto counts = Json::object();
    for (const auto& [verb, count] : event_counts_) counts.set(verb.c_str(), count);
    return Json{{"name", options_.name + std::to_string(index_)},
                {"feed", feed_},
                {"problems", problems},
                {"api_events", api_events_},
                {"event_counts", counts},
                {"publisher", publisher_ ? publisher_->report() : Json::null()},
                {"subscriptions", subscriptions}};
}

}  // namespace cardea::testpeer
