#include "modules/plugin_runtime.hpp"

#include <chrono>
#include <future>
#include <type_traits>

#include "base/log.hpp"
#include "cardea/slice.hpp"
#include "modules/layer_json.hpp"
#include "modules/peer_events.hpp"
#include "modules/plugin_host.hpp"

namespace cardea {
namespace {

constexpr int kHandleNotFound = 459;
constexpr int kPluginMessage = 462;

Json core_event(const char* name) { return Json{{"janus", name}}; }

double seconds_since(Instant then) { return std::chrono::duration<double>(MonotonicClock::now() - then).count(); }

}  // namespace

template <class F>
auto PluginRuntime::watched(const char* what, F&& call) {
    // A plugin's call may lead to another one (end_handle does not, but a nested mark must not clear the outer one).
    const auto* outer_name = call_name_.load(std::memory_order_relaxed);
    const auto outer_since = call_since_.load(std::memory_order_relaxed);
    call_since_.store(ns_of(MonotonicClock::now()), std::memory_order_relaxed);
    call_name_.store(what, std::memory_order_release);
    if constexpr (std::is_void_v<decltype(call())>) {
        call();
        call_since_.store(outer_since, std::memory_order_relaxed);
        call_name_.store(outer_name, std::memory_order_release);
    } else {
        const auto result = call();
        call_since_.store(outer_since, std::memory_order_relaxed);
        call_name_.store(outer_name, std::memory_order_release);
        return result;
    }
}

PluginRuntime::PluginRuntime(std::unique_ptr<ModuleFile> module, const Services& services)
    : module_{std::move(module)},
      identity_{identity_of(module_->descriptor())},
      requests_{*module_->descriptor().plugin},
      api_{*module_->descriptor().plugin->api},
      services_{services},
      host_{make_plugin_host(*this)},
      recordings_{services.peers.recording,
                  services.peers.media,
                  {.post = [this](std::function<void()> task) { loop_.post(std::move(task)); },
                   .on_end = [this](HandleId handle, const Json& event) { tell_plugin(CARDEA_EVENT_RECORDING, handle, event); }}} {}

PluginRuntime::~PluginRuntime() {
    if (thread_.joinable()) {
        loop_.stop();
        thread_.join();
    }
}

Result<std::unique_ptr<PluginRuntime>> PluginRuntime::start(std::unique_ptr<ModuleFile> module, const Json& config,
                                                            const Services& services) {
    std::unique_ptr<PluginRuntime> runtime{new PluginRuntime{std::move(module), services}};
    std::promise<Result<void>> created;
    auto result = created.get_future();
    auto* self = runtime.get();
    self->string_ids_ = config["string_ids"].boolean();
    self->loop_.post([self, &created, text = config.dump()] { created.set_value(self->create_plugin(text)); });
    self->thread_ = std::thread{[self] { self->run(); }};
    if (auto outcome = result.get(); !outcome) return tl::unexpected{outcome.error()};
    return runtime;
}

Result<void> PluginRuntime::create_plugin(const std::string& config) {
    const auto created = watched("create", [&] { return api_.create(&host_, sdk::slice(config), &plugin_); });
    if (created != CARDEA_OK) {
        plugin_ = nullptr;
        return fail(0, "create fails with status " + std::to_string(created));
    }
    const auto started = watched("start", [&] { return api_.start(plugin_); });
    if (started != CARDEA_OK) return fail(0, "start fails with status " + std::to_string(started));
    return {};
}

void PluginRuntime::run() {
    thread_id_ = std::this_thread::get_id();
    name_thread(identity_.name);
    loop_.run();
    loop_.cancel_timers();
    loop_.drain_and_close();
    // After drain_and_close nothing can be posted, so nothing of the plugin runs after destroy.
    if (plugin_ != nullptr) watched("destroy", [&] { api_.destroy(plugin_); });
    plugin_ = nullptr;
    ended_.set_value();
}

bool PluginRuntime::stop(Duration patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    // Shared: the task outlives this call when the plugin is stuck.
    const auto detached = std::make_shared<std::promise<void>>();
    loop_.post([this, detached] {
        detach_everyone();
        detached->set_value();
    });
    if (detached->get_future().wait_until(deadline) != std::future_status::ready) return false;
    service_threads_.stop_and_join();
    loop_.stop();
    if (ended_.get_future().wait_until(deadline) != std::future_status::ready) return false;
    thread_.join();
    return true;
}

void PluginRuntime::detach_everyone() {
    while (!handles_.empty()) do_detach(handles_.begin()->first);
}

std::optional<StuckCall> PluginRuntime::stuck_call(Instant now, Duration longer_than) const {
    const auto* name = call_name_.load(std::memory_order_acquire);
    if (name == nullptr) return std::nullopt;
    const auto since = now - instant_of_ns(call_since_.load(std::memory_order_relaxed));
    if (since <= longer_than) return std::nullopt;
    return StuckCall{name, since};
}

void PluginRuntime::run_task(const char* what, cardea_task task, void* arg) {
    watched(what, [&] { task(arg); });
}

// ---- the control thread ------------------------------------------------------------------------------------------------

AnswerKind PluginRuntime::answer_kind(const Json& body) const {
    const auto found = requests_.find(body);
    const auto* entry = std::get_if<const RequestTable::Entry*>(&found);
    return entry != nullptr && (*entry)->async ? AnswerKind::async : AnswerKind::sync;
}

void PluginRuntime::attach(HandleId handle) {
    loop_.post([this, handle] { do_attach(handle); });
}
void PluginRuntime::detach(HandleId handle) {
    loop_.post([this, handle] { do_detach(handle); });
}
void PluginRuntime::request(PluginRequest request) {
    // A Json value belongs to one thread: the client's message stays with this one.
    request.body = request.body.copy();
    request.jsep = request.jsep.copy();
    loop_.post([this, request = std::move(request)] { do_request(request); });
}
void PluginRuntime::hangup(HandleId handle, std::string reason) {
    loop_.post([this, handle, reason = std::move(reason)] { do_hangup(handle, reason); });
}

// ---- the plugin's thread -----------------------------------------------------------------------------------------------

void PluginRuntime::do_attach(HandleId handle) {
    handles_.try_emplace(handle);
    const bool accepted = watched("attach", [&] { return api_.attach(plugin_, handle.value); }) == CARDEA_OK;
    if (!accepted) handles_.erase(handle);
    handle_count_.store(handles_.size(), std::memory_order_relaxed);
    tell([handle, accepted](PluginListener& to) { to.on_attached(handle, accepted); });
}

void PluginRuntime::do_detach(HandleId handle) {
    if (find(handle) != nullptr) {
        do_hangup(handle, "Detach");
        watched("detach", [&] { api_.detach(plugin_, handle.value); });
        handles_.erase(handle);
        handle_count_.store(handles_.size(), std::memory_order_relaxed);
    }
    tell([handle](PluginListener& to) { to.on_detached(handle); });
}

void PluginRuntime::do_request(const PluginRequest& request) {
    const auto refuse = [&](int code, std::string text) {
        tell([id = request.request, code, text = std::move(text)](PluginListener& to) { to.on_refused(id, code, text); });
    };
    auto* handle = find(request.handle);
    if (handle == nullptr) return refuse(kHandleNotFound, "No such handle");
    Json media;
    if (request.jsep) {
        auto taken = peer_of(*handle).take(request.jsep);
        if (!taken) return refuse(taken.error().code, std::move(taken.error().detail));
        media = std::move(*taken);
        remember_media(request.handle, *handle);
    }
    const auto found = requests_.find(request.body);
    if (const auto* error = std::get_if<RequestTable::PluginError>(&found)) return answer_error(request, false, *error);
    const auto& entry = *std::get<const RequestTable::Entry*>(found);
    if (entry.async && !request.ack_sent) tell([id = request.request](PluginListener& to) { to.on_ack(id); });
    if (const auto error = requests_.check(entry, request.body, string_ids_)) return answer_error(request, entry.async, *error);
    call_plugin(request, entry.async, media);
}

void PluginRuntime::call_plugin(const PluginRequest& request, bool async, const Json& media) {
    const auto body = request.body.dump();
    const auto media_text = media.dump();
    const cardea_request raw{sizeof(cardea_request), async ? static_cast<std::uint32_t>(CARDEA_REQUEST_ASYNC) : 0U,
                             request.handle.value,   request.request.value,
                             sdk::slice(body),       sdk::slice(media_text)};
    sdk::StringOut reply;
    const auto status = watched("on_request", [&] { return api_.on_request(plugin_, &raw, reply.out()); });
    const auto id = request.request;
    if (async) {
        if (status != CARDEA_OK)
            log::warn("plugin failed a request", log::kv("module", identity_.name), log::kv("status", status));
        tell([id](PluginListener& to) { to.on_done(id); });
        return;
    }
    if (status != CARDEA_OK || !Json::parse(reply.view()).is_object()) {
        tell([id](PluginListener& to) { to.on_refused(id, kPluginMessage, "Plugin didn't give a result"); });
        return;
    }
    tell([id, data = JsonText{std::string{reply.view()}}](PluginListener& to) mutable { to.on_reply(id, std::move(data)); });
}

void PluginRuntime::answer_error(const PluginRequest& request, bool async, const RequestTable::PluginError& error) {
    JsonText data{requests_.error_json(error)};
    if (!async) return tell([id = request.request, data = std::move(data)](PluginListener& to) mutable { to.on_reply(id, std::move(data)); });
    tell([handle = request.handle, id = request.request, data = std::move(data)](PluginListener& to) mutable {
        to.on_event(handle, id, std::move(data), {});
        to.on_done(id);
    });
}

void PluginRuntime::do_hangup(HandleId id, const std::string& reason, const std::string& detail) {
    auto* handle = find(id);
    if (handle == nullptr || !handle->peer) return;
    const bool was_open = handle->peer->is_open();
    const auto peer = handle->peer->peer();
    peers_.erase(handle->peer->peer());
    recordings_.on_hangup(id);
    forget_media(*handle);
    rtp_.forget_ended();
    handle->peer->close(reason);
    handle->peer.reset();
    if (!was_open) return;  // an offer that never got its answer: nobody heard of a peer connection
    log::info("peer connection over", log::kv("module", identity_.name), log::kv("handle", id), log::kv("peer", peer), log::kv("reason", reason),
              log::kv("detail", detail), log::kv("seconds", seconds_since(handle->peer_since)));
    tell_plugin(CARDEA_EVENT_HANGUP, id, {{"reason", reason}});
    tell([id, event = core_event("hangup").set("reason", reason)](PluginListener& to) { to.on_core_event(id, event); });
}

PluginRuntime::Handle* PluginRuntime::find(HandleId handle) {
    const auto found = handles_.find(handle);
    return found == handles_.end() ? nullptr : &found->second;
}

PeerSession& PluginRuntime::peer_of(Handle& handle) {
    if (handle.peer) return *handle.peer;
    PeerObserver& observer = *this;  // named here: outside of the class these bases are private
    const SourceDirectory& directory = *this;
    handle.peer = std::make_unique<PeerSession>(services_.peers, observer, directory);
    handle.peer_since = MonotonicClock::now();
    return *handle.peer;
}

void PluginRuntime::remember_media(HandleId id, Handle& handle) {
    forget_media(handle);
    peers_[handle.peer->peer()] = id;
    for (auto& [source, known] : handle.peer->sources()) {
        handle.sources.push_back(source);
        sources_[source] = std::move(known);
    }
    handle.sinks = handle.peer->sinks();
    for (const auto sink : handle.sinks) sinks_[sink] = handle.peer->worker();
    handle.data_sink = handle.peer->data_sink();
    if (handle.data_sink) data_sinks_[*handle.data_sink] = handle.peer->worker();
    rtp_.forget_ended();
    recordings_.on_media(id, handle.peer->sources());
}

Recordings::Sources PluginRuntime::sources_of(HandleId id) const {
    Recordings::Sources list;
    if (!id.is_set()) return {sources_.begin(), sources_.end()};
    const auto handle = handles_.find(id);
    if (handle != handles_.end() && handle->second.peer) list = handle->second.peer->sources();
    return list;
}

void PluginRuntime::forget_media(Handle& handle) {
    for (const auto source : handle.sources) sources_.erase(source);
    for (const auto sink : handle.sinks) sinks_.erase(sink);
    if (handle.data_sink) data_sinks_.erase(*handle.data_sink);
    handle.data_sink.reset();
    handle.sources.clear();
    handle.sinks.clear();
}

const KnownSource* PluginRuntime::find_source(SourceId id) const {
    const auto found = sources_.find(id);
    return found == sources_.end() ? nullptr : &found->second;
}

HandleId PluginRuntime::handle_of(PeerId peer) const {
    const auto found = peers_.find(peer);
    return found == peers_.end() ? HandleId{} : found->second;
}

void PluginRuntime::tell_plugin(std::uint32_t kind, HandleId handle, const Json& json) {
    if (!CARDEA_HAS(&api_, on_event) || api_.on_event == nullptr) return;
    const auto text = json.dump();
    const cardea_event event{sizeof(cardea_event), kind, handle.value, sdk::slice(text)};
    watched("on_event", [&] { api_.on_event(plugin_, &event); });
}

// ---- workers' threads --------------------------------------------------------------------------------------------------

void PluginRuntime::on_webrtc_up(PeerId peer) {
    loop_.post([this, peer] {
        const auto handle = handle_of(peer);
        if (!handle.is_set()) return;
        log::info("peer connection up", log::kv("module", identity_.name), log::kv("handle", handle), log::kv("peer", peer),
                  log::kv("seconds", seconds_since(handles_.at(handle).peer_since)));
        tell_plugin(CARDEA_EVENT_WEBRTC_UP, handle, {});
        tell([handle](PluginListener& to) { to.on_core_event(handle, core_event("webrtcup")); });
    });
}

void PluginRuntime::on_hangup(PeerId peer, const std::string& reason, const std::string& detail) {
    loop_.post([this, peer, reason, detail] {
        if (const auto handle = handle_of(peer); handle.is_set()) do_hangup(handle, reason, detail);
    });
}

void PluginRuntime::on_progress(PeerId peer, const PeerProgress& progress) {
    loop_.post([this, peer, progress] {
        if (const auto handle = handle_of(peer); handle.is_set())
            tell([handle, told = progress_event(progress)](PluginListener& to) {
                to.on_telemetry(handle, EventKind::webrtc, told.subtype, told.event);
            });
    });
}

void PluginRuntime::on_statistics(PeerId peer, const std::vector<TrackStatistics>& tracks) {
    loop_.post([this, peer, tracks] {
        const auto handle = handle_of(peer);
        if (!handle.is_set()) return;
        for (const auto& track : tracks)
            tell([handle, event = statistics_event(track)](PluginListener& to) {
                to.on_telemetry(handle, EventKind::media, event_subtype::kStatistics, event);
            });
    });
}

void PluginRuntime::on_media(PeerId peer, const MediaStateEvent& event) {
    loop_.post([this, peer, event] {
        const auto handle = handle_of(peer);
        if (!handle.is_set()) return;
        auto json = Json{{"mid", event.mid}, {"type", to_text(event.kind)}, {"receiving", event.receiving}};
        if (!event.receiving && event.seconds > 1) json.set("seconds", event.seconds);
        tell_plugin(CARDEA_EVENT_MEDIA, handle, json);
        json.set("janus", "media");
        tell([handle, json = std::move(json)](PluginListener& to) { to.on_core_event(handle, json); });
    });
}

void PluginRuntime::on_layers(PeerId peer, const LayersEvent& event) {
    loop_.post([this, peer, event] {
        if (const auto handle = handle_of(peer); handle.is_set()) tell_plugin(CARDEA_EVENT_LAYERS, handle, layers_json(event));
    });
}

void PluginRuntime::on_talking(PeerId peer, const TalkingEvent& event) {
    loop_.post([this, peer, event] {
        if (const auto handle = handle_of(peer); handle.is_set()) tell_plugin(CARDEA_EVENT_TALKING, handle, talking_json(event));
    });
}

void PluginRuntime::on_slow_link(PeerId peer, const SlowLinkEvent& event) {
    loop_.post([this, peer, event] {
        const auto handle = handle_of(peer);
        if (!handle.is_set()) return;
        auto json = Json{{"mid", event.mid}, {"media", to_text(event.kind)}, {"uplink", event.uplink}, {"lost", event.lost}};
        tell_plugin(CARDEA_EVENT_SLOW_LINK, handle, json);
        json.set("janus", "slowlink");
        tell([handle, json = std::move(json)](PluginListener& to) { to.on_core_event(handle, json); });
    });
}

}  // namespace cardea
