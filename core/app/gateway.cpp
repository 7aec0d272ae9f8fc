#include "app/gateway.hpp"

#include <csignal>
#include <future>

#include "app/cli.hpp"
#include "app/gateway_options.hpp"
#include "base/log.hpp"

namespace cardea::app {
namespace {

constexpr Duration kSweepPeriod = 2s;
constexpr Duration kWatchPeriod = 500ms;
constexpr Duration kTrimPeriod = 3s;
constexpr Duration kStuckAfter = 1s;
constexpr Duration kPluginPatience = 2s;

// The module is good; the port it was told to open is not to be had. A gateway that goes on without its clients' door would
// only look as if it ran.
constexpr int kCannotListen = 1;

}  // namespace

Loader make_loader(const config::ConfigTree& config, const Paths& paths, const CertificateFiles& certificate) {
    LoaderOptions options{paths.modules, paths.staging, paths.executable_folder / "cardea-module-trial", 10s,
                          transport_host_section(config.core(), certificate), paths.state / "modules"};
    return {std::move(options), [&config, pages = paths.pages.string()](const std::string& module, const cardea_params& table) {
                auto section = config.validate_section(module, table);
                // The folder of the pages is a matter of the installation, not of the module.
                if (section && module == "http" && (*section)["folder"].text().empty()) section->set("folder", pages);
                return section;
            }};
}

Gateway::Gateway(const config::ConfigTree& config, Paths paths, CertificateFiles certificate)
    : config_{config}, paths_{std::move(paths)}, certificate_{std::move(certificate)} {}

Gateway::~Gateway() {
    if (!control_thread_.joinable()) return;
    control_.stop();
    control_thread_.join();
}

Result<void> Gateway::start() {
    const auto& core = config_.core();
    recording_ = std::make_unique<RecordingService>(recording_options(core.recording, paths_.recordings));
    auto media = MediaEngine::start(media_options(core.media, core.remote), router_);
    if (!media) return tl::unexpected{media.error()};
    media_ = std::move(*media);
    SdpLimits sdp;
    sdp.bytes = core.limits.sdp_bytes;
    sdp.lines = core.limits.sdp_lines;
    peer_services_ = std::make_unique<PeerServices>(PeerServices{*media_, router_, sdp, recording_.get()});
    auto options = api_options(core);
    options.facts.workers = media_->worker_count();
    api_ = std::make_unique<api::Api>(std::move(options), MonotonicClock::now);
    if (auto loaded = load_modules(); !loaded) return loaded;
    start_control();
    log::info("gateway ready", log::kv("plugins", plugins_.size()), log::kv("transports", transports_.size()),
              log::kv("workers", media_->worker_count()));
    return {};
}

Result<void> Gateway::load_modules() {
    const auto loader = make_loader(config_, paths_, certificate_);
    const auto& modules = config_.core().modules;
    for (const auto& name : modules.enable) {
        const auto loaded = load(loader, name);
        if (loaded) continue;
        const bool exits = modules.on_error == config::ModulesSection::OnError::exit || loaded.error().code == kCannotListen;
        if (exits) return fail(0, "module " + name + ": " + loaded.error().detail);
        log::error("module refused", log::kv("module", name), log::kv("reason", loaded.error().detail));
    }
    return {};
}

Result<void> Gateway::load(const Loader& loader, const std::string& name) {
    auto module = loader.prepare(name);
    if (!module) return tl::unexpected{module.error()};
    switch (module->file->descriptor().kind) {
        case CARDEA_KIND_PLUGIN: return start_plugin(std::move(*module));
        case CARDEA_KIND_EVENT_HANDLER: return start_event_handler(std::move(*module));
        default: return start_transport(std::move(*module));
    }
}

Result<void> Gateway::start_plugin(PreparedModule module) {
    auto runtime = PluginRuntime::start(std::move(module.file), module.config, {*peer_services_, control_, *api_, config_.core().api.token_auth_secret});
    if (!runtime) return tl::unexpected{runtime.error()};
    const auto& identity = (*runtime)->identity();
    log::info("plugin loaded", log::kv("module", identity.name), log::kv("version", identity.version));
    api_->add_plugin(**runtime);
    plugins_.push_back(std::move(*runtime));
    return {};
}

Result<void> Gateway::start_transport(PreparedModule module) {
    auto runtime = TransportRuntime::start(std::move(module.file), module.config,
                                           {control_, *api_, [this] { return health(); }, client_limits(config_.core().limits)});
    if (!runtime) return tl::unexpected{runtime.error()};
    auto opened = (*runtime)->listen(module.config);
    if (!opened) {
        (*runtime)->close_listeners();
        return fail(kCannotListen, opened.error().detail);
    }
    for (const auto& state : *opened)
        log::info("listening", log::kv("module", state.module), log::kv("name", state.name), log::kv("address", state.address.ip()),
                  log::kv("port", state.address.port()), log::kv("tls", state.tls));
    {
        const std::lock_guard lock{listeners_mutex_};
        listeners_.insert(listeners_.end(), opened->begin(), opened->end());
    }
    api_->add_transport(**runtime);
    transports_.push_back(std::move(*runtime));
    return {};
}

Result<void> Gateway::start_event_handler(PreparedModule module) {
    auto runtime = EventHandlerRuntime::start(std::move(module.file), module.config);
    if (!runtime) return tl::unexpected{runtime.error()};
    const auto& identity = (*runtime)->identity();
    log::info("event handler loaded", log::kv("module", identity.name), log::kv("version", identity.version));
    api_->add_event_handler(identity);
    api_->events().add(**runtime);
    event_handlers_.push_back(std::move(*runtime));
    return {};
}

// Before the control thread runs: nobody else emits yet.
void Gateway::begin_events() {
    auto& events = api_->events();
    router_.want(events.wants(EventKind::webrtc), events.wants(EventKind::media));
    if (!events.wants(EventKind::core)) return;
    events.emit(EventKind::core, event_subtype::kStatus, {}, {{"status", "started"}, {"info", api_->server_info_json()}});
    const auto period = config_.core().media.statistics_period;
    every(period, [this, period] {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(period).count();
        api_->events().emit(EventKind::core, event_subtype::kStatus, {},
                            {{"status", "update"},
                             {"info",
                              {{"sessions", api_->session_count()},
                               {"handles", api_->handle_count()},
                               {"peerconnections", media_->peer_count()},
                               {"stats-period", seconds}}}});
    });
}

void Gateway::start_control() {
    begin_events();
    every(kSweepPeriod, [this] { api_->sweep(MonotonicClock::now()); });
    every(kWatchPeriod, [this] { watch_plugins(); });
    every(kTrimPeriod, [this] { trim_heap(heap_trim_); });
    control_thread_ = std::thread{[this] {
        name_thread("control");
        control_.run();
    }};
}

void Gateway::every(Duration period, const std::function<void()>& task) {
    control_.start_timer(period, [this, period, task] {
        task();
        every(period, task);
    });
}

void Gateway::watch_plugins() {
    for (const auto& plugin : plugins_)
        if (const auto stuck = plugin->stuck_call(MonotonicClock::now(), kStuckAfter))
            log::warn("plugin call takes long", log::kv("module", plugin->identity().name), log::kv("call", stuck->call),
                      log::kv("seconds", std::chrono::duration<double>(stuck->since).count()));
}

void Gateway::on_control(std::function<void()> task) {
    std::promise<void> done;
    control_.post([&] {
        task();
        done.set_value();
    });
    done.get_future().wait();
}

std::string Gateway::health() const {
    auto list = Json::array();
    {
        const std::lock_guard lock{listeners_mutex_};
        for (const auto& state : listeners_)
            list.push({{"module", state.module}, {"name", state.name}, {"port", unsigned{state.address.port()}}, {"tls", state.tls}});
    }
    return Json{{"name", "Cardea"},
                {"version", version()},
                {"status", "ok"},
                {"sessions", api_->session_count()},
                {"handles", api_->handle_count()},
                {"peers", media_->peer_count()},
                {"listeners", list}}
        .dump();
}

bool Gateway::stop() {
    log::info("gateway stops");
    on_control([this] {
        for (const auto& transport : transports_) transport->close_listeners();
        api_->shut_down();
    });
    bool all_stopped = true;
    for (const auto& plugin : plugins_) {
        if (plugin->stop(kPluginPatience)) continue;
        all_stopped = false;
        log::error("plugin does not stop", log::kv("module", plugin->identity().name));
    }
    // What the plugins told last is in the control thread's mailbox before this.
    on_control([this] {
        api_->close_clients();
        api_->events().emit(EventKind::core, event_subtype::kShutdown, {}, {{"status", "shutdown"}, {"signum", SIGTERM}});
        api_->events().clear();
    });
    control_.stop();
    control_thread_.join();
    for (const auto& transport : transports_) transport->stop();
    for (const auto& handler : event_handlers_) handler->stop();
    if (!all_stopped) return false;
    plugins_.clear();
    transports_.clear();
    event_handlers_.clear();
    media_.reset();
    recording_.reset();
    return true;
}

}  // namespace cardea::app
