// The whole gateway: media plane, control thread, modules. The thread that starts it is the loader thread: trials, dlopen,
// joins and dlclose happen here, because they block.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "api/api.hpp"
#include "app/heap_trim.hpp"
#include "app/paths.hpp"
#include "app/self_signed.hpp"
#include "config/config.hpp"
#include "modules/event_handler_runtime.hpp"
#include "modules/loader.hpp"
#include "modules/peer_router.hpp"
#include "modules/plugin_runtime.hpp"
#include "modules/transport_runtime.hpp"
#include "recording/recording_service.hpp"
#include "runtime/loop/event_loop.hpp"
#include "runtime/media_engine.hpp"

namespace cardea::app {

class Gateway {
  public:
    Gateway(const config::ConfigTree& config, Paths paths, CertificateFiles certificate);
    ~Gateway();
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;

    // Everything up, or the reason why not.
    [[nodiscard]] Result<void> start();
    // Peers hung up, sessions told, modules gone: well under five seconds. False: a module would not stop; the process must
    // then end without destroying this object.
    [[nodiscard]] bool stop();

    // Ports of one module's listener, for the banner.
    [[nodiscard]] const std::vector<ListenerState>& listeners() const noexcept { return listeners_; }

  private:
    [[nodiscard]] Result<void> load_modules();
    [[nodiscard]] Result<void> load(const Loader& loader, const std::string& name);
    [[nodiscard]] Result<void> start_plugin(PreparedModule module);
    [[nodiscard]] Result<void> start_transport(PreparedModule module);
    [[nodiscard]] Result<void> start_event_handler(PreparedModule module);
    void begin_events();
    void start_control();
    void watch_plugins();
    void every(Duration period, const std::function<void()>& task);
    // Runs the task on the control thread and waits for it.
    void on_control(std::function<void()> task);
    [[nodiscard]] std::string health() const;

    const config::ConfigTree& config_;
    Paths paths_;
    CertificateFiles certificate_;

    PeerRouter router_;
    std::unique_ptr<RecordingService> recording_;  // outlives the workers, which feed it
    std::unique_ptr<MediaEngine> media_;
    std::unique_ptr<PeerServices> peer_services_;
    EventLoop control_;
    HeapTrim heap_trim_;  // the control thread's
    std::unique_ptr<api::Api> api_;
    std::vector<std::unique_ptr<PluginRuntime>> plugins_;
    std::vector<std::unique_ptr<TransportRuntime>> transports_;
    std::vector<std::unique_ptr<EventHandlerRuntime>> event_handlers_;
    std::vector<ListenerState> listeners_;
    mutable std::mutex listeners_mutex_;  // transports read them for the health page
    std::thread control_thread_;
};

// The loader as the configuration describes it; --check-config uses it without a gateway.
[[nodiscard]] Loader make_loader(const config::ConfigTree& config, const Paths& paths, const CertificateFiles& certificate);

}  // namespace cardea::app
