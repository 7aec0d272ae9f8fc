// cardea/plugin_host.hpp: the services of the host for a plugin. Part of cardea/plugin.hpp, which is what a plugin includes.
#pragma once

#include <cardea/abi.h>
#include <cardea/host_log.hpp>
#include <cardea/json.hpp>
#include <cardea/plugin_values.hpp>
#include <cardea/slice.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cardea::sdk {

/// Services of the host. All on the plugin's own thread but for log, now, random and post. Lives as long as the plugin.
class Host : public detail::HostLog<cardea_plugin_host> {
  public:
    explicit Host(const cardea_plugin_host* host) noexcept : HostLog{host, "plugin exception"} {}
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    [[nodiscard]] std::uint64_t random() const {
        std::uint64_t value = 0;
        host_->random(host_->self, static_cast<std::uint8_t*>(static_cast<void*>(&value)), sizeof(value));
        return value;
    }
    /// 1 .. 2^53-1: an id that survives a JavaScript number.
    [[nodiscard]] std::uint64_t random_id() const {
        std::uint64_t value = 0;
        while (value == 0) value = random() >> 11U;
        return value;
    }

    cardea_status push_event(HandleId handle, const Json& data, Transaction transaction = Transaction::unsolicited,
                             Ticket ticket = Ticket::none) const {
        const auto dumped = data.dump();
        return host_->push_event(host_->self, raw(handle), raw(transaction), slice(dumped), raw(ticket));
    }
    /// The same to each of them, unsolicited: written once.
    void push_event_to(const std::vector<HandleId>& handles, const Json& data) const {
        if (handles.empty()) return;
        const auto dumped = data.dump();
        for (const auto handle : handles)
            host_->push_event(host_->self, raw(handle), raw(Transaction::unsolicited), slice(dumped), raw(Ticket::none));
    }
    cardea_status end_handle(HandleId handle) const { return host_->end_handle(host_->self, raw(handle)); }
    [[nodiscard]] std::optional<ParamProblem> validate(const cardea_params& params, const Json& body) const {
        StringOut out;
        const auto dumped = body.dump();
        if (host_->validate(host_->self, &params, slice(dumped), out.out()) == CARDEA_OK) return std::nullopt;
        const auto problem = Json::parse(out.view());
        return ParamProblem{problem["missing"].boolean(), std::string{problem["error"].text("Invalid request")}};
    }

    [[nodiscard]] Outcome<Description> answer(HandleId handle, const Json& policy) const {
        return describe(host_->answer, handle, policy);
    }
    [[nodiscard]] Outcome<Description> offer(HandleId handle, const Json& wish) const { return describe(host_->offer, handle, wish); }
    cardea_status hangup(HandleId handle, std::string_view reason) const {
        return host_->hangup(host_->self, raw(handle), slice(reason));
    }

    cardea_status route(SinkId sink, SourceId source) const { return host_->route(host_->self, raw(sink), raw(source)); }
    /// Relays data channels under the publisher's own labels and protocols; any number of sources to a sink.
    cardea_status route_data(SinkId sink, SourceId source) const { return route_data_with(sink, source, Json::object()); }
    /// All channels of the source get this label and protocol towards the sink.
    cardea_status route_data(SinkId sink, SourceId source, std::string_view label, std::string_view protocol = {}) const {
        return route_data_with(sink, source, Json{{"label", label}, {"protocol", protocol}});
    }
    cardea_status unroute_data(SinkId sink, SourceId source) const {
        if (!CARDEA_HAS(host_, unroute_data) || host_->unroute_data == nullptr) return CARDEA_UNSUPPORTED;
        return host_->unroute_data(host_->self, raw(sink), raw(source));
    }
    cardea_status set_active(SinkId sink, bool active) const { return host_->set_sink_active(host_->self, raw(sink), active ? 1 : 0); }
    cardea_status set_active(SourceId source, bool active) const {
        return host_->set_source_active(host_->self, raw(source), active ? 1 : 0);
    }
    /// Bits per second that the peer may send; 0 = no cap.
    cardea_status limit_bitrate(HandleId handle, std::uint64_t bits_per_second) const {
        return host_->limit_bitrate(host_->self, raw(handle), bits_per_second);
    }
    cardea_status request_keyframe(SourceId source) const { return host_->request_keyframe(host_->self, raw(source)); }

