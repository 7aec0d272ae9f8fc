// A transport module on the bench: loaded by path, with a host that records, and clients on real loopback sockets that are
// written by hand so that they can misbehave.
#pragma once

#include <arpa/inet.h>
#include <cardea/abi.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <base/cptr.hpp>
#include <cardea/json.hpp>
#include <cardea/slice.hpp>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace cardea::bench {

using namespace std::chrono_literals;
constexpr auto kPatience = 10s;

inline std::string module_path(const std::string& name) { return std::string{CARDEA_MODULE_DIR} + "/" + name + ".so"; }

// Third-party libraries stay mapped, as the host has it; only the module's own file is unloaded.
inline void pin_libraries() { ::dlopen("libwebsockets.so.17", RTLD_NOW | RTLD_NODELETE); }

class FakeHost {
  public:
    FakeHost() {
        table_ = {sizeof(table_), 0, this, &on_log, &on_now, &on_client_open, &on_incoming, &on_client_gone, &on_health, &on_spawn_service};
    }
    ~FakeHost() { stop_services(); }
    FakeHost(const FakeHost&) = delete;
    FakeHost& operator=(const FakeHost&) = delete;
    [[nodiscard]] const cardea_transport_host* table() const { return &table_; }

    void stop_services() {
        for (auto& service : services_) service.stop(service.arg);
        for (auto& service : services_) service.thread.join();
        services_.clear();
    }
    // Waits until the predicate, called under the lock, is true.
    bool eventually(const std::function<bool()>& predicate) {
        std::unique_lock lock{mutex};
        return changed.wait_for(lock, kPatience, predicate);
    }

    std::mutex mutex;
    std::condition_variable changed;
    // All under the mutex.
    std::vector<Json> opened;
    std::vector<std::pair<cardea_client_id, std::string>> messages;
    std::vector<cardea_client_id> gone;
    std::string logged;
    bool refuse = false;
    bool trusted = false;
    bool hold = false;  // answer CARDEA_BUSY
    std::string health = R"({"name":"Cardea","version":"9.9","listeners":[]})";

  private:
    struct Service {
        cardea_task stop;
        void* arg;
        std::thread thread;
    };
    static FakeHost& of(void* self) { return *static_cast<FakeHost*>(self); }
    template <class F>
    static auto locked(void* self, F&& body) {
        auto& host = of(self);
        const std::lock_guard lock{host.mutex};
        host.changed.notify_all();
        return body(host);
    }
    static void on_log(void* self, int32_t, cardea_slice event, cardea_slice fields) {
        locked(self, [&](FakeHost& h) { h.logged += std::string{sdk::text(event)} + " " + std::string{sdk::text(fields)} + "\n"; });
    }
    static int64_t on_now(void*) {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
    }
    static cardea_client_id on_client_open(void* self, cardea_slice about, uint32_t* trusted) {
        return locked(self, [&](FakeHost& h) -> cardea_client_id {
            h.opened.push_back(Json::parse(sdk::text(about)));
            *trusted = h.trusted ? 1 : 0;
            return h.refuse ? 0 : h.opened.size();
        });
    }
    static cardea_status on_incoming(void* self, cardea_client_id client, cardea_slice json) {
        return locked(self, [&](FakeHost& h) -> cardea_status {
            h.messages.emplace_back(client, sdk::text(json));
            return h.hold ? CARDEA_BUSY : CARDEA_OK;
        });
    }
    static void on_client_gone(void* self, cardea_client_id client) {
        locked(self, [&](FakeHost& h) { h.gone.push_back(client); });
    }
    static void on_health(void* self, const cardea_out* out) {
        locked(self, [&](FakeHost& h) { sdk::write(out, h.health); });
    }
    static cardea_status on_spawn_service(void* self, const char*, cardea_task run, cardea_task stop, void* arg) {
        of(self).services_.push_back({stop, arg, std::thread{run, arg}});
        return CARDEA_OK;
    }

    cardea_transport_host table_{};
    std::list<Service> services_;
};

// A module loaded, created and, unless told otherwise, started.
class Module {
  public:
    Module(const std::string& name, FakeHost& host, const Json& config) : host_{host} {
        library_ = ::dlopen(module_path(name).c_str(), RTLD_NOW | RTLD_LOCAL);
        if (library_ == nullptr) throw std::runtime_error{::dlerror()};
        descriptor_ = static_cast<const cardea_module_descriptor*>(::dlsym(library_, CARDEA_MODULE_SYMBOL));
        status_ = api().create(host.table(), sdk::slice(config.dump()), &self_);
        if (status_ == CARDEA_OK) status_ = api().start(self_);
    }
    ~Module() {
        destroy();
        ::dlclose(library_);
    }
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;

    [[nodiscard]] cardea_status status() const { return status_; }
    [[nodiscard]] const cardea_module_descriptor& descriptor() const { return *descriptor_; }
    [[nodiscard]] const cardea_transport_api& api() const { return *descriptor_->transport->api; }
    cardea_status adopt(int fd, std::uint32_t listener) { return api().adopt(self_, fd, listener); }
    cardea_status send(cardea_client_id client, std::string_view text) { return api().send(self_, client, sdk::slice(text)); }
    void set_reading(cardea_client_id client, bool on) { api().set_reading(self_, client, on ? 1 : 0); }
    void close(cardea_client_id client) { api().close(self_, client); }
    void destroy() {
        host_.stop_services();
        if (self_ != nullptr) api().destroy(std::exchange(self_, nullptr));
    }

  private:
    FakeHost& host_;
    void* library_ = nullptr;
    const cardea_module_descriptor* descriptor_ = nullptr;
    void* self_ = nullptr;
    cardea_status status_ = CARDEA_INTERNAL;
};

