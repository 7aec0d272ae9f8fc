// The seam between the API on the control thread and a plugin on its own thread: requests go down through PluginPort,
// results come up through PluginListener. Neither side ever waits for the other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/strong_id.hpp"
#include "cardea/json.hpp"
#include "modules/module_file.hpp"
#include "telemetry/event_stream.hpp"

namespace cardea {

using RequestId = StrongId<struct RequestTag, std::uint64_t>;  // one `message` of a client, never reused; 0: none

// A JSON object as text, found to be one. What a plugin says is taken apart once, to be checked, and never put together again.
struct JsonText {
    explicit JsonText(std::string checked) noexcept : text{std::move(checked)} {}
    explicit JsonText(const Json& object) : text{object.dump()} {}
    std::string text;
};

struct PluginRequest {
    HandleId handle;
    RequestId request;
    bool ack_sent = false;  // else the runtime sends it once the jsep has proved good
    Json body;
    Json jsep;  // absent, or checked by the API: type and sdp are strings
};

enum class AnswerKind : std::uint8_t { sync, async };

// Every call returns at once. The control thread calls.
class PluginPort {
  public:
    PluginPort() = default;
    PluginPort(const PluginPort&) = delete;
    PluginPort& operator=(const PluginPort&) = delete;
    virtual ~PluginPort() = default;

    [[nodiscard]] virtual const ModuleIdentity& identity() const noexcept = 0;
    // How a request of that name (body.request) is answered. Names the plugin does not know are refused synchronously.
    [[nodiscard]] virtual AnswerKind answer_kind(const Json& body) const = 0;
    virtual void attach(HandleId handle) = 0;  // -> on_attached
    virtual void detach(HandleId handle) = 0;  // -> on_detached, after a hangup event if there was a peer connection
    virtual void request(PluginRequest request) = 0;
    virtual void hangup(HandleId handle, std::string reason) = 0;
};

// What a plugin's runtime tells the API; called on the control thread, in the order in which it happened on the plugin's.
class PluginListener {
  public:
    virtual ~PluginListener() = default;
    virtual void on_attached(HandleId handle, bool accepted) = 0;
    virtual void on_detached(HandleId handle) = 0;  // on request, or because the plugin ended the handle
    virtual void on_ack(RequestId request) = 0;
    virtual void on_reply(RequestId request, JsonText data) = 0;                // synchronous answer
    virtual void on_refused(RequestId request, int code, std::string text) = 0;  // core error in place of ack and answer
    // on_request of an asynchronous request has returned: it no longer counts as unanswered.
    virtual void on_done(RequestId request) = 0;
    // request 0: unsolicited. jsep absent: none.
    virtual void on_event(HandleId handle, RequestId request, JsonText data, Json jsep) = 0;
    // {"janus":"webrtcup"} and its kind, without session and sender.
    virtual void on_core_event(HandleId handle, Json event) = 0;
    // For event handlers, never for the client. handle 0: about none.
    virtual void on_telemetry(HandleId, EventKind, int /*subtype*/, Json /*event*/) {}
    // Any thread: whether on_telemetry of that kind reaches anybody.
    [[nodiscard]] virtual bool wants(EventKind) const noexcept { return false; }
};

}  // namespace cardea
