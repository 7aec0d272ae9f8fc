#include "janus_session.hpp"

#include <iostream>

namespace cardea::testpeer {

Result<std::unique_ptr<JanusSession>> JanusSession::open(const std::string& url, Events events) {
    std::unique_ptr<JanusSession> session{new JanusSession{std::move(events)}};
    auto* raw = session.get();
    auto socket = WebSocket::open(url, "janus-protocol",
                                  {[raw](std::string_view text) { raw->on_text(text); },
                                   [raw](std::string reason) { raw->events_.on_problem("WebSocket: " + std::move(reason)); }});
    if (!socket) return tl::unexpected{socket.error()};
    session->socket_ = std::move(*socket);
    return session;
}

void JanusSession::request(Json request, Reply reply) {
    const auto transaction = "peer-" + std::to_string(next_transaction_++);
    request.set("transaction", transaction);
    if (session_ != 0) request.set("session_id", session_);
    if (reply) open_.emplace(transaction, std::move(reply));
    const auto text = request.dump();
    trace("> ", text);
    socket_->send_text(text);
}

void JanusSession::create(std::function<void()> done) {
    request({{"janus", "create"}}, [this, done = std::move(done)](const Json& reply) {
        session_ = reply["data"]["id"].unsigned_integer();
        done();
    });
}

void JanusSession::attach(const std::string& plugin, std::function<void(HandleId)> done) {
    request({{"janus", "attach"}, {"plugin", plugin}},
            [done = std::move(done)](const Json& reply) { done(reply["data"]["id"].unsigned_integer()); });
}

void JanusSession::message(HandleId handle, Json body, Json jsep, Reply reply) {
    request({{"janus", "message"}, {"handle_id", handle}, {"body", std::move(body)}, {"jsep", std::move(jsep)}}, std::move(reply));
}

void JanusSession::end_of_candidates(HandleId handle) {
    request({{"janus", "trickle"}, {"handle_id", handle}, {"candidate", Json{{"completed", true}}}}, {});
}

void JanusSession::destroy(std::function<void()> done) {
    request({{"janus", "destroy"}}, [done = std::move(done)](const Json&) { done(); });
}

void JanusSession::tick(Instant now) {
    if (session_ == 0) return;
    if (keepalive_at_ && now - *keepalive_at_ < 20s) return;
    if (keepalive_at_) request({{"janus", "keepalive"}}, {});
    keepalive_at_ = now;
}

void JanusSession::on_text(std::string_view text) {
    trace("< ", text);
    const auto message = Json::parse(text);
    const auto verb = message["janus"].text();
    if (verb == "ack") return;
    if (verb == "error") {
        events_.on_problem("error " + std::to_string(message["error"]["code"].integer()) + ": " +
                           std::string{message["error"]["reason"].text()});
        open_.erase(std::string{message["transaction"].text()});
        return;
    }
    if (const auto found = open_.find(message["transaction"].text()); found != open_.end()) {
        const auto reply = std::move(found->second);
        open_.erase(found);
        return reply(message);
    }
    if (message.has("sender")) events_.on_event(message["sender"].unsigned_integer(), message);
}

void JanusSession::trace(std::string_view direction, std::string_view text) const {
    if (events_.trace) std::cerr << direction << text << '\n';
}

}  // namespace cardea::testpeer