    /// Records what a handle's peer sends; see cardea_plugin_host.start_recording. The end is told by Plugin::on_recording.
    [[nodiscard]] Outcome<Recording> start_recording(HandleId handle, const Json& wish) const {
        if (!CARDEA_HAS(host_, start_recording)) return {CARDEA_UNSUPPORTED, "this host does not record"};
        StringOut out;
        const auto dumped = wish.dump();
        const auto status = host_->start_recording(host_->self, raw(handle), slice(dumped), out.out());
        const auto result = Json::parse(out.view());
        if (status != CARDEA_OK) return {status, std::string{result["error"].text("recording failed")}};
        Recording recording{RecordingId{result["recording"].unsigned_integer()}, {}};
        result["files"].for_each([&](const Json& file) { recording.files.emplace_back(file.text()); });
        return recording;
    }
    cardea_status stop_recording(RecordingId recording) const {
        if (!CARDEA_HAS(host_, stop_recording)) return CARDEA_UNSUPPORTED;
        return host_->stop_recording(host_->self, raw(recording));
    }

    /// Copies of what a source sends, to an address; see cardea_plugin_host.forward_rtp.
    [[nodiscard]] Outcome<Forwarder> forward_rtp(SourceId source, const Json& wish) const {
        if (!CARDEA_HAS(host_, forward_rtp)) return {CARDEA_UNSUPPORTED, "this host does not forward RTP"};
        StringOut out;
        const auto dumped = wish.dump();
        const auto status = host_->forward_rtp(host_->self, raw(source), slice(dumped), out.out());
        auto result = Json::parse(out.view());
        if (status != CARDEA_OK) return {status, std::string{result["error"].text("forwarding failed")}};
        return Forwarder{ForwarderId{result["forwarder"].unsigned_integer()}, std::move(result)};
    }
    cardea_status stop_forwarding(ForwarderId forwarder) const {
        if (!CARDEA_HAS(host_, stop_forwarding)) return CARDEA_UNSUPPORTED;
        return host_->stop_forwarding(host_->self, raw(forwarder));
    }
    /// RTP of a publisher of another gateway; see cardea_plugin_host.open_remote.
    [[nodiscard]] Outcome<RemotePublisher> open_remote(const Json& wish) const {
        if (!CARDEA_HAS(host_, open_remote)) return {CARDEA_UNSUPPORTED, "this host has no remote publishers"};
        StringOut out;
        const auto dumped = wish.dump();
        const auto status = host_->open_remote(host_->self, slice(dumped), out.out());
        const auto result = Json::parse(out.view());
        if (status != CARDEA_OK) return {status, std::string{result["error"].text("remote publisher failed")}};
        return RemotePublisher{RemoteId{result["remote"].unsigned_integer()}, std::string{result["ip"].text()},
                               static_cast<std::uint16_t>(result["port"].integer()),
                               static_cast<std::uint16_t>(result["rtcp_port"].integer()), media_lines(result["media"])};
    }
    [[nodiscard]] Outcome<std::vector<MediaLine>> update_remote(RemoteId remote, const Json& wish) const {
        if (!CARDEA_HAS(host_, update_remote)) return {CARDEA_UNSUPPORTED, "this host has no remote publishers"};
        StringOut out;
        const auto dumped = wish.dump();
        const auto status = host_->update_remote(host_->self, raw(remote), slice(dumped), out.out());
        const auto result = Json::parse(out.view());
        if (status != CARDEA_OK) return {status, std::string{result["error"].text("remote publisher failed")}};
        return media_lines(result["media"]);
    }
    cardea_status close_remote(RemoteId remote) const {
        if (!CARDEA_HAS(host_, close_remote)) return CARDEA_UNSUPPORTED;
        return host_->close_remote(host_->self, raw(remote));
    }

    /// Upper bounds of what a sink gets: {"substream","temporal","fallback","spatial_layer","temporal_layer"}, each optional.
    cardea_status set_layers(SinkId sink, const Json& layers) const {
        if (!CARDEA_HAS(host_, set_layers) || host_->set_layers == nullptr) return CARDEA_UNSUPPORTED;
        const auto dumped = layers.dump();
        return host_->set_layers(host_->self, raw(sink), slice(dumped));
    }
    /// {"min","max"} in units of 10 ms; {}: whatever the source says.
    cardea_status set_playout_delay(SinkId sink, const Json& delay) const {
        if (!CARDEA_HAS(host_, set_playout_delay) || host_->set_playout_delay == nullptr) return CARDEA_UNSUPPORTED;
        const auto dumped = delay.dump();
        return host_->set_playout_delay(host_->self, raw(sink), slice(dumped));
    }
    /// {"packets","level"}: the average of so many audio levels below level is talking; told by Plugin::on_talking.
    cardea_status watch_talking(SourceId source, const Json& watch) const {
        if (!CARDEA_HAS(host_, watch_talking) || host_->watch_talking == nullptr) return CARDEA_UNSUPPORTED;
        const auto dumped = watch.dump();
        return host_->watch_talking(host_->self, raw(source), slice(dumped));
    }

