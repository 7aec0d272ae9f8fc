// One event handler module at work. The control thread tells it what happened; the module queues and sends on threads of its own.
#pragma once

#include <atomic>
#include <memory>

#include "base/result.hpp"
#include "modules/module_file.hpp"
#include "modules/service_threads.hpp"
#include "telemetry/event_stream.hpp"

namespace cardea {

class EventHandlerRuntime final : public EventOutput {
  public:
    // The loader thread.
    [[nodiscard]] static Result<std::unique_ptr<EventHandlerRuntime>> start(std::unique_ptr<ModuleFile> module, const Json& config);
    ~EventHandlerRuntime() override;
    void stop();  // the loader thread: services joined, destroyed. Nothing is told any more.

    [[nodiscard]] const ModuleIdentity& identity() const noexcept { return identity_; }
    [[nodiscard]] std::uint32_t wanted() const noexcept override { return wanted_.load(std::memory_order_relaxed); }
    void tell(EventKind kind, const std::string& json) override;

  private:
    friend struct EventHandlerHostTable;
    explicit EventHandlerRuntime(std::unique_ptr<ModuleFile> module);

    std::unique_ptr<ModuleFile> module_;
    ModuleIdentity identity_;
    const cardea_event_handler_api& api_;
    cardea_event_handler_host host_{};
    void* handler_ = nullptr;
    std::atomic<std::uint32_t> wanted_{0};
    ServiceThreads service_threads_;
};

}  // namespace cardea
