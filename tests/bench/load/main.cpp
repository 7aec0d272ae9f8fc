// cardea-load: load for any gateway that speaks the Janus API with a VideoRoom. Prints one JSON object; see README.md.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "api_load.hpp"
#include "run.hpp"

int main(int argc, char** argv) {
    using namespace cardea::load;
    Options options;
    bool no_audio = false;
    CLI::App app{"Load for a gateway that speaks the Janus API: real ICE, DTLS and SRTP. Prints JSON."};
    app.add_option("--url", options.url, "WebSocket of the gateway")->capture_default_str();
    app.add_option("--bind", options.bind_address, "numeric address that the peer connections are bound to")->capture_default_str();
    app.add_option("--pid", options.server, "process of the gateway, to measure its CPU time and memory");
    app.add_option("--rooms", options.rooms, "meetings")->capture_default_str();
    app.add_option("--publishers", options.publishers, "publishers of each meeting")->capture_default_str();
    app.add_option("--subscribers", options.subscribers, "subscriptions of each publisher")->capture_default_str();
    app.add_option("--video-kbps", options.profile.video_kbps, "VP8 of each publisher; 0: none")->capture_default_str();
    app.add_flag("--no-audio", no_audio, "no Opus");
    app.add_flag("--spread", options.profile.spread, "packets of a frame 2 to 4 ms apart");
    app.add_flag("--simulcast", options.simulcast, "three encodings of each video, which subscribers watch in turn");
    app.add_flag("--silent", options.silent, "media is negotiated and none sent: reports and consent checks only");
    app.add_flag("--data", options.data, "data channels; every publisher sends a message a second");
    app.add_option("--joins-per-second", options.joins_per_second, "subscriptions a second; 0: as fast as they come up")->capture_default_str();
    app.add_option("--inflight", options.inflight, "joins under way at once; 0: all")->capture_default_str();
    app.add_option("--warm-up", options.warm_up, "seconds of media before the measurement")->capture_default_str();
    app.add_option("--seconds", options.seconds, "seconds of the measurement")->capture_default_str();
    app.add_option("--srtp", options.profiles, "SRTP profiles to offer, as OpenSSL names them")->capture_default_str();
    ApiOptions api;
    app.add_option("--sessions", api.sessions, "no media: so many idle sessions with a handle each, watched for --seconds");
    app.add_option("--cycles", api.cycles, "no media: so many times create, attach, join, destroy");
    CLI11_PARSE(app, argc, argv);
    api.url = options.url;
    api.server = options.server;
    api.inflight = std::max(options.inflight, 1U);
    api.seconds = options.seconds;
    options.profile.audio = !no_audio;
    try {
        const auto result = api.sessions > 0 ? ApiLoad{api}.measure_sessions() : api.cycles > 0 ? ApiLoad{api}.measure_cycles() : Run{options}.measure();
        std::puts(result.dump(JSON_INDENT(2) | JSON_REAL_PRECISION(6)).c_str());
        return 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "cardea-load: %s\n", e.what());
        return 1;
    }
}
