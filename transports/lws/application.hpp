// What a server is made of and what it serves. The server frames (lws/server.hpp), the application decides.
#pragma once

#include <cardea/abi.h>

#include <cardea/json.hpp>
#include <cardea/transport.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cardea::net {

struct Limits {
    std::size_t message_bytes = std::size_t{1} << 20U;
    std::size_t message_fragments = 4096;  // frames of one message
    std::int64_t message_seconds = 60;     // from its first frame to its last
    std::size_t outbox_soft_bytes = std::size_t{1} << 20U;
    std::size_t outbox_hard_bytes = std::size_t{4} << 20U;
    std::size_t outbox_trusted_bytes = std::size_t{64} << 20U;
    std::int64_t outbox_stall_seconds = 10;

    // "limits" of the host's part of the configuration; what is absent keeps its default.
    [[nodiscard]] static Limits from(const Json& json);
};

struct Listener {
    std::string name;
    bool tls = false;
};

struct ServerConfig {
    std::vector<Listener> listeners;  // in the order of the module's listener table
    std::string tls_certificate;      // PEM files; empty: sockets of TLS listeners are refused
    std::string tls_key;
    std::string sub_protocol;  // empty: no WebSocket on this server
    Limits limits;
    unsigned handshake_seconds = 10;  // from accept to the end of the request's headers, TLS included
    unsigned ping_seconds = 30;       // silence after which a ping goes out; 0 = never
    unsigned ping_timeout_seconds = 15;
};

// Who asks for a WebSocket.
struct Handshake {
    std::string address;  // "192.0.2.1:5000", "[2001:db8::1]:5000"
    std::string listener;
    std::string origin;         // of the request, empty when absent
    std::string forwarded_for;  // X-Forwarded-For, likewise
};

enum class Method { get, head, other };

struct HttpRequest {
    Method method = Method::other;
    std::string path;  // percent-decoded, without the query
    std::string if_none_match;
};

// The body is text, or `file` of `size` bytes, which is read as fast as the client takes it.
struct HttpResponse {
    unsigned status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string text;
    sdk::Fd file;
    std::size_t size = 0;
};

// All on the service thread, one at a time.
class Application {
  public:
    Application() = default;
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;
    virtual ~Application() = default;

    [[nodiscard]] virtual HttpResponse on_request(const HttpRequest& request) = 0;
    [[nodiscard]] virtual sdk::Admission on_open(const Handshake&) { return {}; }
    // One JSON document.
    [[nodiscard]] virtual sdk::Taken on_message(cardea_client_id, std::string_view) { return sdk::Taken::on; }
    virtual void on_gone(cardea_client_id) {}
    virtual void on_closed(cardea_client_id, std::string_view) {}  // the server ended it, and why
    [[nodiscard]] virtual std::int64_t now_ns() = 0;               // any thread
};

}  // namespace cardea::net
