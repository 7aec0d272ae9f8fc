// libwebsockets at work for one Server: context, one vhost per listener, the connections. Service thread only, but wake().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "lws/application.hpp"
#include "lws/http_exchange.hpp"
#include "lws/websocket_peer.hpp"

struct lws;
struct lws_context;
struct lws_vhost;
struct ssl_ctx_st;

namespace cardea::net {

class Server;

// What an accepted socket has become. Its address is what libwebsockets keeps as its opaque pointer.
struct Connection {
    std::uint64_t number;
    class Service* service;
    std::uint32_t listener;
    std::string address;
    std::int64_t opened_ns;
    bool awaits_handshake = true;
    std::int64_t farewell_ns = 0;  // when we said goodbye; 0: we have not
    std::string origin;
    std::string forwarded_for;
    std::unique_ptr<WebSocketPeer> peer;
    std::unique_ptr<HttpExchange> exchange;
    ::lws* wsi = nullptr;
};

class Service {
  public:
    Service(Server& server, const ServerConfig& config, Application& application);
    ~Service();
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    [[nodiscard]] static std::size_t headroom() noexcept;  // before each outgoing message

    [[nodiscard]] std::string open();
    void turn();  // waits for something to do, and does it
    void wake();  // any thread: makes turn() return
    void adopt(sdk::Fd fd, std::uint32_t listener);
    void on_changed(cardea_client_id client);
    [[nodiscard]] bool is_talking() const noexcept;  // to a WebSocket client, the goodbye included

    // What libwebsockets reports; non-zero closes the connection.
    [[nodiscard]] int on_event(::lws* wsi, Connection& connection, int reason, void* data, std::size_t size);
    void on_destroyed(Connection& connection);

  private:
    struct Protocols;  // tables that libwebsockets keeps pointers to
    struct Ticker;

    [[nodiscard]] std::string open_vhost(const Listener& listener);
    [[nodiscard]] int confirm_upgrade(::lws* wsi, Connection& connection);
    [[nodiscard]] int filter_request(::lws* wsi);
    [[nodiscard]] int on_request(::lws* wsi, Connection& connection);
    [[nodiscard]] int on_http_writable(::lws* wsi, Connection& connection);
    [[nodiscard]] int finish(::lws* wsi, Connection& connection);
    [[nodiscard]] int on_established(::lws* wsi, Connection& connection);
    [[nodiscard]] int refuse(::lws* wsi, unsigned status, std::string text);
    void end_peer(Connection& connection);
    void tick();
    void arm_ticker();

    Server& server_;
    const ServerConfig& config_;
    Application& application_;
    std::unique_ptr<Protocols> protocols_;
    std::unique_ptr<Ticker> ticker_;
    std::uint64_t next_number_ = 1;
    std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
    std::unordered_map<cardea_client_id, WebSocketPeer*> peers_;
    struct EndClientTls {
        void operator()(::ssl_ctx_st* context) const noexcept;
    };
    // What the library would make for each of its servers in case it is a client too, and does not free; outlives the context.
    std::unique_ptr<::ssl_ctx_st, EndClientTls> client_tls_;
    ::lws_context* context_ = nullptr;
    std::vector<::lws_vhost*> vhosts_;  // by listener; null where it cannot be served
};

}  // namespace cardea::net
