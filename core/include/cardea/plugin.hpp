// cardea/plugin.hpp: the C++20 face of cardea/abi.h for plugins. Header-only and compiled into each plugin, so that no
// C++ type, allocation or exception crosses the boundary.
//
//   class Echo final : public cardea::sdk::Plugin {
//       using Plugin::Plugin;
//       Reply on_request(const Request& request) override { ... }
//   };
//   CARDEA_PLUGIN(Echo, .name = "echo", .package = "example.plugin.echo", .version = "1.0.0", .requests = requests(kRequests))
//
// Every call into a plugin comes on that plugin's own thread, one at a time: a plugin needs no lock.
#pragma once

#include <cardea/abi.h>
#include <cardea/json.hpp>
#include <cardea/params.hpp>
#include <cardea/slice.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cardea::sdk {

enum class HandleId : std::uint64_t {};
enum class SourceId : std::uint64_t { none = 0 };
enum class SinkId : std::uint64_t { none = 0 };
enum class RecordingId : std::uint64_t { none = 0 };
enum class ForwarderId : std::uint64_t { none = 0 };
enum class RemoteId : std::uint64_t { none = 0 };
enum class TimerId : std::uint64_t { none = 0 };
enum class Ticket : std::uint64_t { none = 0 };              ///< a local description that waits for its event
enum class Transaction : std::uint64_t { unsolicited = 0 };  ///< token of an asynchronous request

[[nodiscard]] constexpr std::uint64_t raw(auto id) noexcept { return static_cast<std::uint64_t>(id); }

/// Thrown by on_request: answered as {"<error_key>":"<error_value>","error_code":code,"error":text}.
class RequestError : public std::runtime_error {
  public:
    RequestError(int code, const std::string& text) : std::runtime_error{text}, code_{code} {}
    [[nodiscard]] int code() const noexcept { return code_; }

  private:
    int code_;
};

struct Request {
    HandleId handle{};
    Transaction transaction{};
    bool async = false;  ///< acked already; answered by the reply returned, or later by Host::push_event
    Json body;           ///< object
    Json media;          ///< absent without jsep; see cardea_request.media
    [[nodiscard]] std::string name() const { return std::string{body["request"].text()}; }
    [[nodiscard]] bool has_offer() const { return media["type"].text() == "offer"; }
    [[nodiscard]] bool has_answer() const { return media["type"].text() == "answer"; }
};

/// The answer to a request. Empty for an asynchronous request: it is answered later by Host::push_event.
struct Reply {
    Reply() = default;
    Reply(Json answer, Ticket description = Ticket::none) : data{std::move(answer)}, ticket{description} {}
    Json data;
    Ticket ticket = Ticket::none;
};

/// One m-line of a description as negotiated.
struct MediaLine {
    std::string mid;
    std::uint32_t mindex = 0;
    std::string kind;       ///< "audio", "video", "data"
    std::string direction;  ///< the gateway's
    std::string codec;
    std::string fmtp;
    SourceId source{};
    SinkId sink{};
    bool disabled = false;
    Json json;  ///< all of it, "simulcast" and "pt" too
};

struct Description {
    Ticket ticket{};
    std::vector<MediaLine> media;
};

/// Files being written by the host.
struct Recording {
    RecordingId id{};
    std::vector<std::string> files;  ///< absolute paths so far
};

/// RTP that the host sends to an address outside of any peer connection.
struct Forwarder {
    ForwarderId id{};
    Json json;  ///< "host", "port", "rtcp_port"?, "local_rtcp_port"?, "ssrc"?, "pt"?, "substream"?, "srtp"?
};

/// A publisher of another gateway, whose RTP the host receives.
struct RemotePublisher {
    RemoteId id{};
    std::string ip;
    std::uint16_t port = 0;
    std::uint16_t rtcp_port = 0;
    std::vector<MediaLine> media;
};

/// A value, or the status and the host's words why there is none.
template <class T>
class Outcome {
  public:
    Outcome(T value) : value_{std::move(value)} {}
    Outcome(cardea_status status, std::string error) : status_{status}, error_{std::move(error)} {}
    [[nodiscard]] explicit operator bool() const noexcept { return value_.has_value(); }
    [[nodiscard]] const T& operator*() const& { return *value_; }
    [[nodiscard]] const T* operator->() const { return &*value_; }
    [[nodiscard]] cardea_status status() const noexcept { return status_; }
    [[nodiscard]] const std::string& error() const noexcept { return error_; }

