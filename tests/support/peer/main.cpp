// cardea-test-peer: native participants for tests and load. One JSON report on stdout; exit 0 when nothing failed.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "fleet.hpp"

namespace {

using namespace cardea;
using namespace cardea::testpeer;

struct CommandLine {
    PeerOptions options;
    std::string room = "1234";
    std::vector<std::string> profiles;
    double seconds = 10, drain = 1.5;
    std::optional<double> vanish, die, restart;
    double subscribe_after = 0;
    bool no_audio = false, no_rtx = false, connection_per_feed = false, one_connection = false;
};

Duration seconds_of(double seconds) { return std::chrono::duration_cast<Duration>(std::chrono::duration<double>{seconds}); }
std::optional<Duration> seconds_of(const std::optional<double>& seconds) {
    return seconds ? std::optional{seconds_of(*seconds)} : std::nullopt;
}

void declare(CLI::App& app, CommandLine& line) {
    auto& options = line.options;
    app.add_option("--url", options.url, "WebSocket of the gateway");
    app.add_option("--room", line.room, "room id, a number or a text");
    app.add_option("--pin", options.pin, "PIN of the room");
    app.add_flag("--trace", options.trace, "write the API's messages to stderr");
    app.add_option("--name", options.name, "start of the display names");
    app.add_option("--count", options.count, "participants in this process");
    app.add_flag("--publish", options.publish, "publish Opus and VP8");
    app.add_flag("--subscribe", options.subscribe, "subscribe to every other publisher");
    app.add_flag("--connection-per-feed", line.connection_per_feed,
                 "a PeerConnection for each feed, not for those known at the same moment");
    app.add_flag("--one-connection", line.one_connection, "one PeerConnection for all feeds, which grows by `subscribe`");
    app.add_option("--subscribe-after", line.subscribe_after, "seconds in which feeds are collected before the first subscription");
    app.add_option("--video-kbps", options.video_kbps, "bitrate of the video, 0: none");
    app.add_flag("--no-audio", line.no_audio, "publish no audio");
    app.add_flag("--no-rtx", line.no_rtx, "don't offer RTX");
    app.add_option("--profile", line.profiles, "SRTP profiles to offer, by OpenSSL's names")->delimiter(',');
    app.add_option("--bind", options.bind_address, "local address of the media sockets");
    app.add_option("--seconds", line.seconds, "how long media is sent");
    app.add_option("--drain", line.drain, "how long received packets still count afterwards");
    app.add_option("--vanish-after", line.vanish, "media sockets gone without a word, API connection kept");
    app.add_option("--die-after", line.die, "process gone without a word (exit status 9)");
    app.add_option("--ice-restart-after", line.restart, "publishers restart ICE");
}

void finish(CommandLine& line) {
    auto& options = line.options;
    const auto number = Json::parse(line.room);
    options.room = number.is_integer() ? number : Json{line.room};
    if (line.connection_per_feed) options.sharing = PeerOptions::Sharing::none;
    if (line.one_connection) options.sharing = PeerOptions::Sharing::all;
    options.subscribe_after = seconds_of(line.subscribe_after);
    options.audio = !line.no_audio;
    options.rtx = !line.no_rtx;
    options.run_time = seconds_of(line.seconds);
    options.drain_time = seconds_of(line.drain);
    options.vanish_after = seconds_of(line.vanish);
    options.die_after = seconds_of(line.die);
    options.restart_after = seconds_of(line.restart);
    if (!line.profiles.empty()) options.profiles.clear();
    for (const auto& profile : line.profiles) options.profiles += (options.profiles.empty() ? "" : ":") + profile;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Native WebRTC participants for tests"};
    CommandLine line;
    declare(app, line);
    CLI11_PARSE(app, argc, argv);
    finish(line);
    Fleet fleet{line.options};
    const auto report = fleet.run();
    std::puts(report.dump(JSON_INDENT(1)).c_str());
    const auto totals = report["totals"];
    const bool clean = totals["failed_connections"].integer() == 0 && totals["problems"].integer() == 0 && totals["damaged"].integer() == 0;
    return clean ? 0 : 1;
}
