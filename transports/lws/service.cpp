// Context and vhosts of one server, and its loop. The callbacks are in lws/callbacks.cpp.
#include "lws/service.hpp"

#include <libwebsockets.h>
#include <openssl/ssl.h>

#include <algorithm>

#include "lws/peer_address.hpp"
#include "lws/protocols.hpp"
#include "lws/server.hpp"

namespace cardea::net {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr lws_usec_t kTick = 500 * LWS_US_PER_MS;
// From the close frame to the end of the connection. The library reads and discards until the client answers it; to end
// at once would reset the connection of a client that still sends, and it would never see why.
constexpr std::int64_t kFarewell = kSecond;
constexpr unsigned short kHeaderBytes = 8192;  // all headers of a request together
constexpr int kKeepAliveSeconds = 15;
constexpr unsigned kNever = 0xfff0;  // about 18 hours, the most the field holds

bool is_set(const std::string& text) { return !text.empty(); }

}  // namespace

Service::Ticker::Ticker(Service& of) noexcept : sul{}, service{&of} {}

Service::Service(Server& server, const ServerConfig& config, Application& application)
    : server_{server},
      config_{config},
      application_{application},
      protocols_{std::make_unique<Protocols>(config)},
      ticker_{std::make_unique<Ticker>(*this)} {}

Service::~Service() {
    if (context_ == nullptr) return;
    lws_sul_schedule(context_, 0, &ticker_->sul, nullptr, LWS_SET_TIMER_USEC_CANCEL);
    lws_context_destroy(context_);  // ends every connection, with its callbacks
}

void Service::EndClientTls::operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }

std::size_t Service::headroom() noexcept { return LWS_PRE; }

std::string Service::open() {
    // No log function of ours: this level is process-wide, and a pointer would outlive the module.
    lws_set_log_level(0, nullptr);
    lws_context_creation_info info{};
    info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
    if (is_set(config_.tls_certificate)) info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.gid = -1;
    info.uid = -1;
    info.timeout_secs = config_.handshake_seconds;
    info.max_http_header_data = kHeaderBytes;
    client_tls_.reset(SSL_CTX_new(TLS_client_method()));
    context_ = lws_create_context(&info);
    if (context_ == nullptr) return "libwebsockets gives no context";
    for (const auto& listener : config_.listeners) {
        if (auto problem = open_vhost(listener); is_set(problem)) return problem;
    }
    return {};
}

std::string Service::open_vhost(const Listener& listener) {
    vhosts_.push_back(nullptr);
    if (listener.tls && !is_set(config_.tls_certificate)) return {};
    lws_context_creation_info info{};
    info.options = LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
    info.port = CONTEXT_PORT_NO_LISTEN_SERVER;  // no listening socket, but TLS as a server
    info.vhost_name = listener.name.c_str();
    info.protocols = protocols_->table.data();
    info.gid = -1;
    info.uid = -1;
    info.keepalive_timeout = kKeepAliveSeconds;
    info.timeout_secs_ah_idle = config_.handshake_seconds;
    info.retry_and_idle_policy = &protocols_->idle;
    info.provided_client_ssl_ctx = client_tls_.get();
    if (listener.tls) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;  // looked for here too
        info.ssl_cert_filepath = config_.tls_certificate.c_str();
        info.ssl_private_key_filepath = config_.tls_key.c_str();
        info.ssl_options_set = static_cast<long>(SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_RENEGOTIATION);
        info.alpn = "http/1.1";  // HTTP/2 of this version of the library has known holes
    }
    vhosts_.back() = lws_create_vhost(context_, &info);
    if (vhosts_.back() != nullptr) return {};
    return listener.tls ? "cannot use the TLS certificate " + config_.tls_certificate + " with the key " + config_.tls_key
                        : "libwebsockets gives no virtual host";
}

void Service::turn() { lws_service(context_, 0); }

void Service::wake() { lws_cancel_service(context_); }

void Service::adopt(sdk::Fd fd, std::uint32_t listener) {
    const auto number = next_number_++;
    auto connection = std::make_unique<Connection>();
    connection->number = number;
    connection->service = this;
    connection->listener = listener;
    connection->address = peer_address(fd.get());
    connection->opened_ns = application_.now_ns();
    lws_adopt_desc_t adopted{};
    adopted.vh = vhosts_[listener];
    adopted.type =
        static_cast<lws_adoption_type>(LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP | (config_.listeners[listener].tls ? LWS_ADOPT_ALLOW_SSL : 0));
    adopted.opaque = connection.get();
    auto& kept = *connections_.emplace(number, std::move(connection)).first->second;
    if (adopted.vh == nullptr) return void(connections_.erase(number));
    adopted.fd.sockfd = fd.release();  // closed by the library if it refuses
    auto* const wsi = lws_adopt_descriptor_vhost_via_info(&adopted);
    if (wsi == nullptr) return void(connections_.erase(number));
    kept.wsi = wsi;
    arm_ticker();
}

void Service::on_changed(cardea_client_id client) {
    if (const auto found = peers_.find(client); found != peers_.end()) found->second->on_changed();
}

bool Service::is_talking() const noexcept {
    return std::any_of(connections_.begin(), connections_.end(),
                       [](const auto& entry) { return entry.second->peer != nullptr || entry.second->farewell_ns != 0; });
}

void Service::arm_ticker() {
    if (ticker_->armed) return;
    ticker_->armed = true;
    const auto on_tick = [](lws_sorted_usec_list_t* sul) { static_cast<Ticker*>(static_cast<void*>(sul))->service->tick(); };
    lws_sul_schedule(context_, 0, &ticker_->sul, on_tick, kTick);
}

// Runs only while there are connections.
void Service::tick() {
    ticker_->armed = false;
    const auto now = application_.now_ns();
    for (auto& [number, connection] : connections_) {
        if (connection->peer) connection->peer->check(now);
        const auto age = now - connection->opened_ns;
        const bool too_slow = connection->awaits_handshake && age > std::int64_t{config_.handshake_seconds} * kSecond;
        const bool stays = connection->farewell_ns != 0 && now - connection->farewell_ns > kFarewell;
        if (too_slow || stays) {
            lws_set_timeout(connection->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
        }
    }
    if (!connections_.empty()) arm_ticker();
}

Service::Protocols::Protocols(const ServerConfig& config) : sub_protocol{config.sub_protocol} {
    table[0].name = "http";
    table[0].callback = &on_lws_event;
    if (is_set(sub_protocol)) {
        table[1].name = sub_protocol.c_str();
        table[1].callback = &on_lws_event;
    }
    const auto ping = config.ping_seconds == 0 ? kNever : std::min(config.ping_seconds, kNever);
    idle.secs_since_valid_ping = static_cast<std::uint16_t>(ping);
    idle.secs_since_valid_hangup = static_cast<std::uint16_t>(std::min(ping + std::max(config.ping_timeout_seconds, 1U), kNever + 1));
}

}  // namespace cardea::net