  private:
    std::optional<T> value_;
    cardea_status status_ = CARDEA_OK;
    std::string error_;
};

/// What validation of a request found.
struct ParamProblem {
    bool missing = false;
    std::string text;
};

/// The m-lines of "media" in a result of answer() and offer(), and in an applied answer.
[[nodiscard]] inline std::vector<MediaLine> media_lines(const Json& media) {
    std::vector<MediaLine> lines;
    media.for_each([&](const Json& entry) {
        MediaLine line;
        line.mid = entry["mid"].text();
        line.mindex = static_cast<std::uint32_t>(entry["mindex"].integer());
        line.kind = entry["kind"].text();
        line.direction = entry["direction"].text();
        line.codec = entry["codec"].text();
        line.fmtp = entry["fmtp"].text();
        line.source = SourceId{entry["source"].unsigned_integer()};
        line.sink = SinkId{entry["sink"].unsigned_integer()};
        line.disabled = entry["disabled"].boolean();
        line.json = entry;
        lines.push_back(std::move(line));
    });
    return lines;
}

/// Services of the host. All on the plugin's own thread but for log, now, random and post. Lives as long as the plugin.
class Host {
  public:
    explicit Host(const cardea_plugin_host* host) noexcept : host_{host} {}
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    void debug(std::string_view event, const Json& fields = {}) const { log(CARDEA_LOG_DEBUG, event, fields); }
    void info(std::string_view event, const Json& fields = {}) const { log(CARDEA_LOG_INFO, event, fields); }
    void warn(std::string_view event, const Json& fields = {}) const { log(CARDEA_LOG_WARN, event, fields); }
    void error(std::string_view event, const Json& fields = {}) const { log(CARDEA_LOG_ERROR, event, fields); }
    void log(std::int32_t level, std::string_view event, const Json& fields) const {
        const auto dumped = fields.dump();
        host_->log(host_->self, level, slice(event), slice(dumped));
    }
    [[nodiscard]] std::int64_t now_ns() const { return host_->now(host_->self); }
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

    /// Runs body; what it throws is logged and ends here.
    template <class F>
    void guard(std::string_view where, F&& body) const noexcept {
        try {
            std::forward<F>(body)();
        } catch (const std::exception& e) {
            log_exception(where, e.what());
        } catch (...) {
            log_exception(where, "not a std::exception");
        }
    }
    void log_exception(std::string_view where, std::string_view what) const noexcept {
        try {
            error("plugin exception", {{"in", where}, {"what", what}});
        } catch (...) {  // out of memory while logging: nothing is left to say
        }
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

    const cardea_plugin_host* host_;
    std::unordered_map<std::uint64_t, std::unique_ptr<Timer>> timers_;
    std::list<Service> services_;
};

/// The base of a plugin. The constructor does no I/O; start() may.
class Plugin {
  public:
    Plugin(Host& host, Json config) : host_{host}, config_{std::move(config)} {}
    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;
    virtual ~Plugin() = default;

    virtual void start() {}
    virtual bool attach(HandleId) { return true; }  ///< false refuses the handle
    virtual void detach(HandleId) {}
    virtual Reply on_request(const Request& request) = 0;
    virtual void on_webrtc_up(HandleId) {}
    virtual void on_hangup(HandleId, std::string_view) {}
    virtual void on_media(HandleId, const Json&) {}
    virtual void on_slow_link(HandleId, const Json&) {}
    virtual void on_layers(HandleId, const Json&) {}   ///< a sink has switched; see CARDEA_EVENT_LAYERS
    virtual void on_talking(HandleId, const Json&) {}  ///< see CARDEA_EVENT_TALKING
    virtual void on_recording(HandleId, const Json&) {}  ///< a recording has ended; see CARDEA_EVENT_RECORDING
    virtual Json query(HandleId) { return Json::object(); }  ///< state for admins

  protected:
    [[nodiscard]] Host& host() noexcept { return host_; }
    [[nodiscard]] const Host& host() const noexcept { return host_; }
    [[nodiscard]] const Json& config() const noexcept { return config_; }

