// cardea: the gateway's process. Command line, configuration, gateway, and waiting for a signal.
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <variant>

#include "app/cli.hpp"
#include "app/gateway.hpp"
#include "app/host_addresses.hpp"
#include "app/signals.hpp"
#include "app/startup_banner.hpp"
#include "base/log.hpp"

namespace {

using namespace cardea;

constexpr int kBadConfiguration = 2;

int complain(const std::string& text) {
    std::fprintf(stderr, "%s\n", text.c_str());
    return kBadConfiguration;
}

Result<app::CertificateFiles> certificate_files(const config::CoreOptions& options, const app::Paths& paths) {
    if (!options.tls.certificate.empty()) return app::CertificateFiles{options.tls.certificate, options.tls.key};
    return app::ensure_self_signed(paths.state.string(), {app::host_name(), app::host_addresses()}, wall_now());
}

// Modules are described by their trial process; nothing of them runs here.
int check_config(const config::ConfigTree& config, const app::Paths& paths, const app::CertificateFiles& certificate) {
    const auto loader = app::make_loader(config, paths, certificate);
    int code = 0;
    for (const auto& name : config.core().modules.enable) {
        const auto checked = loader.check(name);
        if (checked) continue;
        code = complain("module " + name + ": " + checked.error().detail);
    }
    if (code == 0) std::puts("configuration is good");
    return code;
}

app::Reachability reachability(const app::Gateway& gateway, const config::CoreOptions& options) {
    app::Reachability host{app::host_addresses(), std::nullopt, std::nullopt, !options.media.announce.empty()};
    for (const auto& listener : gateway.listeners()) {
        if (listener.module != "http") continue;
        (listener.tls ? host.https_port : host.http_port) = listener.address.port();
    }
    return host;
}

void greet(const app::Gateway& gateway, const config::CoreOptions& options) {
    const auto host = reachability(gateway, options);
    std::fputs(app::startup_banner(host).c_str(), stdout);
    std::fflush(stdout);
    if (const auto warning = app::reachability_warning(host)) log::warn(*warning);
}

void wait_for_end(app::SignalFd& signals) {
    while (true) {
        pollfd wait{signals.fd(), POLLIN, 0};
        poll(&wait, 1, -1);
        const auto signal = signals.next();
        if (signal == SIGTERM || signal == SIGINT) return;
    }
}

int run(const config::ConfigTree& config, const app::Paths& paths, const app::CertificateFiles& certificate) {
    app::SignalFd signals;  // before the first thread
    app::Gateway gateway{config, paths, certificate};
    if (const auto started = gateway.start(); !started) {
        log::error("gateway cannot start", log::kv("reason", started.error().detail));
        return 1;
    }
    greet(gateway, config.core());
    wait_for_end(signals);
    const bool clean = gateway.stop();
    log::info("gateway stopped");
    log::flush();
    if (!clean) _exit(0);  // a plugin's thread is stuck in its code: nothing may be unmapped under it
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    const auto parsed = app::parse_command_line(argc, argv);
    if (const auto* exit = std::get_if<app::Exit>(&parsed)) {
        std::fputs(exit->text.c_str(), exit->code == 0 ? stdout : stderr);
        return exit->code;
    }
    const auto& command = std::get<app::CommandLine>(parsed);
    const auto config = config::load(command.configuration);
    if (!config) return complain(config.error().detail);
    const auto& options = config->core();
    log::configure({options.log.level, options.log.file, options.log.json});
    const auto paths = app::resolve_paths(options);
    if (!paths) return complain(paths.error().detail);
    const auto certificate = certificate_files(options, *paths);
    if (!certificate) return complain(certificate.error().detail);
    return command.check_config ? check_config(*config, *paths, *certificate) : run(*config, *paths, *certificate);
}
