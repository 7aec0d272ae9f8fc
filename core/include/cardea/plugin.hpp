// cardea/plugin.hpp: the C++20 face of cardea/abi.h for plugins. Header-only and compiled into each plugin, so that no
// C++ type, allocation or exception crosses the boundary.
//
//   class Echo final : public cardea::sdk::Plugin {
//       using Plugin::Plugin;
//       Reply on_request(const Request& request) override { ... }
//   };
//   CARDEA_PLUGIN(Echo, .name = "echo", .package = "example.plugin.echo", .version = "1.0.0", .requests = requests(kRequests))
//
// Every call into a plugin comes on that plugin's own thread, one at a time: a plugin needs no lock.
#pragma once

#include <cardea/abi.h>
#include <cardea/json.hpp>
#include <cardea/params.hpp>
#include <cardea/plugin_host.hpp>
#include <cardea/plugin_values.hpp>
#include <cardea/slice.hpp>

#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>

namespace cardea::sdk {

/// The base of a plugin. The constructor does no I/O; start() may.
class Plugin {
  public:
    Plugin(Host& host, Json config) : host_{host}, config_{std::move(config)} {}
    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;
    virtual ~Plugin() = default;

    virtual void start() {}
    virtual bool attach(HandleId) { return true; }  ///< false refuses the handle
    virtual void detach(HandleId) {}
    virtual Reply on_request(const Request& request) = 0;
    virtual void on_webrtc_up(HandleId) {}
    virtual void on_hangup(HandleId, std::string_view) {}
    virtual void on_media(HandleId, const Json&) {}
    virtual void on_slow_link(HandleId, const Json&) {}
    virtual void on_layers(HandleId, const Json&) {}   ///< a sink has switched; see CARDEA_EVENT_LAYERS
    virtual void on_talking(HandleId, const Json&) {}  ///< see CARDEA_EVENT_TALKING
    virtual void on_recording(HandleId, const Json&) {}  ///< a recording has ended; see CARDEA_EVENT_RECORDING
    virtual Json query(HandleId) { return Json::object(); }  ///< state for admins

  protected:
    [[nodiscard]] Host& host() noexcept { return host_; }
    [[nodiscard]] const Host& host() const noexcept { return host_; }
    [[nodiscard]] const Json& config() const noexcept { return config_; }

  private:
    Host& host_;
    Json config_;
};

/// How a plugin words its errors, and its codes for what the host finds out on its behalf.
struct ErrorWords {
    const char* key = nullptr;
    const char* value = "event";
    int no_message = 499;
    int missing_element = 499;
    int invalid_element = 499;
    int invalid_request = 499;
    int unknown = 499;
};

struct RequestTable {
    const cardea_request_type* list = nullptr;
    std::uint32_t count = 0;
};
template <std::size_t N>
[[nodiscard]] constexpr RequestTable requests(const cardea_request_type (&list)[N]) noexcept {
    return {list, static_cast<std::uint32_t>(N)};
}
/// A request answered in the `success`.
[[nodiscard]] constexpr cardea_request_type sync_request(const char* name, cardea_params params = no_params(),
                                                         const char* help = nullptr) noexcept {
    return {sizeof(cardea_request_type), 0, name, help, params};
}
/// A request that is acked at once and answered by an event.
[[nodiscard]] constexpr cardea_request_type async_request(const char* name, cardea_params params = no_params(),
                                                          const char* help = nullptr) noexcept {
    return {sizeof(cardea_request_type), CARDEA_REQUEST_ASYNC, name, help, params};
}

/// What CARDEA_PLUGIN takes, as designated initialisers.
struct PluginInfo {
    const char* name = nullptr;
    const char* package = nullptr;
    const char* title = "";
    const char* description = "";
    const char* version = "0.0.0";
    std::uint32_t version_number = 0;
    const char* author = "";
    const char* licence = "";
    std::uint32_t capabilities = CARDEA_CAP_MEDIA;
    cardea_params options = no_params();
    RequestTable requests{};
    ErrorWords errors{};
    bool validate_first = false;
};

namespace detail {

/// The functions behind the table: what a plugin throws ends here.
template <std::derived_from<Plugin> P, const PluginInfo& Info>
struct Trampolines {
    struct Instance {
        explicit Instance(const cardea_plugin_host* table) : host{table} {}
        Host host;
        std::unique_ptr<P> plugin;
    };
    static Instance& of(void* plugin) noexcept { return *static_cast<Instance*>(plugin); }

    template <class F>
    static cardea_status guarded(const Host& host, std::string_view where, F&& body) noexcept {
        cardea_status status = CARDEA_INTERNAL;
        host.guard(where, [&] { status = body(); });
        return status;
    }

    static cardea_status create(const cardea_plugin_host* host, cardea_slice config, void** out) noexcept {
        try {
            auto instance = std::make_unique<Instance>(host);
            const auto status = guarded(instance->host, "create", [&] {
                instance->plugin = std::make_unique<P>(instance->host, Json::parse(text(config)));
                return CARDEA_OK;
            });
            if (status == CARDEA_OK) *out = instance.release();
            return status;
        } catch (...) {
            return CARDEA_INTERNAL;
        }
    }
    static cardea_status start(void* plugin) noexcept {
        return guarded(of(plugin).host, "start", [&] { return of(plugin).plugin->start(), CARDEA_OK; });
    }
    static void destroy(void* plugin) noexcept {
        auto* instance = static_cast<Instance*>(plugin);
        instance->plugin.reset();
        delete instance;
    }
    static cardea_status attach(void* plugin, cardea_handle_id handle) noexcept {
        return guarded(of(plugin).host, "attach",
                       [&] { return of(plugin).plugin->attach(HandleId{handle}) ? CARDEA_OK : CARDEA_INVALID; });
    }
    static void detach(void* plugin, cardea_handle_id handle) noexcept {
        of(plugin).host.guard("detach", [&] { of(plugin).plugin->detach(HandleId{handle}); });
    }

