#include "modules/event_handler_runtime.hpp"

#include "base/clock.hpp"
#include "cardea/slice.hpp"
#include "modules/module_log.hpp"

namespace cardea {

// `self` is the runtime. Any thread.
struct EventHandlerHostTable {
    static EventHandlerRuntime& of(void* self) { return *static_cast<EventHandlerRuntime*>(self); }
    static void log(void* self, std::int32_t level, cardea_slice event, cardea_slice fields) {
        log_of_module(of(self).identity_.name, level, sdk::text(event), sdk::text(fields));
    }
    static std::int64_t now(void*) { return ns_of(MonotonicClock::now()); }
    static void want(void* self, std::uint32_t kinds) { of(self).wanted_.store(kinds, std::memory_order_relaxed); }
    static cardea_status spawn_service(void* self, const char* name, cardea_task run, cardea_task stop, void* arg) {
        return of(self).service_threads_.spawn(name == nullptr ? "service" : name, run, stop, arg) ? CARDEA_OK : CARDEA_INVALID;
    }
};

EventHandlerRuntime::EventHandlerRuntime(std::unique_ptr<ModuleFile> module)
    : module_{std::move(module)}, identity_{identity_of(module_->descriptor())}, api_{*module_->descriptor().event_handler->api} {
    using T = EventHandlerHostTable;
    host_ = {sizeof(cardea_event_handler_host), 0, this, T::log, T::now, T::want, T::spawn_service};
}

Result<std::unique_ptr<EventHandlerRuntime>> EventHandlerRuntime::start(std::unique_ptr<ModuleFile> module, const Json& config) {
    std::unique_ptr<EventHandlerRuntime> runtime{new EventHandlerRuntime{std::move(module)}};
    const auto text = config.dump();
    const auto created = runtime->api_.create(&runtime->host_, sdk::slice(text), &runtime->handler_);
    if (created != CARDEA_OK) {
        runtime->handler_ = nullptr;
        return fail(0, "create fails with status " + std::to_string(created));
    }
    const auto started = runtime->api_.start(runtime->handler_);
    if (started != CARDEA_OK) return fail(0, "start fails with status " + std::to_string(started));
    return runtime;
}

EventHandlerRuntime::~EventHandlerRuntime() { stop(); }

void EventHandlerRuntime::stop() {
    service_threads_.stop_and_join();
    if (handler_ != nullptr) api_.destroy(handler_);
    handler_ = nullptr;
}

void EventHandlerRuntime::tell(EventKind kind, const std::string& json) {
    if (handler_ != nullptr) api_.on_told(handler_, static_cast<std::uint32_t>(kind), sdk::slice(json));
}

}  // namespace cardea
