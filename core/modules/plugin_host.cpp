#include "modules/plugin_host.hpp"

#include "base/log.hpp"
#include "base/random.hpp"
#include "base/signed_token.hpp"
#include "cardea/slice.hpp"
#include "modules/layer_json.hpp"
#include "modules/module_log.hpp"
#include "modules/negotiation_json.hpp"
#include "modules/plugin_runtime.hpp"
#include "modules/request_params.hpp"

namespace cardea {

// `self` is the runtime. Functions that are for the plugin's own thread refuse any other.
struct PluginHostTable {
    static PluginRuntime& of(void* self) { return *static_cast<PluginRuntime*>(self); }
    static PluginRuntime* own(void* self) {
        auto& runtime = of(self);
        return runtime.thread_id_ == std::this_thread::get_id() ? &runtime : nullptr;
    }

    static void log(void* self, std::int32_t level, cardea_slice event, cardea_slice fields) {
        log_of_module(of(self).identity_.name, level, sdk::text(event), sdk::text(fields));
    }
    static std::int64_t now(void*) { return ns_of(MonotonicClock::now()); }
    static void random(void*, std::uint8_t* bytes, std::size_t size) { random_bytes({bytes, size}); }

    static cardea_status push_event(void* self, cardea_handle_id id, cardea_transaction transaction, cardea_slice data,
                                    cardea_ticket ticket) {
        auto* runtime = own(self);
        if (runtime == nullptr) return CARDEA_INVALID;
        auto* handle = runtime->find(HandleId{id});
        if (handle == nullptr) return CARDEA_NOT_FOUND;
        if (!runtime->last_said_.of(sdk::text(data)).is_object()) return CARDEA_INVALID;
        Json jsep;
        if (ticket != 0) {
            if (handle->peer) jsep = handle->peer->redeem(ticket);
            if (!jsep) return CARDEA_NOT_FOUND;
        }
        runtime->tell([id, transaction, json = JsonText{std::string{sdk::text(data)}}, jsep = std::move(jsep)](PluginListener& to) mutable {
            to.on_event(HandleId{id}, RequestId{transaction}, std::move(json), jsep);
        });
        return CARDEA_OK;
    }

    static cardea_status end_handle(void* self, cardea_handle_id id) {
        auto* runtime = own(self);
        if (runtime == nullptr) return CARDEA_INVALID;
        auto* handle = runtime->find(HandleId{id});
        if (handle == nullptr) return CARDEA_NOT_FOUND;
        if (handle->ending) return CARDEA_OK;
        handle->ending = true;
        // In a turn of its own: the plugin is inside one of its calls now.
        runtime->detach(HandleId{id});
        return CARDEA_OK;
    }

    static cardea_status validate(void* self, const cardea_params* params, cardea_slice text, const cardea_out* out) {
        auto* runtime = own(self);
        if (runtime == nullptr || params == nullptr) return CARDEA_INVALID;
        const auto& json = runtime->last_said_.of(sdk::text(text));
        if (!json.is_object()) return CARDEA_INVALID;
        const auto problem = check_params(config::ParamTable{*params}, json, runtime->string_ids_);
        if (!problem) return CARDEA_OK;
        sdk::write(out, Json{{"missing", problem->missing}, {"error", problem->text}}.dump());
        return CARDEA_INVALID;
    }

    using Negotiate = Result<Json> (PeerSession::*)(const Json&);
    static cardea_status negotiate(void* self, cardea_handle_id id, cardea_slice argument, const cardea_out* out, Negotiate step) {
        auto* runtime = own(self);
        if (runtime == nullptr) return CARDEA_INVALID;
        if ((runtime->identity_.capabilities & CARDEA_CAP_MEDIA) == 0) return CARDEA_UNSUPPORTED;
        auto* handle = runtime->find(HandleId{id});
        if (handle == nullptr) return CARDEA_NOT_FOUND;
        auto& peer = runtime->peer_of(*handle);
        auto result = (peer.*step)(Json::parse(sdk::text(argument)));
        runtime->remember_media(HandleId{id}, *handle);
        if (result) {
            sdk::write(out, result->dump());
            return CARDEA_OK;
        }
        sdk::write(out, Json{{"error", result.error().detail}}.dump());
        return result.error().code == 0 ? CARDEA_INVALID : result.error().code;
    }
    static cardea_status answer(void* self, cardea_handle_id id, cardea_slice policy, const cardea_out* out) {
        return negotiate(self, id, policy, out, &PeerSession::answer);
    }
    static cardea_status offer(void* self, cardea_handle_id id, cardea_slice wish, const cardea_out* out) {
        return negotiate(self, id, wish, out, &PeerSession::offer);
    }

