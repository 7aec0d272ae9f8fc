// cardea/event_handler.hpp: the C++20 face of cardea/abi.h for event handlers: modules that collect what happens in the gateway,
// in the words of Janus' event stream. Header-only and compiled into each module.
//
//   class Counter final : public cardea::sdk::EventHandler {
//     public:
//       Counter(const EventHandlerHost& host, const Json& config);
//       void start() override { host_.want(CARDEA_TELL_SESSIONS); }
//       void on_told(std::uint32_t kind, std::string_view json) override;
//   };
//   CARDEA_EVENT_HANDLER(Counter, .name = "counter", .package = "example.eventhandler.counter", .options = table(kOptions))
//
// create, start and destroy come on the loader thread, on_told on the control thread: it queues, with a bound, and returns.
#pragma once

#include <cardea/abi.h>
#include <cardea/host_log.hpp>

#include <cardea/json.hpp>
#include <cardea/params.hpp>
#include <cardea/slice.hpp>
#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>

namespace cardea::sdk {

/// Services of the host. Any thread, all of them. A cheap copyable view, valid until destroy() returns.
class EventHandlerHost : public detail::HostLog<cardea_event_handler_host> {
  public:
    explicit EventHandlerHost(const cardea_event_handler_host* host) noexcept : HostLog{host, "event handler exception"} {}

    /// Kinds (CARDEA_TELL_*, or-ed) that on_told shall get.
    void want(std::uint32_t kinds) const { host_->want(host_->self, kinds); }
    /// A named thread. run(arg) must return soon after stop(arg), which comes from another thread.
    cardea_status spawn_service(const char* name, cardea_task run, cardea_task stop, void* arg) const {
        return host_->spawn_service(host_->self, name, run, stop, arg);
    }
};

/// The base of an event handler. The constructor takes (const EventHandlerHost&, const Json& config) and does no I/O; start()
/// may. The host has stopped and joined the services before the destructor runs.
class EventHandler {
  public:
    EventHandler() = default;
    EventHandler(const EventHandler&) = delete;
    EventHandler& operator=(const EventHandler&) = delete;
    virtual ~EventHandler() = default;

    virtual void start() = 0;
    /// kind: one CARDEA_TELL_*; json: one event, borrowed.
    virtual void on_told(std::uint32_t kind, std::string_view json) = 0;
};

/// What CARDEA_EVENT_HANDLER takes, as designated initialisers.
struct EventHandlerInfo {
    const char* name = nullptr;
    const char* package = nullptr;
    const char* title = "";
    const char* description = "";
    const char* version = "0.0.0";
    std::uint32_t version_number = 0;
    const char* author = "";
    const char* licence = "";
    cardea_params options = no_params();
};

namespace detail {

/// The functions behind the table: what a handler throws ends here.
template <std::derived_from<EventHandler> H, const EventHandlerInfo& Info>
struct EventHandlerTrampolines {
    struct Instance {
        explicit Instance(const cardea_event_handler_host* table) : host{table} {}
        EventHandlerHost host;
        std::unique_ptr<H> handler;
    };
    static Instance& of(void* handler) noexcept { return *static_cast<Instance*>(handler); }

    static cardea_status create(const cardea_event_handler_host* host, cardea_slice config, void** out) noexcept {
        try {
            auto instance = std::make_unique<Instance>(host);
            const bool made = instance->host.guard(
                "create", [&] { instance->handler = std::make_unique<H>(instance->host, Json::parse(text(config))); });
            if (!made) return CARDEA_INVALID;
            *out = instance.release();
            return CARDEA_OK;
        } catch (...) {
            return CARDEA_INTERNAL;
        }
    }
    static cardea_status start(void* handler) noexcept {
        return of(handler).host.guard("start", [&] { of(handler).handler->start(); }) ? CARDEA_OK : CARDEA_INTERNAL;
    }
    static void destroy(void* handler) noexcept {
        const std::unique_ptr<Instance> instance{static_cast<Instance*>(handler)};
        instance->handler.reset();  // before the host view it may still use
    }
    static void on_told(void* handler, std::uint32_t kind, cardea_slice json) noexcept {
        of(handler).host.guard("on_told", [&] { of(handler).handler->on_told(kind, text(json)); });
    }

    static constexpr cardea_event_handler_api api{sizeof(cardea_event_handler_api), 0, &create, &start, &destroy, &on_told};
    static constexpr cardea_event_handler_info info{sizeof(cardea_event_handler_info), 0, &api};
};

}  // namespace detail
}  // namespace cardea::sdk

/// Once per module, at namespace scope: CARDEA_EVENT_HANDLER(Type, .name = "counter", .package = "example.eventhandler.counter", ...)
#define CARDEA_EVENT_HANDLER(Type, ...)                                                             \
    namespace {                                                                                     \
    constexpr ::cardea::sdk::EventHandlerInfo cardea_event_handler_of_this_file{__VA_ARGS__};       \
    }                                                                                               \
    extern "C" __attribute__((visibility("default"))) const cardea_module_descriptor cardea_module; \
    const cardea_module_descriptor cardea_module{                                                   \
        CARDEA_ABI_MAGIC,                                                                           \
        CARDEA_ABI_MAJOR,                                                                           \
        CARDEA_ABI_MINOR,                                                                           \
        sizeof(cardea_module_descriptor),                                                           \
        CARDEA_KIND_EVENT_HANDLER,                                                                  \
        0,                                                                                          \
        0,                                                                                          \
        cardea_event_handler_of_this_file.name,                                                     \
        cardea_event_handler_of_this_file.package,                                                  \
        cardea_event_handler_of_this_file.title,                                                    \
        cardea_event_handler_of_this_file.description,                                              \
        cardea_event_handler_of_this_file.version,                                                  \
        cardea_event_handler_of_this_file.version_number,                                           \
        0,                                                                                          \
        cardea_event_handler_of_this_file.author,                                                   \
        cardea_event_handler_of_this_file.licence,                                                  \
        cardea_event_handler_of_this_file.options,                                                  \
        nullptr,                                                                                    \
        nullptr,                                                                                    \
        &::cardea::sdk::detail::EventHandlerTrampolines<Type, cardea_event_handler_of_this_file>::info};
