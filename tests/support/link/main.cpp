// cardea-link-sim: a lossy, slow or rebinding link between clients and a gateway, the same one for the same seed.
// It lives as long as its standard input, reads commands there (control.hpp) and prints one line of JSON for each.
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>

#include "control.hpp"

namespace {

using namespace cardea;
using namespace cardea::link;

std::optional<SocketAddress> parse_endpoint(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) return std::nullopt;
    unsigned port = 0;
    try {
        port = static_cast<unsigned>(std::stoul(text.substr(colon + 1)));
    } catch (const std::exception&) {
        return std::nullopt;
    }
    return port > 0xffff ? std::nullopt : SocketAddress::parse(text.substr(0, colon), static_cast<std::uint16_t>(port));
}

void print(const Json& json) {
    std::puts(json.dump().c_str());
    std::fflush(stdout);
}

// Whole lines out of what a pipe delivers in pieces.
class LineReader {
  public:
    // False at the end of the input.
    template <class F>
    bool read(F&& on_line) {
        std::array<char, 4096> chunk{};
        const auto got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
        if (got <= 0) return false;
        rest_.append(chunk.data(), static_cast<std::size_t>(got));
        for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n')) {
            on_line(rest_.substr(0, end));
            rest_.erase(0, end + 1);
        }
        return true;
    }

  private:
    std::string rest_;
};

timespec until(std::optional<Instant> next, Instant now) {
    const auto wait = next ? std::clamp(*next - now, Duration{0}, Duration{1s}) : Duration{1s};
    return {static_cast<time_t>(wait / 1s), static_cast<long>((wait % 1s).count())};
}

void serve(Relay& relay) {
    LineReader commands;
    bool running = true;
    while (running) {
        std::vector<pollfd> polled{{STDIN_FILENO, POLLIN, 0}};
        for (const int fd : relay.readable_fds()) polled.push_back({fd, POLLIN, 0});
        const auto timeout = until(relay.next_delivery(), MonotonicClock::now());
        if (::ppoll(polled.data(), polled.size(), &timeout, nullptr) < 0) continue;
        for (std::size_t i = 1; i < polled.size(); ++i)
            if (polled[i].revents != 0) relay.receive(polled[i].fd, MonotonicClock::now());
        relay.deliver_due(MonotonicClock::now());
        if (polled[0].revents == 0) continue;
        const bool open = commands.read([&](const std::string& line) {
            const auto answer = run_command(relay, line);
            print(answer.json);
            running = running && !answer.quit;
        });
        running = running && open;
    }
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"A link with loss, delay, jitter, reordering and rebinding, between clients and a UDP server"};
    std::vector<std::string> listen, target;
    std::uint64_t seed = 1;
    app.add_option("--listen", listen, "where clients send to, ip:port (repeatable)")->required();
    app.add_option("--target", target, "the server's ip:port for the --listen of the same place")->required();
    app.add_option("--seed", seed, "seed of the random generator");
    CLI11_PARSE(app, argc, argv);
    if (listen.size() != target.size()) return std::fputs("as many --target as --listen are needed\n", stderr), 2;
    Relay relay{{}, {}, seed};
    for (std::size_t i = 0; i < listen.size(); ++i) {
        const auto from = parse_endpoint(listen[i]);
        const auto to = parse_endpoint(target[i]);
        if (!from || !to) return std::fputs("an address is not ip:port\n", stderr), 2;
        if (const auto added = relay.add({*from, *to}); !added) return std::fprintf(stderr, "%s\n", added.error().detail.c_str()), 1;
    }
    print(Json{{"ready", true}});
    serve(relay);
}
