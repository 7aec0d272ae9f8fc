// The Janus API: envelope, authentication, sessions, handles, verbs and events. Everything happens on the control thread;
// transports bring messages, plugins bring answers, and neither is ever waited for.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "api/authenticator.hpp"
#include "api/envelope.hpp"
#include "api/server_info.hpp"
#include "api/tables.hpp"
#include "base/clock.hpp"
#include "modules/plugin_port.hpp"
#include "modules/transport_port.hpp"
#include "telemetry/event_stream.hpp"

namespace cardea::api {

struct ApiOptions {
    ServerFacts facts;
    AuthOptions auth;
    Duration session_timeout = 60s;         // 0: never
    Duration reclaim_session_timeout = 0s;  // 0: a session dies with its transport connection
    bool opaque_id_in_api = false;
    std::size_t handles_per_connection = 20'000;
    std::size_t requests_per_handle = 32;
};

class Api final : public PluginListener, public TransportListener {
  public:
    using Clock = std::function<Instant()>;
    Api(ApiOptions options, Clock clock);

    // Before the first message.
    void add_plugin(PluginPort& plugin);
    void add_transport(TransportPort& transport);
    void add_event_handler(const ModuleIdentity& identity) { event_handlers_.push_back(&identity); }
    [[nodiscard]] EventStream& events() noexcept { return events_; }
    [[nodiscard]] Json server_info_json() const;  // what `info` answers

    // Ends sessions that were silent, or unclaimed, for too long. Every two seconds.
    void sweep(Instant now);
    // No new session; every handle is detached, and told so.
    void shut_down();
    // Closes the connections, once what was told has been handed to them.
    void close_clients();

    // Any thread.
    [[nodiscard]] std::size_t session_count() const noexcept { return session_count_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::size_t handle_count() const noexcept { return handle_count_.load(std::memory_order_relaxed); }

    // TransportListener
    void on_client_open(TransportPort& transport, ClientId client) override;
    void on_message(ClientId client, Json message) override;
    void on_unparsable(ClientId client, std::string reason) override;
    void on_client_gone(ClientId client) override;

    // PluginListener
    void on_attached(HandleId handle, bool accepted) override;
    void on_detached(HandleId handle) override;
    void on_ack(RequestId request) override;
    void on_reply(RequestId request, JsonText data) override;
    void on_refused(RequestId request, int code, std::string text) override;
    void on_done(RequestId request) override;
    void on_event(HandleId handle, RequestId request, JsonText data, Json jsep) override;
    void on_core_event(HandleId handle, Json event) override;
    void on_telemetry(HandleId handle, EventKind kind, int subtype, Json event) override;
    [[nodiscard]] bool wants(EventKind kind) const noexcept override { return events_.wants(kind); }

  private:
    // What became of a request: answered now, or later.
    enum class Progress : std::uint8_t { answered, deferred };
    struct Caller {
        ClientId client;
        const Envelope& request;
        Session* session = nullptr;  // set for verbs of a session
        Handle* handle = nullptr;    // set for verbs of a handle
    };
    using Verb = Result<Progress> (Api::*)(const Caller& caller);
    struct VerbEntry {
        Verb run;
        enum class Level : std::uint8_t { session, handle, either } level;
    };
    static const std::map<std::string_view, VerbEntry>& verbs();

    [[nodiscard]] Progress dispatch(ClientId client, const Json& message);
    [[nodiscard]] Result<Progress> run(ClientId client, const Envelope& request);
    [[nodiscard]] Result<Progress> run_without_session(ClientId client, const Envelope& request);
    [[nodiscard]] Result<Progress> run_in_session(ClientId client, const Envelope& request);

    [[nodiscard]] Result<Progress> on_info(const Caller& caller);
    [[nodiscard]] Result<Progress> on_create(const Caller& caller);
    [[nodiscard]] Result<Progress> on_keepalive(const Caller& caller);
    [[nodiscard]] Result<Progress> on_attach(const Caller& caller);
    [[nodiscard]] Result<Progress> on_destroy(const Caller& caller);
    [[nodiscard]] Result<Progress> on_claim(const Caller& caller);
    [[nodiscard]] Result<Progress> on_detach(const Caller& caller);
    [[nodiscard]] Result<Progress> on_hangup(const Caller& caller);
    [[nodiscard]] Result<Progress> on_message_verb(const Caller& caller);
    [[nodiscard]] Result<Progress> on_trickle(const Caller& caller);

    [[nodiscard]] Result<PluginPort*> plugin_for(const Envelope& request) const;
    [[nodiscard]] std::size_t handles_of(ClientId client) const;
    void end_session(SessionId session, std::string_view why);
    void update_counts() noexcept;

    void send(ClientId client, const Json& message) { send_text(client, message.dump()); }
    void send(ClientId client, MessageText message) { send_text(client, message.finish()); }
    void send_text(ClientId client, std::string_view json);

    // api_events.cpp: what event handlers are told
    void tell_session(SessionId session, const char* name, const TransportPort* transport, ClientId client);
    void tell_handle(HandleId id, const Handle& handle, const char* name);
    void tell_description(HandleId id, const Handle& handle, const char* owner, const Json& jsep);
    void tell_core_event(HandleId id, const Handle& handle, const Json& event);
    void notify(HandleId id, const Handle& handle, Json event);
    // The end of a message: what the plugin said, as the plugin wrote it.
    void add_said(MessageText& message, const Handle& handle, const JsonText& data) const;

    void count(RequestId id, const Pending& pending);
    void uncount(Pending& pending);
    void forget(RequestId id);
    void expect_event(RequestId id, Handle& handle);

    ApiOptions options_;
    Clock clock_;
    Authenticator authenticator_;
    EventStream events_;
    std::vector<const ModuleIdentity*> event_handlers_;
    std::map<std::string, PluginPort*, std::less<>> plugins_;
    std::vector<TransportPort*> transports_;
    Tables tables_;
    std::uint64_t last_request_ = 0;
    bool accepting_ = true;
    std::atomic<std::size_t> session_count_{0};
    std::atomic<std::size_t> handle_count_{0};
};

}  // namespace cardea::api