  private:
    Host& host_;
    Json config_;
};

/// How a plugin words its errors, and its codes for what the host finds out on its behalf.
struct ErrorWords {
    const char* key = nullptr;
    const char* value = "event";
    int no_message = 499;
    int missing_element = 499;
    int invalid_element = 499;
    int invalid_request = 499;
    int unknown = 499;
};

struct RequestTable {
    const cardea_request_type* list = nullptr;
    std::uint32_t count = 0;
};
template <std::size_t N>
[[nodiscard]] constexpr RequestTable requests(const cardea_request_type (&list)[N]) noexcept {
    return {list, static_cast<std::uint32_t>(N)};
}
/// A request answered in the `success`.
[[nodiscard]] constexpr cardea_request_type sync_request(const char* name, cardea_params params = no_params(),
                                                         const char* help = nullptr) noexcept {
    return {sizeof(cardea_request_type), 0, name, help, params};
}
/// A request that is acked at once and answered by an event.
[[nodiscard]] constexpr cardea_request_type async_request(const char* name, cardea_params params = no_params(),
                                                          const char* help = nullptr) noexcept {
    return {sizeof(cardea_request_type), CARDEA_REQUEST_ASYNC, name, help, params};
}

/// What CARDEA_PLUGIN takes, as designated initialisers.
struct PluginInfo {
    const char* name = nullptr;
    const char* package = nullptr;
    const char* title = "";
    const char* description = "";
    const char* version = "0.0.0";
    std::uint32_t version_number = 0;
    const char* author = "";
    const char* licence = "";
    std::uint32_t capabilities = CARDEA_CAP_MEDIA;
    cardea_params options = no_params();
    RequestTable requests{};
    ErrorWords errors{};
    bool validate_first = false;
};

namespace detail {

/// The functions behind the table: what a plugin throws ends here.
template <std::derived_from<Plugin> P, const PluginInfo& Info>
struct Trampolines {
    struct Instance {
        explicit Instance(const cardea_plugin_host* table) : host{table} {}
        Host host;
        std::unique_ptr<P> plugin;
    };
    static Instance& of(void* plugin) noexcept { return *static_cast<Instance*>(plugin); }

    template <class F>
    static cardea_status guarded(const Host& host, std::string_view where, F&& body) noexcept {
        cardea_status status = CARDEA_INTERNAL;
        host.guard(where, [&] { status = body(); });
        return status;
    }

    static cardea_status create(const cardea_plugin_host* host, cardea_slice config, void** out) noexcept {
        try {
            auto instance = std::make_unique<Instance>(host);
            const auto status = guarded(instance->host, "create", [&] {
                instance->plugin = std::make_unique<P>(instance->host, Json::parse(text(config)));
                return CARDEA_OK;
            });
            if (status == CARDEA_OK) *out = instance.release();
            return status;
        } catch (...) {
            return CARDEA_INTERNAL;
        }
    }
    static cardea_status start(void* plugin) noexcept {
        return guarded(of(plugin).host, "start", [&] { return of(plugin).plugin->start(), CARDEA_OK; });
    }
    static void destroy(void* plugin) noexcept {
        auto* instance = static_cast<Instance*>(plugin);
        instance->plugin.reset();
        delete instance;
    }
    static cardea_status attach(void* plugin, cardea_handle_id handle) noexcept {
        return guarded(of(plugin).host, "attach",
                       [&] { return of(plugin).plugin->attach(HandleId{handle}) ? CARDEA_OK : CARDEA_INVALID; });
    }
    static void detach(void* plugin, cardea_handle_id handle) noexcept {
        of(plugin).host.guard("detach", [&] { of(plugin).plugin->detach(HandleId{handle}); });
    }

