// A transport and a plugin that record what the API asks of them, and an API between them with an invented clock.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "api/api.hpp"

namespace cardea::api {

class FakeTransport final : public TransportPort {
  public:
    const ModuleIdentity& identity() const noexcept override { return identity_; }
    void send(ClientId client, std::string_view json) override { sent[client].push_back(Json::parse(json)); }
    void close(ClientId client) override { closed.push_back(client); }
    void message_done(ClientId client) override { ++done[client]; }
    void hold(ClientId client, bool value) override { held[client] = value; }

    std::map<ClientId, std::vector<Json>> sent;
    std::vector<ClientId> closed;
    std::map<ClientId, int> done;
    std::map<ClientId, bool> held;

  private:
    ModuleIdentity identity_{CARDEA_KIND_TRANSPORT, 0, "fake", "test.transport.fake", "Fake", "", "1.0", 1, "", ""};
};

// Requests named "join" are asynchronous, all others synchronous.
class FakePlugin final : public PluginPort {
  public:
    explicit FakePlugin(std::string package) { identity_.package = std::move(package); }
    const ModuleIdentity& identity() const noexcept override { return identity_; }
    AnswerKind answer_kind(const Json& body) const override {
        return body["request"].text() == "join" ? AnswerKind::async : AnswerKind::sync;
    }
    void attach(HandleId handle) override { attached.push_back(handle); }
    void detach(HandleId handle) override { detached.push_back(handle); }
    void request(PluginRequest request) override { requests.push_back(std::move(request)); }
    void hangup(HandleId handle, std::string reason) override { hangups.emplace_back(handle, reason); }

    std::vector<HandleId> attached;
    std::vector<HandleId> detached;
    std::vector<PluginRequest> requests;
    std::vector<std::pair<HandleId, std::string>> hangups;

  private:
    ModuleIdentity identity_{CARDEA_KIND_PLUGIN, CARDEA_CAP_MEDIA, "fake", "", "Fake plugin", "For tests", "0.0.1", 1, "Nobody", "none"};
};

class ApiTest : public testing::Test {
  protected:
    explicit ApiTest(ApiOptions options = {}) : api{std::move(options), [this] { return now; }} {
        api.add_plugin(plugin);
        api.add_transport(transport);
        api.on_client_open(transport, client);
        api.on_client_open(transport, other);
    }

    void send(const Json& message, ClientId from) { api.on_message(from, message); }
    void send(const Json& message) { send(message, client); }
    // The answer to one message: the last thing the client got.
    Json ask(const Json& message, ClientId from) {
        send(message, from);
        return last(from);
    }
    Json ask(const Json& message) { return ask(message, client); }
    Json last(ClientId to) { return transport.sent[to].empty() ? Json{} : transport.sent[to].back(); }
    Json last() { return last(client); }
    std::int64_t error_of(const Json& message) { return ask(message)["error"]["code"].integer(); }

    SessionId create(ClientId from) {
        return SessionId{ask({{"janus", "create"}, {"transaction", "c"}}, from)["data"]["id"].unsigned_integer()};
    }
    SessionId create() { return create(client); }
    HandleId attach(SessionId session) {
        send(in(session, "attach").set("plugin", "test.plugin"));
        const auto handle = plugin.attached.back();
        api.on_attached(handle, true);
        return handle;
    }
    static Json in(SessionId session, const char* verb) {
        return {{"janus", verb}, {"transaction", "t"}, {"session_id", session.value}};
    }
    static Json in(SessionId session, HandleId handle, const char* verb) { return in(session, verb).set("handle_id", handle.value); }
    static Json message(SessionId session, HandleId handle, const char* request) {
        return in(session, handle, "message").set("body", Json{{"request", request}});
    }

    Instant now{1000s};
    ClientId client{1};
    ClientId other{2};
    FakeTransport transport;
    FakePlugin plugin{"test.plugin"};
    Api api;
};

}  // namespace cardea::api
