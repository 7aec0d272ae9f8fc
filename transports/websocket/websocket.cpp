// The Janus API over WebSocket (sub-protocol janus-protocol), plain and with TLS. Frames only: what a message means is the
// host's business.
#include <cardea/transport.hpp>
#include <string>

#include "lws/server.hpp"

namespace {

using namespace cardea;
using sdk::Fd, sdk::TransportHost;

constexpr cardea_param kOptions[] = {
    sdk::integer("port").range(-1, 65535).fallback("8188").help("plain WebSocket; 0: any free port, -1: off"),
    sdk::integer("secure_port").range(-1, 65535).fallback("8989").help("WebSocket over TLS; 0: any free port, -1: off"),
    sdk::array("addresses").elements(CARDEA_TYPE_STRING).fallback("[]").help("addresses to listen on; none: all"),
    sdk::integer("ping_seconds").range(0, 3600).fallback("30").help("silence of a client after which it is pinged; 0: never"),
    sdk::integer("ping_timeout_seconds").range(1, 3600).fallback("15").help("time to answer a ping"),
    sdk::integer("handshake_seconds").range(1, 300).fallback("10").help("time from connecting to an open WebSocket"),
};
constexpr cardea_listener kListeners[] = {
    sdk::listener("plain", "port", sdk::Tls::no),
    sdk::listener("secure", "secure_port", sdk::Tls::yes),
};

unsigned seconds(const Json& value, unsigned fallback) { return static_cast<unsigned>(value.unsigned_integer(fallback)); }

net::ServerConfig server_config(const Json& config) {
    net::ServerConfig server;
    const auto host = config["host"];
    server.listeners = {{"plain", false}, {"secure", true}};
    server.tls_certificate = host["tls_certificate"].text();
    server.tls_key = host["tls_key"].text();
    server.sub_protocol = "janus-protocol";
    server.limits = net::Limits::from(host["limits"]);
    server.handshake_seconds = seconds(config["handshake_seconds"], server.handshake_seconds);
    server.ping_seconds = seconds(config["ping_seconds"], server.ping_seconds);
    server.ping_timeout_seconds = seconds(config["ping_timeout_seconds"], server.ping_timeout_seconds);
    return server;
}

class WebSocketTransport final : public sdk::Transport, private net::Application {
  public:
    WebSocketTransport(const TransportHost& host, const Json& config) : host_{host}, server_{server_config(config), *this} {}

    cardea_status start() override {
        if (const auto problem = server_.open(); !problem.empty()) {
            host_.error("websocket cannot start", {{"problem", problem}});
            return CARDEA_INVALID;
        }
        const auto run = [](void* self) { static_cast<WebSocketTransport*>(self)->run(); };
        const auto stop = [](void* self) { static_cast<WebSocketTransport*>(self)->server_.stop(); };
        return host_.spawn_service("websocket", run, stop, this);
    }
    cardea_status adopt(Fd fd, std::uint32_t listener) override { return server_.adopt(std::move(fd), listener); }
    cardea_status send(cardea_client_id client, std::string_view json) override { return server_.send(client, json); }
    void set_reading(cardea_client_id client, bool on) override { server_.set_reading(client, on); }
    void close(cardea_client_id client) override { server_.close(client); }

  private:
    void run() {
        host_.guard("service", [this] { server_.run(); });
    }

    [[nodiscard]] net::HttpResponse on_request(const net::HttpRequest&) override {
        net::HttpResponse response;
        response.status = 403;
        response.headers = {{"Content-Type", "text/plain"}};
        response.text = "This port speaks WebSocket\n";
        return response;
    }
    [[nodiscard]] sdk::Admission on_open(const net::Handshake& handshake) override {
        Json about{{"address", handshake.address}, {"listener", handshake.listener}};
        if (!handshake.origin.empty()) about.set("origin", handshake.origin);
        if (!handshake.forwarded_for.empty()) about.set("forwarded_for", handshake.forwarded_for);
        return host_.client_open(about);
    }
    [[nodiscard]] sdk::Taken on_message(cardea_client_id client, std::string_view json) override { return host_.incoming(client, json); }
    void on_gone(cardea_client_id client) override { host_.client_gone(client); }
    void on_closed(cardea_client_id client, std::string_view why) override {
        host_.info("client closed by us", {{"client", std::uint64_t{client}}, {"why", why}});
    }
    [[nodiscard]] std::int64_t now_ns() override { return host_.now_ns(); }

    TransportHost host_;
    net::Server server_;  // last: its end calls the members above
};

}  // namespace

CARDEA_TRANSPORT(WebSocketTransport, .name = "websocket", .package = "janus.transport.websockets", .title = "WebSocket",
                 .description = "Janus API over WebSocket, plain and TLS", .version = "1.0.0", .version_number = 100,
                 .author = "The Cardea authors", .licence = "Apache-2.0", .options = sdk::table(kOptions),
                 .listeners = sdk::listeners(kListeners))