    /// Whether a signed token is of this plugin, valid now, and names the descriptor; nullopt: the gateway signs none.
    [[nodiscard]] std::optional<bool> check_token(std::string_view token, std::string_view descriptor) const {
        if (!CARDEA_HAS(host_, check_token) || host_->check_token == nullptr) return std::nullopt;
        const auto status = host_->check_token(host_->self, slice(token), slice(descriptor));
        return status == CARDEA_UNSUPPORTED ? std::nullopt : std::optional{status == CARDEA_OK};
    }

    /// Tells event handlers (type 64) of something that happened: build() returns a Json object and is called only if one of
    /// them listens. HandleId{}: it is about no handle.
    template <class Build>
    void notify_event(HandleId handle, Build&& build) const {
        if (!CARDEA_HAS(host_, notify_event) || host_->notify_event == nullptr || host_->events_wanted(host_->self) == 0) return;
        const auto dumped = std::forward<Build>(build)().dump();
        host_->notify_event(host_->self, raw(handle), slice(dumped));
    }

    /// Any thread: runs the task on the plugin's thread, before destroy at the latest.
    cardea_status post(std::function<void()> task) const {
        auto work = std::make_unique<Work>(Work{this, std::move(task)});
        const auto status = host_->post(host_->self, &Host::run_work, work.get());
        if (status == CARDEA_OK) static_cast<void>(work.release());
        return status;
    }
    /// Once, after the delay. A cancelled timer does not run.
    TimerId start_timer(std::chrono::nanoseconds delay, std::function<void()> task) {
        auto timer = std::make_unique<Timer>(Timer{this, TimerId::none, std::move(task)});
        timer->id = TimerId{host_->start_timer(host_->self, delay.count(), &Host::run_timer, timer.get())};
        const auto id = timer->id;
        if (id != TimerId::none) timers_.emplace(raw(id), std::move(timer));
        return id;
    }
    void cancel_timer(TimerId id) {
        if (timers_.erase(raw(id)) != 0) host_->cancel_timer(host_->self, raw(id));
    }
    /// A named thread for a blocking library. It must return soon after the token asks it to stop.
    cardea_status spawn_service(const std::string& name, std::function<void(std::stop_token)> run) {
        auto& service = services_.emplace_back(this, std::move(run));
        const auto status = host_->spawn_service(host_->self, name.c_str(), &Host::run_service, &Host::stop_service, &service);
        if (status != CARDEA_OK) services_.pop_back();
        return status;
    }

  private:
    struct Work {
        const Host* host;
        std::function<void()> task;
    };
    struct Timer {
        Host* host;
        TimerId id;
        std::function<void()> task;
    };
    struct Service {
        Service(const Host* owner, std::function<void(std::stop_token)> body) : host{owner}, run{std::move(body)} {}
        const Host* host;
        std::function<void(std::stop_token)> run;
        std::stop_source stop;
    };

    cardea_status route_data_with(SinkId sink, SourceId source, const Json& options) const {
        if (!CARDEA_HAS(host_, route_data) || host_->route_data == nullptr) return CARDEA_UNSUPPORTED;
        const auto dumped = options.dump();
        return host_->route_data(host_->self, raw(sink), raw(source), slice(dumped));
    }
    using Describe = cardea_status (*)(void*, cardea_handle_id, cardea_slice, const cardea_out*);
    [[nodiscard]] Outcome<Description> describe(Describe call, HandleId handle, const Json& argument) const {
        StringOut out;
        const auto dumped = argument.dump();
        const auto status = call(host_->self, raw(handle), slice(dumped), out.out());
        const auto result = Json::parse(out.view());
        if (status != CARDEA_OK) return {status, std::string{result["error"].text("negotiation failed")}};
        return Description{Ticket{result["ticket"].unsigned_integer()}, media_lines(result["media"])};
    }
    static void run_work(void* arg) noexcept {
        const std::unique_ptr<Work> work{static_cast<Work*>(arg)};
        work->host->guard("post", work->task);
    }
    static void run_timer(void* arg) noexcept {
        auto* timer = static_cast<Timer*>(arg);
        auto owned = timer->host->timers_.extract(raw(timer->id));
        timer->host->guard("timer", timer->task);
    }
    static void run_service(void* arg) noexcept {
        auto* service = static_cast<Service*>(arg);
        service->host->guard("service", [service] { service->run(service->stop.get_token()); });
    }
    static void stop_service(void* arg) noexcept { static_cast<Service*>(arg)->stop.request_stop(); }

    std::unordered_map<std::uint64_t, std::unique_ptr<Timer>> timers_;
    std::list<Service> services_;
};

}  // namespace cardea::sdk
