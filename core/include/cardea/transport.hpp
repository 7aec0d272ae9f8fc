// cardea/transport.hpp: the C++20 face of cardea/abi.h for transports. Header-only and compiled into each module, so that
// no C++ type, allocation or exception crosses the boundary.
//
//   class Lines final : public cardea::sdk::Transport {
//     public:
//       Lines(const TransportHost& host, const Json& config);
//       cardea_status adopt(Fd fd, std::uint32_t listener) override;
//       ...
//   };
//   CARDEA_TRANSPORT(Lines, .name = "lines", .package = "example.transport.lines", .options = table(kOptions),
//                    .listeners = listeners(kListeners))
//
// create, start and destroy come on the loader thread; every other call may come on any thread, at the same time as
// others: a transport that frames bytes on a service thread of its own has to hand them over to it.
#pragma once

#include <cardea/abi.h>
#include <cardea/host_log.hpp>
#include <unistd.h>

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

/// A file descriptor that closes itself.
class Fd {
  public:
    Fd() noexcept = default;
    explicit Fd(int fd) noexcept : fd_{fd} {}
    Fd(Fd&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    Fd& operator=(Fd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Fd() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }
    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

  private:
    int fd_ = -1;
};

/// What the host made of one message of a client.
enum class Taken {
    on,    ///< read on
    hold,  ///< read no more from this client until set_reading(true)
};

/// The host's word on a new client. id 0: refused, close the connection.
struct Admission {
    cardea_client_id id = 0;
    bool trusted = false;
};

/// Services of the host. Any thread, all of them. A cheap copyable view, valid until destroy() returns.
class TransportHost : public detail::HostLog<cardea_transport_host> {
  public:
    explicit TransportHost(const cardea_transport_host* host) noexcept : HostLog{host, "transport exception"} {}

    /// Before the first incoming(); about as cardea_transport_host.client_open has it.
    [[nodiscard]] Admission client_open(const Json& about) const {
        const auto dumped = about.dump();
        std::uint32_t trusted = 0;
        const auto id = host_->client_open(host_->self, slice(dumped), &trusted);
        return {id, trusted != 0};
    }
    Taken incoming(cardea_client_id client, std::string_view json) const {
        return host_->incoming(host_->self, client, slice(json)) == CARDEA_BUSY ? Taken::hold : Taken::on;
    }
    /// Last call about this client.
    void client_gone(cardea_client_id client) const { host_->client_gone(host_->self, client); }
    [[nodiscard]] Json health() const {
        StringOut out;
        host_->health(host_->self, out.out());
        return Json::parse(out.view());
    }
    /// A named thread. run(arg) must return soon after stop(arg), which comes from another thread.
    cardea_status spawn_service(const char* name, cardea_task run, cardea_task stop, void* arg) const {
        return host_->spawn_service(host_->self, name, run, stop, arg);
    }
};

/// The base of a transport. The constructor takes (const TransportHost&, const Json& config) and does no I/O; start() may.
/// The host has stopped and joined the services before the destructor runs.
class Transport {
  public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    virtual cardea_status start() = 0;
    virtual cardea_status adopt(Fd fd, std::uint32_t listener) = 0;
    virtual cardea_status send(cardea_client_id, std::string_view) { return CARDEA_NOT_FOUND; }
    virtual void set_reading(cardea_client_id, bool) {}
    virtual void close(cardea_client_id) {}
};

struct ListenerTable {
    const cardea_listener* list = nullptr;
    std::uint32_t count = 0;
};
template <std::size_t N>
[[nodiscard]] constexpr ListenerTable listeners(const cardea_listener (&list)[N]) noexcept {
    return {list, static_cast<std::uint32_t>(N)};
}
enum class Tls : std::uint32_t { no = 0, yes = 1 };
[[nodiscard]] constexpr cardea_listener listener(const char* name, const char* port_option, Tls tls) noexcept {
    return {sizeof(cardea_listener), static_cast<std::uint32_t>(tls), name, port_option};
}

/// What CARDEA_TRANSPORT takes, as designated initialisers.
struct TransportInfo {
    const char* name = nullptr;
    const char* package = nullptr;
    const char* title = "";
    const char* description = "";
    const char* version = "0.0.0";
    std::uint32_t version_number = 0;
    const char* author = "";
    const char* licence = "";
    std::uint32_t capabilities = CARDEA_CAP_CLIENTS;
    cardea_params options = no_params();
    ListenerTable listeners{};
};

namespace detail {

/// The functions behind the table: what a transport throws ends here.
template <std::derived_from<Transport> T, const TransportInfo& Info>
struct TransportTrampolines {
    struct Instance {
        explicit Instance(const cardea_transport_host* table) : host{table} {}
        TransportHost host;
        std::unique_ptr<T> transport;
    };
    static Instance& of(void* transport) noexcept { return *static_cast<Instance*>(transport); }

