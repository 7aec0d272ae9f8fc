// What a run found out, as JSON. README.md says how to read it.
#include <algorithm>

#include "participants.hpp"

namespace cardea::load {
namespace {

double percentile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const auto index = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5);
    return values[index];
}

double per(double part, double whole) { return whole > 0 ? part / whole : 0; }
double change(std::uint64_t before, std::uint64_t after) { return static_cast<double>(after) - static_cast<double>(before); }

}  // namespace

Json Run::report(const Window& before, const Window& after) const {
    std::uint64_t audio_forwarded = 0, audio_lost = 0;
    std::uint64_t forwarded = 0, lost = 0, reordered = 0, sampled = 0, damaged = 0, silent = 0, send_failures = 0;
    for (const auto& subscriber : subscribers_) {
        if (subscriber->leg->streams().empty()) ++silent;
        for (const auto& stream : subscriber->leg->streams()) {
            forwarded += stream.received;
            lost += stream.lost();
            reordered += stream.reordered;
            sampled += stream.sampled;
            damaged += stream.damaged;
            if (stream.video) continue;
            audio_forwarded += stream.received;
            audio_lost += stream.lost();
        }
    }
    for (const auto& publisher : publishers_) send_failures += publisher->leg->send_failures();
    // Every subscriber of a publisher should have got what it sent; of simulcast it gets one encoding.
    const auto wanted = static_cast<double>(after.sent - before.sent) * options_.subscribers;
    const auto window = std::chrono::duration<double>(after.at - before.at).count();
    const auto microseconds = std::chrono::duration<double, std::micro>(after.server.cpu - before.server.cpu).count();
    const auto setup_cpu = std::chrono::duration<double, std::micro>(after_setup_.server.cpu - before_setup_.server.cpu).count();
    const auto count = static_cast<double>(subscribers_.size());
    auto result = Json{
        {"shape", {{"rooms", options_.rooms}, {"publishers", publishers_.size()}, {"subscribers", subscribers_.size()},
                   {"video_kbps", options_.profile.video_kbps}, {"audio", options_.profile.audio}, {"spread", options_.profile.spread}, {"simulcast", options_.simulcast}, {"silent", options_.silent},
                   {"seconds", window}, {"srtp", subscribers_.empty() ? std::string{} : subscribers_.front()->leg->profile()}}},
        {"packets", {{"sent", after.sent - before.sent}, {"forwarded", forwarded}, {"lost", lost},
                     {"lost_per_cent", per(100.0 * static_cast<double>(lost), static_cast<double>(forwarded + lost))},
                     {"reordered", reordered}, {"sampled", sampled}, {"damaged", damaged}, {"send_failures", send_failures}}},
        {"audio", {{"forwarded", audio_forwarded}, {"lost_per_cent", per(100.0 * static_cast<double>(audio_lost), static_cast<double>(audio_forwarded + audio_lost))},
                   {"latency_ms", {{"p50", audio_latencies_.milliseconds_at(0.5)}, {"p99", audio_latencies_.milliseconds_at(0.99)}}}}},
        {"subscribers_without_media", silent},
        {"latency_ms", {{"p50", latencies_.milliseconds_at(0.5)}, {"p99", latencies_.milliseconds_at(0.99)}, {"samples", latencies_.count()}}},
        {"setup_ms", {{"p50", percentile(setup_ms_, 0.5)}, {"p99", percentile(setup_ms_, 0.99)}, {"per_second", per(count, storm_seconds_)}}},
        {"server", {{"cpu_us_per_forwarded_packet", per(microseconds, static_cast<double>(forwarded))},
                    {"cpu_per_cent_of_a_core", per(microseconds / 1e4, window)},
                    {"cpu_us_per_setup", per(setup_cpu, count)},
                    {"rss_kib", after.server.rss_kib},
                    {"rss_kib_per_peer", per(change(before_setup_.server.rss_kib, after.server.rss_kib), count)},
                    {"threads_per_peer", per(change(before_setup_.server.threads, after.server.threads), count)},
                    {"descriptors_per_peer", per(change(before_setup_.server.descriptors, after.server.descriptors), count)},
                    {"threads", after.server.threads},
                    {"descriptors", after.server.descriptors}}},
        {"generator", {{"cpu_per_cent_of_a_core",
                        per(std::chrono::duration<double>(after.own_cpu - before.own_cpu).count() * 100, window)}}}};
    if (!options_.simulcast) result["packets"].set("not_forwarded_per_cent", std::max(0.0, 100 - per(100.0 * static_cast<double>(forwarded), wanted)));
    if (options_.data) result.set("data", report_data());
    return result;
}

Json Run::report_data() const {
    std::uint64_t received = 0, damaged = 0, silent = 0;
    for (const auto& subscriber : subscribers_) {
        const auto* data = subscriber->leg->data();
        if (data == nullptr || data->received() == 0) ++silent;
        if (data == nullptr) continue;
        received += data->received();
        damaged += data->damaged();
    }
    return {{"sent", statuses_sent_}, {"received", received}, {"damaged", damaged}, {"subscribers_without", silent}};
}

}  // namespace cardea::load
