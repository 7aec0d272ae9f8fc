#include "fleet.hpp"

#include <unistd.h>

#include <algorithm>

namespace cardea::testpeer {
namespace {
constexpr unsigned kTickMilliseconds = 4;
constexpr Duration kLeaveTime = 3s;
}  // namespace

Fleet::Fleet(const PeerOptions& options)
    : options_{options},
      certificate_{make_certificate()},
      dtls_{certificate_, options_.profiles},
      environment_{&certificate_, &dtls_, options_.bind_address},
      loop_{g_main_loop_new(nullptr, FALSE)},
      started_{MonotonicClock::now()} {
    for (unsigned i = 0; i < options_.count; ++i) participants_.push_back(std::make_unique<Participant>(options_, environment_, i));
}

Json Fleet::run() {
    started_ = MonotonicClock::now();
    for (auto& participant : participants_) participant->join();
    g_timeout_add(kTickMilliseconds, on_tick, this);
    g_main_loop_run(loop_.get());
    return std::move(result_);
}

gboolean Fleet::on_tick(gpointer user) {
    auto& fleet = *static_cast<Fleet*>(user);
    fleet.tick(MonotonicClock::now());
    return g_main_loop_is_running(fleet.loop_.get());
}

void Fleet::tick(Instant now) {
    for (auto& participant : participants_) participant->tick(now);
    follow_plan(now - started_);
    const bool all_gone = std::all_of(participants_.begin(), participants_.end(), [](const auto& each) { return each->is_gone(); });
    const bool late = now - started_ > options_.run_time + options_.drain_time + kLeaveTime;
    if (leaving_ && (all_gone || late)) g_main_loop_quit(loop_.get());
}

void Fleet::follow_plan(Duration elapsed) {
    if (options_.die_after && elapsed >= *options_.die_after) _exit(9);
    const auto once = [&](bool& done, bool due, auto action) {
        if (done || !due) return;
        done = true;
        for (auto& participant : participants_) action(*participant);
    };
    once(vanished_, options_.vanish_after && elapsed >= *options_.vanish_after, [](Participant& each) { each.vanish(); });
    once(restarted_, options_.restart_after && elapsed >= *options_.restart_after, [](Participant& each) { each.restart_ice(); });
    if (stop_early_ && !media_stopped_) options_.run_time = elapsed;
    once(media_stopped_, elapsed >= options_.run_time, [](Participant& each) { each.stop_media(); });
    const bool leave = !leaving_ && elapsed >= options_.run_time + options_.drain_time;
    if (leave) result_ = report(MonotonicClock::now());
    once(leaving_, leave, [](Participant& each) { each.leave(); });
}

Json Fleet::report(Instant now) const {
    std::uint64_t subscriptions = 0, connections = 0, failed = 0, lost = 0, damaged = 0, problems = 0, silent = 0;
    auto peers = Json::array();
    for (const auto& participant : participants_) {
        const auto peer = participant->report(now);
        problems += peer["problems"].size();
        const auto count_connection = [&](const Json& connection) {
            if (!connection.is_object()) return;
            ++connections;
            failed += connection["up"].boolean() && connection["problem"].text().empty() ? 0U : 1U;
        };
        count_connection(peer["publisher"]);
        peer["subscriptions"].for_each([&](const Json& subscription) {
            count_connection(subscription);
            std::vector<std::string> feeds;
            subscription["streams"].for_each([&](const Json& stream) {
                feeds.push_back(stream["feed"].dump());
                lost += stream["lost"].unsigned_integer() + stream["stamps_lost"].unsigned_integer();
                damaged += stream["damaged"].unsigned_integer();
                silent += stream["packets"].unsigned_integer() == 0 ? 1U : 0U;
            });
            std::sort(feeds.begin(), feeds.end());
            subscriptions += static_cast<std::uint64_t>(std::unique(feeds.begin(), feeds.end()) - feeds.begin());
        });
        peers.push(peer);
    }
    const Json totals{{"subscriptions", subscriptions},
                      {"connections", connections},
                      {"failed_connections", failed},
                      {"lost", lost},
                      {"damaged", damaged},
                      {"problems", problems},
                      {"silent_streams", silent}};
    return Json{{"totals", totals}, {"started_at", ns_of(started_) / 1000000}, {"peers", peers}};
}

}  // namespace cardea::testpeer
