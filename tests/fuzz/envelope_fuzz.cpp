// The JSON API from a client's text to its answers: documents, envelope, verbs, and a plugin that is late. A number among the
// documents lets the plugin take so many steps; a small handle_id means the n-th handle that was attached.
// Whatever comes: each answer is a JSON object, and each message is counted done exactly once.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <set>
#include <vector>

#include "api/api.hpp"
#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/log.hpp"
#include "modules/json_documents.hpp"

namespace {

using namespace cardea;

const ModuleIdentity kTransport{CARDEA_KIND_TRANSPORT, 0, "fuzz", "fuzz.transport", "", "", "1", 1, "", ""};
const ModuleIdentity kPlugin{CARDEA_KIND_PLUGIN, 0, "fuzz", "fuzz.plugin", "", "", "1", 1, "", ""};

class Transport final : public TransportPort {
  public:
    const ModuleIdentity& identity() const noexcept override { return kTransport; }
    void send(ClientId, std::string_view json) override { CARDEA_ASSERT(Json::parse(json).has("janus")); }
    void close(ClientId) override {}
    void message_done(ClientId) override { ++done; }
    void hold(ClientId, bool value) override {
        CARDEA_ASSERT(held != value);
        held = value;
    }
    std::size_t done = 0;
    bool held = false;
};

// Does in its own time what a plugin's runtime does: in order, and nothing for a handle that is gone.
class Plugin final : public PluginPort {
  public:
    const ModuleIdentity& identity() const noexcept override { return kPlugin; }
    AnswerKind answer_kind(const Json& body) const override {
        return body["request"].text() == "join" ? AnswerKind::async : AnswerKind::sync;
    }
    void attach(HandleId handle) override {
        handles.push_back(handle);
        later([this, handle] {
            alive_.insert(handle);
            to_->on_attached(handle, true);
        });
    }
    void detach(HandleId handle) override {
        later([this, handle] {
            alive_.erase(handle);
            to_->on_detached(handle);
        });
    }
    void hangup(HandleId handle, std::string reason) override {
        later([this, handle, reason] { to_->on_core_event(handle, {{"janus", "hangup"}, {"reason", reason}}); });
    }
    void request(PluginRequest request) override {
        later([this, request] { answer(request); });
    }

    void listen(PluginListener& to) { to_ = &to; }
    void step(std::size_t count) {
        for (; count > 0 && !steps_.empty(); --count) {
            const auto next = std::move(steps_.front());
            steps_.pop_front();
            next();
        }
    }
    std::vector<HandleId> handles;

  private:
    void later(std::function<void()> step) { steps_.push_back(std::move(step)); }
    void answer(const PluginRequest& request) {
        if (!alive_.contains(request.handle)) return to_->on_refused(request.request, 459, "No such handle");
        if (request.body["request"].text() == "refuse") return to_->on_refused(request.request, 465, "Bad SDP");
        if (answer_kind(request.body) == AnswerKind::sync) return to_->on_reply(request.request, JsonText{request.body});
        if (!request.ack_sent) to_->on_ack(request.request);
        if (request.body["silent"].boolean()) return to_->on_done(request.request);
        const bool early = request.body["early"].boolean();
        if (early) to_->on_done(request.request);
        to_->on_event(request.handle, request.request, JsonText{request.body}, request.jsep);
        if (!early) to_->on_done(request.request);
    }

    PluginListener* to_ = nullptr;
    std::deque<std::function<void()>> steps_;
    std::set<HandleId> alive_;
};

Json with_real_handle(const Json& message, const std::vector<HandleId>& handles) {
    const auto wanted = message["handle_id"].unsigned_integer();
    if (wanted == 0 || wanted > handles.size()) return message;
    return message.copy().set("handle_id", handles[wanted - 1].value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const bool quiet = (log::set_level(log::Level::off), true);
    static_cast<void>(quiet);
    const ClientId client{1};
    auto now = instant_of_ns(1);
    Transport transport;
    Plugin plugin;
    api::ApiOptions options;
    options.requests_per_handle = 4;
    options.handles_per_connection = 16;
    api::Api api{options, [&now] { return now; }};
    plugin.listen(api);
    api.add_plugin(plugin);
    api.add_transport(transport);
    api.on_client_open(transport, client);

    const auto documents = parse_documents(as_text({data, size}), 64, 512);
    std::size_t taken = 0;
    for (const auto& document : documents.list) {
        if (document.is_integer()) plugin.step(document.unsigned_integer());
        api.on_message(client, with_real_handle(document, plugin.handles));
        ++taken;
        now += 1s;
        api.sweep(now);
    }
    if (!documents.problem.empty()) api.on_unparsable(client, documents.problem), ++taken;
    plugin.step(static_cast<std::size_t>(-1));
    CARDEA_ASSERT(transport.done == taken);
    CARDEA_ASSERT(!transport.held);
    return 0;
}