    static cardea_status hangup(void* self, cardea_handle_id id, cardea_slice reason) {
        auto* runtime = own(self);
        if (runtime == nullptr) return CARDEA_INVALID;
        if (runtime->find(HandleId{id}) == nullptr) return CARDEA_NOT_FOUND;
        // In a turn of its own, so that the event does not come inside the plugin's call.
        runtime->hangup(HandleId{id}, std::string{sdk::text(reason)});
        return CARDEA_OK;
    }

    static cardea_status route(void* self, cardea_sink_id sink, cardea_source_id source) {
        auto* runtime = own(self);
        if (runtime == nullptr) return CARDEA_INVALID;
        const auto to = runtime->sinks_.find(SinkId{sink});
        if (to == runtime->sinks_.end()) return CARDEA_NOT_FOUND;
        WorkerIndex home = to->second;
        if (source != 0) {
            const auto from = runtime->sources_.find(SourceId{source});
            if (from == runtime->sources_.end()) return CARDEA_NOT_FOUND;
            if (from->second.kind == MediaKind::data) return CARDEA_INVALID;
            home = from->second.worker;
        }
        media(*runtime).route(to->second, SinkId{sink}, SourceId{source}, home);
        return CARDEA_OK;
    }
    static cardea_status route_data(void* self, cardea_sink_id sink, cardea_source_id source, cardea_slice options) {
        auto* runtime = own(self);
        if (runtime == nullptr) return CARDEA_INVALID;
        const auto to = runtime->data_sinks_.find(SinkId{sink});
        const auto from = runtime->sources_.find(SourceId{source});
        if (to == runtime->data_sinks_.end() || from == runtime->sources_.end()) return CARDEA_NOT_FOUND;
        if (from->second.kind != MediaKind::data) return CARDEA_INVALID;
        media(*runtime).route_data(to->second, SinkId{sink}, SourceId{source}, data_route_options(Json::parse(sdk::text(options))));
        return CARDEA_OK;
    }
    static cardea_status unroute_data(void* self, cardea_sink_id sink, cardea_source_id source) {
        auto* runtime = own(self);
        if (runtime == nullptr) return CARDEA_INVALID;
        const auto to = runtime->data_sinks_.find(SinkId{sink});
        if (to == runtime->data_sinks_.end()) return CARDEA_NOT_FOUND;
        media(*runtime).unroute_data(to->second, SinkId{sink}, SourceId{source});
        return CARDEA_OK;
    }
    static cardea_status set_sink_active(void* self, cardea_sink_id sink, std::uint32_t active) {
        auto* runtime = own(self);
        if (runtime == nullptr) return CARDEA_INVALID;
        auto found = runtime->sinks_.find(SinkId{sink});
        if (found == runtime->sinks_.end()) {
            found = runtime->data_sinks_.find(SinkId{sink});
            if (found == runtime->data_sinks_.end()) return CARDEA_NOT_FOUND;
        }
        media(*runtime).set_sink_active(found->second, SinkId{sink}, active != 0);
        return CARDEA_OK;
    }
    static cardea_status set_source_active(void* self, cardea_source_id source, std::uint32_t active) {
        return with_source(self, source, [active](MediaControl& to, WorkerIndex worker, SourceId id) {
            to.set_source_active(worker, id, active != 0);
        });
    }
    static cardea_status request_keyframe(void* self, cardea_source_id source) {
        return with_source(self, source, [](MediaControl& to, WorkerIndex worker, SourceId id) { to.request_keyframe(worker, id); });
    }
    static cardea_status set_layers(void* self, cardea_sink_id sink, cardea_slice layers) {
        const auto wish = layer_wish(Json::parse(sdk::text(layers)));
        if (!wish) return CARDEA_INVALID;
        return with_sink(self, sink, [&](MediaControl& to, WorkerIndex worker, SinkId id) { to.set_layers(worker, id, *wish); });
    }
    static cardea_status set_playout_delay(void* self, cardea_sink_id sink, cardea_slice delay) {
        const auto wish = Json::parse(sdk::text(delay));
        const auto wanted = playout_delay(wish);
        if (!wish.is_object() || (wish.size() > 0 && !wanted)) return CARDEA_INVALID;
        return with_sink(self, sink, [&](MediaControl& to, WorkerIndex worker, SinkId id) { to.set_playout_delay(worker, id, wanted); });
    }
    static cardea_status watch_talking(void* self, cardea_source_id source, cardea_slice watch) {
        const auto rule = talking_rule(Json::parse(sdk::text(watch)));
        if (!rule) return CARDEA_INVALID;
        return with_source(self, source, [&](MediaControl& to, WorkerIndex worker, SourceId id) { to.watch_talking(worker, id, *rule); });
    }
    static cardea_status limit_bitrate(void* self, cardea_handle_id id, std::uint64_t bits_per_second) {
        auto* runtime = own(self);
        if (runtime == nullptr) return CARDEA_INVALID;
        auto* handle = runtime->find(HandleId{id});
        if (handle == nullptr || !handle->peer || !handle->peer->is_open()) return CARDEA_NOT_FOUND;
        media(*runtime).limit_bitrate(handle->peer->worker(), handle->peer->peer(), bits_per_second);
        return CARDEA_OK;
    }

