// Pages over HTTP, plain and with TLS: the files of a folder, /healthz, and /cardea.json which tells pages where the
// WebSocket is.
#include <cardea/transport.hpp>
#include <string>
#include <utility>

#include "lws/server.hpp"
#include "static_files.hpp"

namespace {

using namespace cardea;
using net::HttpRequest, net::HttpResponse, net::Method;
using sdk::Fd, sdk::TransportHost;

constexpr cardea_param kOptions[] = {
    sdk::integer("port").range(-1, 65535).fallback("8088").help("HTTP; 0: any free port, -1: off"),
    sdk::integer("secure_port").range(-1, 65535).fallback("8089").help("HTTPS; 0: any free port, -1: off"),
    sdk::array("addresses").elements(CARDEA_TYPE_STRING).fallback("[]").help("addresses to listen on; none: all"),
    sdk::string("folder").fallback("\"\"").help("folder of the pages; empty: none are served"),
    sdk::integer("handshake_seconds").range(1, 300).fallback("10").help("time from connecting to a whole request"),
};
constexpr cardea_listener kListeners[] = {
    sdk::listener("plain", "port", sdk::Tls::no),
    sdk::listener("secure", "secure_port", sdk::Tls::yes),
};

net::ServerConfig server_config(const Json& config) {
    net::ServerConfig server;
    const auto host = config["host"];
    server.listeners = {{"plain", false}, {"secure", true}};
    server.tls_certificate = host["tls_certificate"].text();
    server.tls_key = host["tls_key"].text();
    server.limits = net::Limits::from(host["limits"]);
    server.handshake_seconds = static_cast<unsigned>(config["handshake_seconds"].unsigned_integer(server.handshake_seconds));
    return server;
}

// On every answer, errors too.
void add_security_headers(HttpResponse& response) {
    response.headers.emplace_back("Content-Security-Policy",
                                  "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; media-src 'self' blob:");
    response.headers.emplace_back("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self)");
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
}

HttpResponse text_response(unsigned status, std::string_view text) {
    HttpResponse response;
    response.status = status;
    response.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
    response.text = text;
    return response;
}

HttpResponse json_response(unsigned status, const Json& json) {
    HttpResponse response;
    response.status = status;
    response.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
    response.text = json.dump();
    return response;
}

class HttpTransport final : public sdk::Transport, private net::Application {
  public:
    HttpTransport(const TransportHost& host, const Json& config)
        : host_{host}, folder_{config["folder"].text()}, files_{std::string{}}, server_{server_config(config), *this} {}

    cardea_status start() override {
        files_ = http::StaticFiles{folder_};
        if (!folder_.empty() && !files_.usable()) host_.warn("no such folder of pages", {{"folder", folder_}});
        if (const auto problem = server_.open(); !problem.empty()) {
            host_.error("http cannot start", {{"problem", problem}});
            return CARDEA_INVALID;
        }
        const auto run = [](void* self) { static_cast<HttpTransport*>(self)->run(); };
        const auto stop = [](void* self) { static_cast<HttpTransport*>(self)->server_.stop(); };
        return host_.spawn_service("http", run, stop, this);
    }
    cardea_status adopt(Fd fd, std::uint32_t listener) override { return server_.adopt(std::move(fd), listener); }

  private:
    void run() {
        host_.guard("service", [this] { server_.run(); });
    }

    [[nodiscard]] HttpResponse on_request(const HttpRequest& request) override {
        auto response = answer(request);
        add_security_headers(response);
        return response;
    }
    [[nodiscard]] HttpResponse answer(const HttpRequest& request) const {
        if (request.method == Method::other) {
            auto response = text_response(405, "Method not allowed\n");
            response.headers.emplace_back("Allow", "GET, HEAD");
            return response;
        }
        if (request.path == "/healthz") return health();
        if (request.path == "/cardea.json") return json_response(200, gateway());
        return page(request);
    }
    [[nodiscard]] HttpResponse health() const {
        const auto health = host_.health();
        return health.is_object() ? json_response(200, health) : json_response(503, {{"error", "no health"}});
    }
    // The WebSocket ports; one that is off is absent.
    [[nodiscard]] Json gateway() const {
        const auto health = host_.health();
        Json ports = Json::object();
        health["listeners"].for_each([&](const Json& listener) {
            if (listener["module"].text() != "websocket") return;
            // "tls" is a flag in any of JSON's ways to say so.
            const bool tls = listener["tls"].boolean(listener["tls"].integer() != 0);
            ports.set(tls ? "wss" : "ws", listener["port"]);
        });
        return {{"websocket", ports}, {"version", health["version"]}};
    }
    [[nodiscard]] HttpResponse page(const HttpRequest& request) const {
        auto file = files_.open(request.path);
        if (!file) return text_response(404, "Not found\n");
        HttpResponse response;
        // no-cache: kept, but asked for again each time, so that a page never runs with scripts of another version.
        response.headers = {{"Content-Type", std::string{file->type}}, {"Cache-Control", "no-cache"}, {"ETag", file->etag}};
        if (request.if_none_match == file->etag) {
            response.status = 304;
            return response;
        }
        response.file = std::move(file->fd);
        response.size = file->size;
        return response;
    }
    [[nodiscard]] std::int64_t now_ns() override { return host_.now_ns(); }

    TransportHost host_;
    std::string folder_;
    http::StaticFiles files_;
    net::Server server_;  // last: its end calls the members above
};

}  // namespace

CARDEA_TRANSPORT(HttpTransport, .name = "http", .package = "janus.transport.http", .title = "HTTP",
                 .description = "Pages and health over HTTP, plain and TLS", .version = "1.0.0", .version_number = 100,
                 .author = "The Cardea authors", .licence = "Apache-2.0", .capabilities = 0, .options = sdk::table(kOptions),
                 .listeners = sdk::listeners(kListeners))