    template <class F>
    static cardea_status guarded(const TransportHost& host, std::string_view where, F&& body) noexcept {
        cardea_status status = CARDEA_INTERNAL;
        host.guard(where, [&] { status = body(); });
        return status;
    }

    static cardea_status create(const cardea_transport_host* host, cardea_slice config, void** out) noexcept {
        try {
            auto instance = std::make_unique<Instance>(host);
            const auto status = guarded(instance->host, "create", [&] {
                instance->transport = std::make_unique<T>(instance->host, Json::parse(text(config)));
                return CARDEA_OK;
            });
            if (status == CARDEA_OK) *out = instance.release();
            return status;
        } catch (...) {
            return CARDEA_INTERNAL;
        }
    }
    static cardea_status start(void* transport) noexcept {
        return guarded(of(transport).host, "start", [&] { return of(transport).transport->start(); });
    }
    static void destroy(void* transport) noexcept {
        const std::unique_ptr<Instance> instance{static_cast<Instance*>(transport)};
        instance->transport.reset();  // before the host view it may still use
    }
    static cardea_status adopt(void* transport, int32_t fd, uint32_t index) noexcept {
        Fd owned{fd};  // closed whatever happens
        return guarded(of(transport).host, "adopt", [&] { return of(transport).transport->adopt(std::move(owned), index); });
    }
    static cardea_status send(void* transport, cardea_client_id client, cardea_slice json) noexcept {
        return guarded(of(transport).host, "send", [&] { return of(transport).transport->send(client, text(json)); });
    }
    static void set_reading(void* transport, cardea_client_id client, uint32_t on) noexcept {
        of(transport).host.guard("set_reading", [&] { of(transport).transport->set_reading(client, on != 0); });
    }
    static void close(void* transport, cardea_client_id client) noexcept {
        of(transport).host.guard("close", [&] { of(transport).transport->close(client); });
    }

    static constexpr cardea_transport_api api{
        sizeof(cardea_transport_api), 0, &create, &start, &destroy, &adopt, &send, &set_reading, &close};
    static constexpr cardea_transport_info info{
        sizeof(cardea_transport_info), sizeof(cardea_listener), Info.listeners.count, 0, Info.listeners.list, &api};
};

}  // namespace detail
}  // namespace cardea::sdk

/// Once per module, at namespace scope: CARDEA_TRANSPORT(Type, .name = "websocket", .package = "janus.transport.websockets", ...)
#define CARDEA_TRANSPORT(Type, ...)                                                                 \
    namespace {                                                                                     \
    constexpr ::cardea::sdk::TransportInfo cardea_transport_of_this_file{__VA_ARGS__};              \
    }                                                                                               \
    extern "C" __attribute__((visibility("default"))) const cardea_module_descriptor cardea_module; \
    const cardea_module_descriptor cardea_module{CARDEA_ABI_MAGIC,                                  \
                                                 CARDEA_ABI_MAJOR,                                  \
                                                 CARDEA_ABI_MINOR,                                  \
                                                 sizeof(cardea_module_descriptor),                  \
                                                 CARDEA_KIND_TRANSPORT,                             \
                                                 0,                                                 \
                                                 cardea_transport_of_this_file.capabilities,        \
                                                 cardea_transport_of_this_file.name,                \
                                                 cardea_transport_of_this_file.package,             \
                                                 cardea_transport_of_this_file.title,               \
                                                 cardea_transport_of_this_file.description,         \
                                                 cardea_transport_of_this_file.version,             \
                                                 cardea_transport_of_this_file.version_number,      \
                                                 0,                                                 \
                                                 cardea_transport_of_this_file.author,              \
                                                 cardea_transport_of_this_file.licence,             \
                                                 cardea_transport_of_this_file.options,             \
                                                 nullptr,                                           \
                                                 &::cardea::sdk::detail::TransportTrampolines<Type, cardea_transport_of_this_file>::info, \
                                                 nullptr};
