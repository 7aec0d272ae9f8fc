#include "api_load.hpp"

#include <glib.h>

#include <stdexcept>
#include <vector>

#include "process_meter.hpp"

namespace cardea::load {
namespace {

constexpr const char* kPlugin = "janus.plugin.videoroom";
constexpr Duration kPatience = 120s;
constexpr Duration kKeepalive = 25s;  // as the browser library of Janus does it
constexpr Duration kKeepaliveLag = 100ms;

double seconds_between(Instant from, Instant to) { return std::chrono::duration<double>(to - from).count(); }
double microseconds_of(Duration d) { return std::chrono::duration<double, std::micro>(d).count(); }

}  // namespace

ApiLoad::ApiLoad(ApiOptions options) : options_{std::move(options)} { connect(); }

void ApiLoad::connect() {
    auto opened = testpeer::WebSocket::open(options_.url, "janus-protocol",
                                            {[this](std::string_view text) { on_text(text); }, [this](std::string why) { problem_ = "closed: " + why; }});
    if (!opened) throw std::runtime_error{opened.error().detail};
    socket_ = std::move(*opened);
}

void ApiLoad::request(Json message, Reply reply) {
    const auto transaction = "load-" + std::to_string(next_transaction_++);
    message.set("transaction", transaction);
    if (reply) open_.emplace(transaction, std::move(reply));
    socket_->send_text(message.dump());
}

void ApiLoad::on_text(std::string_view text) {
    const auto message = Json::parse(text);
    const auto verb = message["janus"].text();
    if (verb == "ack") return;
    if (verb == "error" || message["plugindata"]["data"].has("error_code")) problem_ = std::string{text};
    const auto found = open_.find(message["transaction"].text());
    if (found == open_.end()) return;
    const auto reply = std::move(found->second);
    open_.erase(found);
    reply(message);
}

void ApiLoad::run_until(const std::function<bool()>& done) {
    const auto end = MonotonicClock::now() + kPatience;
    while (!done()) {
        if (!problem_.empty()) throw std::runtime_error{problem_};
        if (MonotonicClock::now() >= end) throw std::runtime_error{"no answer in time"};
        if (g_main_context_iteration(nullptr, FALSE) == FALSE) g_usleep(200);
    }
}

// A session with a handle; when the gateway has no more to give, the ones before are what is measured.
void ApiLoad::open_idle() {
    ++started_;
    request({{"janus", "create"}}, [this](const Json& created) {
        const auto session = created["data"]["id"].unsigned_integer();
        request({{"janus", "attach"}, {"session_id", session}, {"plugin", kPlugin}}, [this, session](const Json&) { idle_.push_back(session); });
    });
}

// Each session in its turn, as clients that came one by one would.
void ApiLoad::keep_alive(Instant now) {
    if (idle_.empty() || now < next_keepalive_) return;
    const auto each = kKeepalive / static_cast<std::int64_t>(idle_.size());
    next_keepalive_ = std::max(next_keepalive_ + each, now - kKeepaliveLag);
    kept_ = (kept_ + 1) % idle_.size();
    request({{"janus", "keepalive"}, {"session_id", idle_[kept_]}}, {});
}

void ApiLoad::open_all_idle() {
    const auto end = MonotonicClock::now() + kPatience;
    try {
        run_until([&] {
            while (started_ < options_.sessions && started_ - idle_.size() < options_.inflight) open_idle();
            keep_alive(MonotonicClock::now());
            return idle_.size() == options_.sessions || MonotonicClock::now() >= end - 1s;
        });
    } catch (const std::runtime_error& refused) {
        if (idle_.empty()) throw;
        refused_ = refused.what();
        problem_.clear();
    }
}

Json ApiLoad::measure_sessions() {
    const auto before = use_of(options_.server);
    const auto began = MonotonicClock::now();
    open_all_idle();
    const auto created = use_of(options_.server);
    const auto idle = MonotonicClock::now();
    run_until([&] {
        const auto now = MonotonicClock::now();
        keep_alive(now);
        return seconds_between(idle, now) >= options_.seconds;
    });
    const auto after = use_of(options_.server);
    const auto count = static_cast<double>(idle_.size());
    return {{"wanted", options_.sessions},
            {"sessions", idle_.size()},
            {"refused", refused_},
            {"created_per_second", count / seconds_between(began, idle)},
            {"server",
             {{"cpu_us_per_session", microseconds_of(created.cpu - before.cpu) / count},
              {"rss_kib_per_session", (static_cast<double>(after.rss_kib) - static_cast<double>(before.rss_kib)) / count},
              {"idle_cpu_per_cent_of_a_core", microseconds_of(after.cpu - created.cpu) / 1e4 / seconds_between(idle, MonotonicClock::now())},
              {"threads", after.threads},
              {"descriptors", after.descriptors}}}};
}

void ApiLoad::cycle(const Json& room) {
    ++started_;
    request({{"janus", "create"}}, [this, room](const Json& created) {
        const auto session = created["data"]["id"].unsigned_integer();
        request({{"janus", "attach"}, {"session_id", session}, {"plugin", kPlugin}}, [this, room, session](const Json& attached) {
            const Json body{{"request", "join"}, {"ptype", "publisher"}, {"room", room}};
            request({{"janus", "message"}, {"session_id", session}, {"handle_id", attached["data"]["id"].unsigned_integer()}, {"body", body}},
                    [this, session](const Json&) {
                        request({{"janus", "destroy"}, {"session_id", session}}, [this](const Json&) { ++finished_; });
                    });
        });
    });
}

Json ApiLoad::measure_cycles() {
    Json room;
    request({{"janus", "create"}}, [&](const Json& created) {
        const auto session = created["data"]["id"].unsigned_integer();
        request({{"janus", "attach"}, {"session_id", session}, {"plugin", kPlugin}}, [&, session](const Json& attached) {
            request({{"janus", "message"}, {"session_id", session}, {"handle_id", attached["data"]["id"].unsigned_integer()},
                     {"body", {{"request", "create"}, {"publishers", options_.inflight + 1}}}},
                    [&](const Json& made) { room = made["plugindata"]["data"]["room"]; });
        });
    });
    run_until([&] { return bool{room}; });
    const auto before = use_of(options_.server);
    const auto began = MonotonicClock::now();
    run_until([&] {
        while (started_ < options_.cycles && started_ - finished_ < options_.inflight) cycle(room);
        return finished_ == options_.cycles;
    });
    const auto after = use_of(options_.server);
    const auto count = static_cast<double>(options_.cycles);
    return {{"cycles", options_.cycles},
            {"cycles_per_second", count / seconds_between(began, MonotonicClock::now())},
            {"server", {{"cpu_us_per_cycle", microseconds_of(after.cpu - before.cpu) / count}, {"rss_kib", after.rss_kib}}}};
}

}  // namespace cardea::load