    static cardea_status post(void* self, cardea_task task, void* arg) {
        if (task == nullptr) return CARDEA_INVALID;
        auto& runtime = of(self);
        const bool posted = runtime.loop_.post([&runtime, task, arg] { runtime.run_task("post", task, arg); });
        return posted ? CARDEA_OK : CARDEA_BUSY;
    }
    static cardea_timer_id start_timer(void* self, std::int64_t delay_ns, cardea_task task, void* arg) {
        auto* runtime = own(self);
        if (runtime == nullptr || task == nullptr) return 0;
        return runtime->loop_.start_timer(Duration{delay_ns}, [runtime, task, arg] { runtime->run_task("timer", task, arg); });
    }
    static void cancel_timer(void* self, cardea_timer_id timer) {
        if (auto* runtime = own(self)) runtime->loop_.cancel_timer(timer);
    }
    static cardea_status spawn_service(void* self, const char* name, cardea_task run, cardea_task stop, void* arg) {
        return of(self).service_threads_.spawn(name == nullptr ? "service" : name, run, stop, arg) ? CARDEA_OK : CARDEA_INVALID;
    }

    static cardea_status check_token(void* self, cardea_slice token, cardea_slice descriptor) {
        const auto& runtime = of(self);
        const auto& secret = runtime.services_.token_secret;
        if (secret.empty()) return CARDEA_UNSUPPORTED;
        const auto now = std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()).count();
        return is_signed_token(sdk::text(token), secret, runtime.identity_.package, sdk::text(descriptor), now) ? CARDEA_OK : CARDEA_INVALID;
    }

    static std::uint32_t events_wanted(void* self) { return of(self).services_.listener.wants(EventKind::plugin) ? 1 : 0; }
    static cardea_status notify_event(void* self, cardea_handle_id handle, cardea_slice event) {
        auto* runtime = own(self);
        if (runtime == nullptr) return CARDEA_INVALID;
        if (handle != 0 && runtime->find(HandleId{handle}) == nullptr) return CARDEA_NOT_FOUND;
        auto data = Json::parse(sdk::text(event));
        if (!data.is_object()) return CARDEA_INVALID;
        if (!runtime->services_.listener.wants(EventKind::plugin)) return CARDEA_OK;
        runtime->tell([handle, told = Json{{"plugin", runtime->identity_.package}, {"data", std::move(data)}}](PluginListener& to) {
            to.on_telemetry(HandleId{handle}, EventKind::plugin, 0, told);
        });
        return CARDEA_OK;
    }

    static cardea_status start_recording(void* self, cardea_handle_id handle, cardea_slice wish, const cardea_out* out) {
        auto* runtime = own(self);
        if (runtime == nullptr) return CARDEA_INVALID;
        if ((runtime->identity_.capabilities & CARDEA_CAP_MEDIA) == 0) return CARDEA_UNSUPPORTED;
        const HandleId id{handle};
        if (id.is_set() && runtime->find(id) == nullptr) return CARDEA_NOT_FOUND;
        const auto wanted = Json::parse(sdk::text(wish));
        auto started = runtime->recordings_.start(id, wanted, runtime->sources_of(id));
        sdk::write(out, (started ? *started : Json{{"error", started.error().detail}}).dump());
        return started ? CARDEA_OK : CARDEA_INVALID;
    }
    static cardea_status stop_recording(void* self, cardea_recording_id recording) {
        auto* runtime = own(self);
        if (runtime == nullptr) return CARDEA_INVALID;
        return runtime->recordings_.stop(RecordingId{recording}, "requested") ? CARDEA_OK : CARDEA_NOT_FOUND;
    }

