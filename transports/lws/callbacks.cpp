// What libwebsockets reports about a connection, turned into calls of the application.
#include <libwebsockets.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "lws/protocols.hpp"
#include "lws/server.hpp"
#include "lws/service.hpp"

namespace cardea::net {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

bool lists(std::string_view list, std::string_view wanted) {
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        auto name = list.substr(0, comma);
        while (!name.empty() && (name.front() == ' ' || name.front() == '\t')) name.remove_prefix(1);
        while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
        if (name == wanted) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

Ends what_ends(::lws* wsi) {
    if (lws_is_final_fragment(wsi) != 0) return Ends::message;
    return lws_remaining_packet_payload(wsi) == 0 ? Ends::frame : Ends::nothing;
}

}  // namespace

int on_lws_event(::lws* wsi, lws_callback_reasons reason, void*, void* data, std::size_t size) noexcept {
    if (wsi == nullptr) return 0;
    auto* const connection = static_cast<Connection*>(lws_get_opaque_user_data(wsi));
    if (connection == nullptr) return 0;  // not one of the sockets handed over
    if (reason == LWS_CALLBACK_WSI_DESTROY) {
        lws_set_opaque_user_data(wsi, nullptr);
        connection->service->on_destroyed(*connection);
        return 0;
    }
    try {
        return connection->service->on_event(wsi, *connection, reason, data, size);
    } catch (...) {  // nothing may unwind through the library; this connection is the one at fault
        return -1;
    }
}

int Service::on_event(::lws* wsi, Connection& connection, int reason, void* data, std::size_t size) {
    // The close frame may take a while to be answered: the host need not wait for that.
    const auto obey = [&](Verdict verdict) {
        if (verdict == Verdict::close) {
            end_peer(connection);
            connection.farewell_ns = application_.now_ns();
        }
        return verdict == Verdict::keep ? 0 : -1;
    };
    switch (reason) {
        case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
            return confirm_upgrade(wsi, connection);
        case LWS_CALLBACK_FILTER_HTTP_CONNECTION:
            return filter_request(wsi);
        case LWS_CALLBACK_HTTP:
            return on_request(wsi, connection);
        case LWS_CALLBACK_HTTP_WRITEABLE:
            return on_http_writable(wsi, connection);
        case LWS_CALLBACK_HTTP_BODY:
            return -1;  // filter_request lets none in
        case LWS_CALLBACK_ESTABLISHED:
            return on_established(wsi, connection);
        case LWS_CALLBACK_RECEIVE:
            if (!connection.peer) return 0;  // said goodbye to; what still comes is not looked at
            return obey(connection.peer->on_piece({static_cast<const char*>(data), size}, what_ends(wsi)));
        case LWS_CALLBACK_SERVER_WRITEABLE:
            return connection.peer ? obey(connection.peer->on_writable()) : 0;
        default:
            return 0;
    }
}

// Only WebSocket with our sub-protocol. The value that comes with this event is not looked at: after an upgrade unknown
// to the library it points to memory already given back (CVE-2025-11677), and the headers then read as absent.
int Service::confirm_upgrade(::lws* wsi, Connection& connection) {
    const auto upgrade = request_header(wsi, WSI_TOKEN_UPGRADE);
    if (upgrade.empty()) return -1;
    if (!equal_ignoring_case(upgrade, "websocket") || config_.sub_protocol.empty()) return refuse(wsi, 403, "No such upgrade here\n");
    if (!lists(request_header(wsi, WSI_TOKEN_PROTOCOL), config_.sub_protocol)) {
        return refuse(wsi, 400, "Sub-protocol " + config_.sub_protocol + " required\n");
    }
    connection.origin = request_header(wsi, WSI_TOKEN_ORIGIN);
    connection.forwarded_for = request_header(wsi, WSI_TOKEN_X_FORWARDED_FOR);
    return 0;
}

// No request to us has a body. The library takes a negative length for granted, so look before it does.
int Service::filter_request(::lws* wsi) {
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0) return refuse(wsi, 400, "No body expected\n");
    const auto length = request_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH);
    if (length.find_first_not_of('0') != std::string::npos) return refuse(wsi, 400, "No body expected\n");
    return 0;
}

int Service::refuse(::lws* wsi, unsigned status, std::string text) {
    HttpResponse response;
    response.status = status;
    response.headers = {{"Content-Type", "text/plain"}};
    response.text = std::move(text);
    HttpExchange exchange;
    if (exchange.begin(wsi, Method::get, std::move(response), AfterResponse::close) == HttpExchange::Progress::more) {
        static_cast<void>(exchange.resume(wsi));
    }
    return -1;
}

int Service::on_request(::lws* wsi, Connection& connection) {
    connection.awaits_handshake = false;
    const auto request = read_request(wsi);
    // After a method we do not serve nothing is read on: a body may follow.
    const bool closes = request.method == Method::other || equal_ignoring_case(request_header(wsi, WSI_TOKEN_CONNECTION), "close") ||
                        request_header(wsi, WSI_TOKEN_HTTP) != "HTTP/1.1";
    connection.exchange = std::make_unique<HttpExchange>();
    const auto after = closes ? AfterResponse::close : AfterResponse::keep_alive;
    const auto progress = connection.exchange->begin(wsi, request.method, application_.on_request(request), after);
    if (progress == HttpExchange::Progress::failed) return -1;
    if (progress == HttpExchange::Progress::done) return finish(wsi, connection);
    lws_callback_on_writable(wsi);
    return 0;
}

int Service::on_http_writable(::lws* wsi, Connection& connection) {
    if (!connection.exchange) return 0;
    const auto progress = connection.exchange->resume(wsi);
    if (progress == HttpExchange::Progress::failed) return -1;
    if (progress == HttpExchange::Progress::done) return finish(wsi, connection);
    lws_callback_on_writable(wsi);
    return 0;
}

int Service::finish(::lws* wsi, Connection& connection) {
    const auto exchange = std::exchange(connection.exchange, nullptr);
    if (exchange->after() == AfterResponse::close) return -1;
    return lws_http_transaction_completed(wsi) != 0 ? -1 : 0;
}

int Service::on_established(::lws* wsi, Connection& connection) {
    connection.awaits_handshake = false;
    const auto admission = application_.on_open(
        {connection.address, config_.listeners[connection.listener].name, connection.origin, connection.forwarded_for});
    if (admission.id == 0) return -1;
    connection.peer = std::make_unique<WebSocketPeer>(wsi, application_, config_.limits, admission);
    peers_.emplace(admission.id, connection.peer.get());
    server_.add(admission.id, connection.peer->link());
    return 0;
}

void Service::end_peer(Connection& connection) {
    if (!connection.peer) return;
    server_.remove(connection.peer->id());
    peers_.erase(connection.peer->id());
    connection.peer.reset();
}

void Service::on_destroyed(Connection& connection) {
    end_peer(connection);
    connections_.erase(connection.number);
}

}  // namespace cardea::net
