#include "modules/transport_runtime.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>

#include "base/log.hpp"
#include "cardea/slice.hpp"
#include "modules/transport_host.hpp"

namespace cardea {
namespace {

constexpr int kBacklog = 1024;
constexpr int kAcceptsPerTurn = 64;
constexpr Duration kPauseWithoutDescriptors = 100ms;

std::string errno_text() { return std::strerror(errno); }

// The sockets API's own idiom: every address type passes as sockaddr.
const sockaddr* as_sockaddr(const sockaddr_storage& raw) { return static_cast<const sockaddr*>(static_cast<const void*>(&raw)); }
sockaddr* as_sockaddr(sockaddr_storage& raw) { return static_cast<sockaddr*>(static_cast<void*>(&raw)); }

Result<int> listening_socket(const SocketAddress& address) {
    const int fd = socket(address.is_v6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail(0, errno_text());
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    // "::" and "0.0.0.0" may both be listed.
    if (address.is_v6()) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    const auto raw = address.raw();
    if (bind(fd, as_sockaddr(raw), address.raw_size()) == 0 && ::listen(fd, kBacklog) == 0) return fd;
    auto text = errno_text();
    ::close(fd);
    return fail(0, std::move(text));
}

SocketAddress local_address(int fd) {
    sockaddr_storage raw{};
    socklen_t size = sizeof(raw);
    getsockname(fd, as_sockaddr(raw), &size);
    return SocketAddress::from(raw);
}

// What the module's option names; empty: every address of the host.
std::vector<SocketAddress> addresses_of(const Json& config, std::uint16_t port) {
    std::vector<SocketAddress> list;
    config["addresses"].for_each([&](const Json& text) {
        if (const auto address = SocketAddress::parse(text.text(), port)) list.push_back(*address);
    });
    if (!list.empty()) return list;
    return {*SocketAddress::parse("0.0.0.0", port), *SocketAddress::parse("::", port)};
}

bool is_every_v6(const SocketAddress& address) { return address.is_v6() && address.is_wildcard(); }

}  // namespace

TransportRuntime::TransportRuntime(std::unique_ptr<ModuleFile> module, Services services)
    : module_{std::move(module)},
      identity_{identity_of(module_->descriptor())},
      api_{*module_->descriptor().transport->api},
      services_{std::move(services)},
      host_{make_transport_host(*this)} {}

Result<std::unique_ptr<TransportRuntime>> TransportRuntime::start(std::unique_ptr<ModuleFile> module, const Json& config,
                                                                  Services services) {
    std::unique_ptr<TransportRuntime> runtime{new TransportRuntime{std::move(module), std::move(services)}};
    const auto text = config.dump();
    const auto created = runtime->api_.create(&runtime->host_, sdk::slice(text), &runtime->transport_);
    if (created != CARDEA_OK) {
        runtime->transport_ = nullptr;
        return fail(0, "create fails with status " + std::to_string(created));
    }
    const auto started = runtime->api_.start(runtime->transport_);
    if (started != CARDEA_OK) return fail(0, "start fails with status " + std::to_string(started));
    return runtime;
}

TransportRuntime::~TransportRuntime() { stop(); }

void TransportRuntime::stop() {
    service_threads_.stop_and_join();
    if (transport_ != nullptr) api_.destroy(transport_);
    transport_ = nullptr;
    for (const auto& listener : listeners_) ::close(listener.fd);
    listeners_.clear();
}

Result<std::vector<ListenerState>> TransportRuntime::listen(const Json& config) {
    std::vector<ListenerState> states;
    const auto& info = *module_->descriptor().transport;
    for (std::uint32_t index = 0; index < info.listener_count; ++index) {
        cardea_listener wanted{};
        const auto* first = static_cast<const unsigned char*>(static_cast<const void*>(info.listeners));
        std::memcpy(&wanted, first + std::size_t{index} * info.listener_stride, sizeof(wanted));
        const auto port = config[wanted.port_option].integer(-1);
        if (port < 0) continue;
        std::uint16_t chosen = 0;  // port 0: the first address draws one, the others take the same
        for (const auto& address : addresses_of(config, static_cast<std::uint16_t>(port))) {
            auto state = open_listener(index, wanted, chosen != 0 ? address.with_port(chosen) : address);
            if (!state && chosen != 0 && is_every_v6(address)) continue;  // a host without IPv6
            if (!state) return tl::unexpected{state.error()};
            chosen = state->address.port();
            states.push_back(std::move(*state));
        }
    }
    return states;
}

Result<ListenerState> TransportRuntime::open_listener(std::uint32_t index, const cardea_listener& wanted, const SocketAddress& address) {
    const auto fd = listening_socket(address);
    if (!fd) return fail(0, "cannot listen on " + address.to_text() + ": " + fd.error().detail);
    const Listener listener{*fd, index};
    listeners_.push_back(listener);
    services_.control.watch(*fd, EPOLLIN, [this, listener](std::uint32_t) { accept_from(listener); });
    return ListenerState{identity_.name, wanted.name, local_address(*fd), wanted.tls != 0};
}

void TransportRuntime::accept_from(const Listener& listener) {
    for (int i = 0; i < kAcceptsPerTurn; ++i) {
        const int fd = accept4(listener.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            // Out of descriptors: a level-triggered loop would spin on the connection that waits.
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) pause_accepting(listener);
            return;
        }
        // An event right after an answer must not wait 40 ms for the client's delayed acknowledgement of the answer.
        const int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        if (api_.adopt(transport_, fd, listener.index) != CARDEA_OK)
            log::debug("transport refused a connection", log::kv("module", identity_.name));
    }
}

void TransportRuntime::pause_accepting(const Listener& listener) {
    log::warn("no descriptor left for a connection", log::kv("module", identity_.name));
    services_.control.unwatch(listener.fd);
    services_.control.start_timer(kPauseWithoutDescriptors, [this, listener] {
        for (const auto& open : listeners_)
            if (open.fd == listener.fd) services_.control.watch(listener.fd, EPOLLIN, [this, listener](std::uint32_t) { accept_from(listener); });
    });
}

void TransportRuntime::close_listeners() {
    for (const auto& listener : listeners_) {
        services_.control.unwatch(listener.fd);
        ::close(listener.fd);
    }
    listeners_.clear();
}

void TransportRuntime::send(ClientId client, std::string_view json) { api_.send(transport_, client.value, sdk::slice(json)); }
void TransportRuntime::close(ClientId client) { api_.close(transport_, client.value); }

}  // namespace cardea