    static cardea_status forward_rtp(void* self, cardea_source_id source, cardea_slice wish, const cardea_out* out) {
        return exchange(self, out, [&](RtpExchange& rtp) { return rtp.forward(SourceId{source}, Json::parse(sdk::text(wish))); });
    }
    static cardea_status stop_forwarding(void* self, cardea_forwarder_id forwarder) {
        auto* runtime = own(self);
        if (runtime == nullptr) return CARDEA_INVALID;
        return runtime->rtp_.stop_forwarding(ForwarderId{forwarder}) ? CARDEA_OK : CARDEA_NOT_FOUND;
    }
    static cardea_status open_remote(void* self, cardea_slice wish, const cardea_out* out) {
        return exchange(self, out, [&](RtpExchange& rtp) { return rtp.open_remote(Json::parse(sdk::text(wish))); });
    }
    static cardea_status update_remote(void* self, cardea_remote_id remote, cardea_slice wish, const cardea_out* out) {
        return exchange(self, out, [&](RtpExchange& rtp) { return rtp.update_remote(RemoteId{remote}, Json::parse(sdk::text(wish))); });
    }
    static cardea_status close_remote(void* self, cardea_remote_id remote) {
        auto* runtime = own(self);
        if (runtime == nullptr) return CARDEA_INVALID;
        return runtime->rtp_.close_remote(RemoteId{remote}) ? CARDEA_OK : CARDEA_NOT_FOUND;
    }

  private:
    template <class F>
    static cardea_status exchange(void* self, const cardea_out* out, F&& call) {
        auto* runtime = own(self);
        if (runtime == nullptr) return CARDEA_INVALID;
        if ((runtime->identity_.capabilities & CARDEA_CAP_MEDIA) == 0) return CARDEA_UNSUPPORTED;
        const Result<Json> result = call(runtime->rtp_);
        sdk::write(out, (result ? *result : Json{{"error", result.error().detail}}).dump());
        if (result) return CARDEA_OK;
        return result.error().code == 0 ? CARDEA_INVALID : result.error().code;
    }
    static MediaControl& media(PluginRuntime& runtime) { return runtime.services_.peers.media; }
    template <class F>
    static cardea_status with_sink(void* self, cardea_sink_id sink, F&& call) {
        auto* runtime = own(self);
        if (runtime == nullptr) return CARDEA_INVALID;
        const auto found = runtime->sinks_.find(SinkId{sink});
        if (found == runtime->sinks_.end()) return CARDEA_NOT_FOUND;
        call(media(*runtime), found->second, SinkId{sink});
        return CARDEA_OK;
    }
    template <class F>
    static cardea_status with_source(void* self, cardea_source_id source, F&& call) {
        auto* runtime = own(self);
        if (runtime == nullptr) return CARDEA_INVALID;
        const auto found = runtime->sources_.find(SourceId{source});
        if (found == runtime->sources_.end()) return CARDEA_NOT_FOUND;
        call(media(*runtime), found->second.worker, SourceId{source});
        return CARDEA_OK;
    }
};

cardea_plugin_host make_plugin_host(PluginRuntime& runtime) {
    using T = PluginHostTable;
    cardea_plugin_host host{};
    host.struct_size = sizeof(host);
    host.self = &runtime;
    host.log = T::log;
    host.now = T::now;
    host.random = T::random;
    host.push_event = T::push_event;
    host.end_handle = T::end_handle;
    host.validate = T::validate;
    host.answer = T::answer;
    host.offer = T::offer;
    host.hangup = T::hangup;
    host.route = T::route;
    host.set_sink_active = T::set_sink_active;
    host.set_source_active = T::set_source_active;
    host.limit_bitrate = T::limit_bitrate;
    host.request_keyframe = T::request_keyframe;
    host.set_layers = T::set_layers;
    host.set_playout_delay = T::set_playout_delay;
    host.watch_talking = T::watch_talking;
    host.post = T::post;
    host.start_timer = T::start_timer;
    host.cancel_timer = T::cancel_timer;
    host.spawn_service = T::spawn_service;
    host.start_recording = T::start_recording;
    host.stop_recording = T::stop_recording;
    host.check_token = T::check_token;
    host.events_wanted = T::events_wanted;
    host.notify_event = T::notify_event;
    host.forward_rtp = T::forward_rtp;
    host.stop_forwarding = T::stop_forwarding;
    host.open_remote = T::open_remote;
    host.update_remote = T::update_remote;
    host.close_remote = T::close_remote;
    host.route_data = T::route_data;
    host.unroute_data = T::unroute_data;
    return host;
}

}  // namespace cardea