// Both ends of a TCP connection over loopback: first the client's, then the accepted, non-blocking one.
inline std::pair<int, int> connected_pair(int buffer_bytes = 0) {
    const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (buffer_bytes > 0) ::setsockopt(client, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof(buffer_bytes));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const raw = static_cast<sockaddr*>(static_cast<void*>(&address));
    if (::bind(listening, raw, size) != 0 || ::listen(listening, 1) != 0 || ::getsockname(listening, raw, &size) != 0 ||
        ::connect(client, raw, size) != 0) {
        throw std::runtime_error{"no loopback connection"};
    }
    const int accepted = ::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (buffer_bytes > 0) ::setsockopt(accepted, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof(buffer_bytes));
    ::close(listening);
    timeval patience{10, 0};
    ::setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    ::setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    return {client, accepted};
}

struct Frame {
    unsigned opcode = 0;
    bool final = true;
    std::string payload;
    [[nodiscard]] unsigned close_code() const {
        if (opcode != 8 || payload.size() < 2) return 0;
        return static_cast<unsigned>(static_cast<unsigned char>(payload[0])) << 8U | static_cast<unsigned char>(payload[1]);
    }
};

inline std::string masked_frame(unsigned opcode, std::string_view payload, bool final = true) {
    std::string frame;
    const auto push = [&frame](std::size_t byte) { frame.push_back(static_cast<char>(byte & 0xffU)); };
    push((final ? 0x80U : 0U) | opcode);
    const auto size = payload.size();
    if (size < 126) {
        push(0x80U | size);
    } else if (size < 65536) {
        push(0x80U | 126U);
        push(size >> 8U);
        push(size);
    } else {
        push(0x80U | 127U);
        for (int shift = 56; shift >= 0; shift -= 8) push(size >> static_cast<unsigned>(shift));
    }
    constexpr std::array<unsigned, 4> mask{0x12, 0x34, 0x56, 0x78};
    for (const auto byte : mask) push(byte);
    for (std::size_t i = 0; i < size; ++i) push(static_cast<unsigned char>(payload[i]) ^ mask[i % 4]);
    return frame;
}

class Client {
  public:
    explicit Client(int fd) : fd_{fd} {}
    Client(Module& module, std::uint32_t listener, int buffer_bytes = 0) {
        const auto [mine, theirs] = connected_pair(buffer_bytes);
        fd_ = mine;
        adopted_ = module.adopt(theirs, listener);
    }
    ~Client() { ::close(fd_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] cardea_status adopted() const { return adopted_; }

    bool start_tls(const char* name = "localhost") {
        context_.reset(SSL_CTX_new(TLS_client_method()));
        ssl_.reset(SSL_new(context_.get()));
        constexpr std::array<unsigned char, 12> protocols{2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
        SSL_set_alpn_protos(ssl_.get(), protocols.data(), protocols.size());
        SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(name));
        SSL_set_fd(ssl_.get(), fd_);
        return SSL_connect(ssl_.get()) == 1;
    }
    [[nodiscard]] std::string alpn() const {
        const unsigned char* name = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(ssl_.get(), &name, &size);
        return {static_cast<const char*>(static_cast<const void*>(name)), size};
    }
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                                   : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    // More bytes into the buffer. False: the connection has ended.
    bool fill() {
        std::array<char, 16384> bytes{};
        const auto got =
            ssl_ ? SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) : ::recv(fd_, bytes.data(), bytes.size(), 0);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) timed_out_ = true;
        if (got <= 0) return false;
        buffer_.append(bytes.data(), static_cast<std::size_t>(got));
        return true;
    }
    // Whether the other side ends the connection while we wait.
    bool is_closed() {
        while (fill()) buffer_.clear();
        return !timed_out_;
    }
    std::string read_head() {
        while (buffer_.find("\r\n\r\n") == std::string::npos) {
            if (!fill()) return buffer_;
        }
        const auto end = buffer_.find("\r\n\r\n") + 4;
        auto head = buffer_.substr(0, end);
        buffer_.erase(0, end);
        return head;
    }
    std::string read_bytes(std::size_t size) {
        while (buffer_.size() < size && fill()) {
        }
        auto bytes = buffer_.substr(0, size);
        buffer_.erase(0, bytes.size());
        return bytes;
    }
    Frame read_frame() {
        const auto byte = [](const std::string& s, std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(s[i])); };
        const auto head = read_bytes(2);
        if (head.size() < 2) return {0xff, true, {}};
        std::size_t size = byte(head, 1) & 0x7fU;
        const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
        if (more != 0) {
            const auto extended = read_bytes(more);
            size = 0;
            for (std::size_t i = 0; i < extended.size(); ++i) size = size << 8U | byte(extended, i);
        }
        return {static_cast<unsigned>(byte(head, 0) & 0x0fU), (byte(head, 0) & 0x80U) != 0, read_bytes(size)};
    }
    std::string read_message() {
        std::string message;
        for (;;) {
            const auto frame = read_frame();
            if (frame.opcode > 2) return "opcode " + std::to_string(frame.opcode);
            message += frame.payload;
            if (frame.final) return message;
        }
    }
    // The status line of the answer to an upgrade request.
    std::string upgrade(const std::string& extra = "Sec-WebSocket-Protocol: janus-protocol\r\n") {
        send(
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
            extra + "\r\n");
        head_ = read_head();
        return head_.substr(0, head_.find("\r\n"));
    }
    [[nodiscard]] const std::string& head() const { return head_; }

  private:
    int fd_ = -1;
    cardea_status adopted_ = CARDEA_OK;
    CPtr<SSL_CTX, SSL_CTX_free> context_;
    CPtr<SSL, SSL_free> ssl_;
    std::string buffer_;
    std::string head_;
    bool timed_out_ = false;
};

}  // namespace cardea::bench