    static Reply error_reply(int code, std::string_view text) {
        Json data = Json::object();
        if (Info.errors.key != nullptr) data.set(Info.errors.key, Info.errors.value);
        data.set("error_code", code).set("error", text);
        return data;
    }
    static Reply reply_to(Instance& instance, const Request& request) {
        try {
            return instance.plugin->on_request(request);
        } catch (const RequestError& e) {
            return error_reply(e.code(), e.what());
        } catch (const std::exception& e) {
            instance.host.log_exception("on_request", e.what());
        } catch (...) {
            instance.host.log_exception("on_request", "not a std::exception");
        }
        return error_reply(Info.errors.unknown, "Internal error");
    }
    static cardea_status on_request(void* plugin, const cardea_request* raw_request, const cardea_out* out) noexcept {
        auto& instance = of(plugin);
        return guarded(instance.host, "on_request", [&] {
            const Request request{HandleId{raw_request->handle}, Transaction{raw_request->transaction},
                                  (raw_request->flags & CARDEA_REQUEST_ASYNC) != 0, Json::parse(text(raw_request->body)),
                                  Json::parse(text(raw_request->media))};
            const auto reply = reply_to(instance, request);
            if (!request.async) {
                write(out, (reply.data ? reply.data : Json::object()).dump());
            } else if (reply.data) {
                return instance.host.push_event(request.handle, reply.data, request.transaction, reply.ticket);
            }
            return cardea_status{CARDEA_OK};
        });
    }
    static void on_event(void* plugin, const cardea_event* event) noexcept {
        auto& instance = of(plugin);
        instance.host.guard("on_event", [&] {
            const HandleId handle{event->handle};
            const auto json = Json::parse(text(event->json));
            switch (event->kind) {
                case CARDEA_EVENT_WEBRTC_UP: instance.plugin->on_webrtc_up(handle); break;
                case CARDEA_EVENT_HANGUP: instance.plugin->on_hangup(handle, json["reason"].text()); break;
                case CARDEA_EVENT_MEDIA: instance.plugin->on_media(handle, json); break;
                case CARDEA_EVENT_SLOW_LINK: instance.plugin->on_slow_link(handle, json); break;
                case CARDEA_EVENT_LAYERS: instance.plugin->on_layers(handle, json); break;
                case CARDEA_EVENT_TALKING: instance.plugin->on_talking(handle, json); break;
                case CARDEA_EVENT_RECORDING: instance.plugin->on_recording(handle, json); break;
                default: break;  // of a newer host
            }
        });
    }
    static cardea_status query(void* plugin, cardea_handle_id handle, const cardea_out* out) noexcept {
        return guarded(of(plugin).host, "query", [&] {
            write(out, of(plugin).plugin->query(HandleId{handle}).dump());
            return CARDEA_OK;
        });
    }

    static constexpr cardea_plugin_api api{sizeof(cardea_plugin_api), 0,       &create,     &start,    &destroy,
                                           &attach,                   &detach, &on_request, &on_event, &query};
    static constexpr cardea_plugin_info info{sizeof(cardea_plugin_info),
                                             sizeof(cardea_request_type),
                                             Info.requests.count,
                                             Info.validate_first ? 1U : 0U,
                                             Info.requests.list,
                                             Info.errors.key,
                                             Info.errors.value,
                                             Info.errors.no_message,
                                             Info.errors.missing_element,
                                             Info.errors.invalid_element,
                                             Info.errors.invalid_request,
                                             &api};
};

}  // namespace detail
}  // namespace cardea::sdk

/// Once per plugin, at namespace scope: CARDEA_PLUGIN(Type, .name = "echotest", .package = "janus.plugin.echotest", ...)
#define CARDEA_PLUGIN(Type, ...)                                                                                        \
    namespace {                                                                                                         \
    constexpr ::cardea::sdk::PluginInfo cardea_plugin_of_this_file{__VA_ARGS__};                                        \
    }                                                                                                                   \
    extern "C" __attribute__((visibility("default"))) const cardea_module_descriptor cardea_module;                     \
    const cardea_module_descriptor cardea_module{                                                                       \
        CARDEA_ABI_MAGIC,                                                                                               \
        CARDEA_ABI_MAJOR,                                                                                               \
        CARDEA_ABI_MINOR,                                                                                               \
        sizeof(cardea_module_descriptor),                                                                               \
        CARDEA_KIND_PLUGIN,                                                                                             \
        0,                                                                                                              \
        cardea_plugin_of_this_file.capabilities,                                                                        \
        cardea_plugin_of_this_file.name,                                                                                \
        cardea_plugin_of_this_file.package,                                                                             \
        cardea_plugin_of_this_file.title,                                                                               \
        cardea_plugin_of_this_file.description,                                                                         \
        cardea_plugin_of_this_file.version,                                                                             \
        cardea_plugin_of_this_file.version_number,                                                                      \
        0,                                                                                                              \
        cardea_plugin_of_this_file.author,                                                                              \
        cardea_plugin_of_this_file.licence,                                                                             \
        cardea_plugin_of_this_file.options,                                                                             \
        &::cardea::sdk::detail::Trampolines<Type, cardea_plugin_of_this_file>::info,                                    \
        nullptr,                                                                                                        \
        nullptr};