    static Reply error_reply(int code, std::string_view text) {
        Json data = Json::object();
        if (Info.errors.key != nullptr) data.set(Info.errors.key, Info.errors.value);
        data.set("error_code", code).set("error", text);
        return data;
    }
    static Reply reply_to(Instance& instance, const Request& request) {
        try {
            return instance.plugin->on_request(request);
        } catch (const RequestError& e) {
            return error_reply(e.code(), e.what());
        } catch (const std::exception& e) {
            instance.host.log_exception("on_request", e.what());
        } catch (...) {
            instance.host.log_exception("on_request", "not a std::exception");
        }
        return error_reply(Info.errors.unknown, "Internal error");
    }
    static cardea_status on_request(void* plugin, const cardea_request* raw_request, const cardea_out* out) noexcept {
        auto& instance = of(plugin);
        return guarded(instance.host, "on_request", [&] {
            const Request request{HandleId{raw_request->handle}, Transaction{raw_request->transaction},
                                  (raw_request->flags & CARDEA_REQUEST_ASYNC) != 0, Json::parse(text(raw_request->body)),
                                  Json::parse(text(raw_request->media))};
            const auto reply = reply_to(instance, request);
            if (!request.async) {
                write(out, (reply.data ? reply.data : Json::object()).dump());
            } else if (reply.data) {
                return instance.host.push_event(request.handle, reply.data, request.transaction, reply.ticket);
            }
            return cardea_status{CARDEA_OK};
        });
    }
    static void on_event(void* plugin, const cardea_event* event) noexcept {
        auto& instance = of(plugin);
        instance.host.guard("on_event", [&] {
            const HandleId handle{event->handle};
            const auto json = Json::parse(text(event->json));
            switch (event->kind) {
                case CARDEA_EVENT_WEBRTC_UP: instance.plugin->on_webrtc_up(handle); break;
                case CARDEA_EVENT_HANGUP: instance.plugin->on_hangup(handle, json["reason"].text()); break;
                case CARDEA_EVENT_MEDIA: instance.plugin->on_media(handle, json); break;
                case CARDEA_EVENT_SLOW_LINK: instance.plugin->on_slow_link(handle, json); break;
                case CARDEA_EVENT_LAYERS: instance.plugin->on_layers(handle, json); break;
                case CARDEA_EVENT_TALKING: instance.plugin->on_talking(handle, json); break;
                case CARDEA_EVENT_RECORDING: instance.plugin->on_recording(handle, json); break;
                default: break;  // of a newer host
            }
        });
    }
    static cardea_status query(void* plugin, cardea_handle_id handle, const cardea_out* out) noexcept {
        return guarded(of(plugin).host, "query", [&] {
            write(out, of(plugin).plugin->query(HandleId{handle}).dump());
            return CARDEA_OK;
        });
    }

    static constexpr cardea_plugin_api api{sizeof(cardea_plugin_api), 0,       &create,     &start,    &destroy,
                                           &attach,                   &detach, &on_request, &on_event, &query};
    static constexpr cardea_plugin_info info{sizeof(cardea_plugin_info),
                                             sizeof(cardea_request_type),
                                             Info.requests.count,
                                             Info.validate_first ? 1U : 0U,
                                             Info.requests.list,
                                             Info.errors.key,
                                             Info.errors.value,
                                             Info.errors.no_message,
                                             Info.errors.missing_element,
                                             Info.errors.invalid_element,
                                             Info.errors.invalid_request,
                                             &api};
};

}  // namespace detail
}  // namespace cardea::sdk

/// Once per plugin, at namespace scope: CARDEA_PLUGIN(Type, .name = "echotest", .package = "janus.plugin.echotest", ...)
#define CARDEA_PLUGIN(Type, ...)                                                                                        \
    namespace {                                                                                                         \
    constexpr ::cardea::sdk::PluginInfo cardea_plugin_of_this_file{__VA_ARGS__};                                        \
    }                                                                                                                   \
    extern "C" __attribute__((visibility("default"))) const cardea_module_descriptor cardea_module;                     \
    const cardea_module_descriptor cardea_module{                                                                       \
        CARDEA_ABI_MAGIC,                                                                                               \
        CARDEA_ABI_MAJOR,                                                                                               \
        CARDEA_ABI_MINOR,                                                                                               \
        sizeof(cardea_module_descriptor),                                                                               \
        CARDEA_KIND_PLUGIN,                                                                                             \
        0,                                                                                                              \
        cardea_plugin_of_this_file.capabilities,                                                                        \
        cardea_plugin_of_this_file.name,                                                                                \
        cardea_plugin_of_this_file.package,                                                                             \
        cardea_plugin_of_this_file.title,                                                                               \
        cardea_plugin_of_this_file.description,                                                                         \
        cardea_plugin_of_this_file.version,                                                                             \
        cardea_plugin_of_this_file.version_number,                                                                      \
        0,                                                                                                              \
        cardea_plugin_of_this_file.author,                                                                              \
        cardea_plugin_of_this_file.licence,                                                                             \
        cardea_plugin_of_this_file.options,                                                                             \
        &::cardea::sdk::detail::Trampolines<Type, cardea_plugin_of_this_file>::info,                                    \
        nullptr,                                                                                                        \
        nullptr};
