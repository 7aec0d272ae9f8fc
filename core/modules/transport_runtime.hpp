// One transport module at work: its host table, its clients with their bounds, its listening sockets.
// Sockets listen in the control thread's loop; the module's own threads call the host table.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/address.hpp"
#include "base/log_interval.hpp"
#include "base/result.hpp"
#include "config/address_prefix.hpp"
#include "modules/module_file.hpp"
#include "modules/service_threads.hpp"
#include "modules/transport_port.hpp"
#include "runtime/loop/event_loop.hpp"

namespace cardea {

struct ClientLimits {
    std::size_t json_depth = 64;
    std::size_t message_bytes = 1024 * 1024;
    std::size_t requests_per_connection = 4096;
    std::size_t connections_per_address = 0;  // 0: no limit
    std::vector<config::AddressPrefix> trusted;
};

// A port of a module, for the log and the health page.
struct ListenerState {
    std::string module;
    std::string name;
    SocketAddress address;
    bool tls = false;
};

class TransportRuntime final : public TransportPort {
  public:
    struct Services {
        EventLoop& control;           // where the listener is called
        TransportListener& listener;
        std::function<std::string()> health;  // any thread
        ClientLimits limits;
    };
    // The loader thread.
    [[nodiscard]] static Result<std::unique_ptr<TransportRuntime>> start(std::unique_ptr<ModuleFile> module, const Json& config,
                                                                         Services services);
    ~TransportRuntime() override;
    void stop();  // the loader thread: services joined, destroyed. The listeners are closed before.

    // The loader thread before the control loop runs, or the control thread: bind and listen on every configured address.
    [[nodiscard]] Result<std::vector<ListenerState>> listen(const Json& config);
    void close_listeners();  // the control thread

    // TransportPort
    [[nodiscard]] const ModuleIdentity& identity() const noexcept override { return identity_; }
    void send(ClientId client, std::string_view json) override;
    void close(ClientId client) override;
    void message_done(ClientId client) override;
    void hold(ClientId client, bool held) override;

  private:
    friend struct TransportHostTable;  // the C functions of the host table: transport_host.cpp

    struct Client {
        std::string ip;
        bool trusted = false;
        std::size_t unanswered = 0;
        bool full = false;  // at its bound: the transport was told to stop reading
        bool held = false;
    };
    struct Listener {
        int fd = -1;
        std::uint32_t index = 0;
    };

    TransportRuntime(std::unique_ptr<ModuleFile> module, Services services);
    void accept_from(const Listener& listener);
    void pause_accepting(const Listener& listener);
    [[nodiscard]] Result<ListenerState> open_listener(std::uint32_t index, const cardea_listener& wanted, const SocketAddress& address);

    [[nodiscard]] ClientId open_client(const Json& about, bool& trusted);
    [[nodiscard]] cardea_status take_message(ClientId client, std::string_view text);
    void drop_client(ClientId client);
    [[nodiscard]] bool count_message(ClientId client);
    void deliver(ClientId client, std::vector<Json> documents, std::string problem);

    std::unique_ptr<ModuleFile> module_;
    ModuleIdentity identity_;
    const cardea_transport_api& api_;
    Services services_;
    cardea_transport_host host_{};
    void* transport_ = nullptr;
    ServiceThreads service_threads_;
    std::vector<Listener> listeners_;

    std::mutex mutex_;
    std::unordered_map<ClientId, Client> clients_;
    std::unordered_map<std::string, std::size_t> per_address_;
    log::Interval refusals_{10s};
};

}  // namespace cardea
