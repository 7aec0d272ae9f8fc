// EchoTest: routes what a peer sends back to that peer. It is also the tutorial: README.md walks through this file.
#include <cardea/plugin.hpp>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

using cardea::Json;
using namespace cardea::sdk;

constexpr int kInvalidElement = 413;
constexpr int kInvalidSdp = 414;
constexpr std::int64_t kHighestLayer = 2;
constexpr std::int64_t kLongestDelay = 4095;  // in units of 10 ms
constexpr const char* kLayers[] = {"substream", "temporal", "spatial_layer", "temporal_layer"};

constexpr const char* kAudioCodecs[] = {"opus", "multiopus", "pcmu", "pcma", "g722", "l16-48", "l16", nullptr};
constexpr const char* kVideoCodecs[] = {"vp8", "vp9", "h264", "av1", "h265", nullptr};
constexpr cardea_param kFields[] = {
    boolean("audio").help("whether audio comes back"),
    boolean("video").help("whether video comes back"),
    integer("bitrate").positive().help("bits per second the peer may send; 0: no cap"),
    boolean("record").help("whether what the peer sends is recorded"),
    string("filename").help("of the recording, without ending: within recording.roots"),
    integer("substream").positive().help("highest simulcast substream that comes back: 0, 1 or 2"),
    integer("temporal").positive().help("highest temporal layer of it: 0, 1 or 2"),
    integer("fallback").positive().help("microseconds without the substream until a lower one stands in"),
    boolean("svc").help("accepted; what a stream consists of is seen by its packets"),
    integer("spatial_layer").positive().help("highest spatial layer of an SVC stream: 0, 1 or 2"),
    integer("temporal_layer").positive().help("highest temporal layer of it: 0, 1 or 2"),
    string("audiocodec").one_of(kAudioCodecs).help("the only audio codec to answer with"),
    string("videocodec").one_of(kVideoCodecs).help("the only video codec to answer with"),
    string("videoprofile").help("profile of VP9 (\"2\") or H.264 (\"42e01f\")"),
    boolean("opusred"),
    integer("min_delay").help("playout delay that the client is asked for, in units of 10 ms; both or none; negative: none"),
    integer("max_delay"),
};
constexpr cardea_request_type kRequests[] = {async_request("", table(kFields), "settings, and an offer to be echoed")};

class EchoTest final : public Plugin {
  public:
    using Plugin::Plugin;

    bool attach(HandleId handle) override { return echoes_.try_emplace(handle).second; }
    void detach(HandleId handle) override { echoes_.erase(handle); }

    Reply on_request(const Request& request) override {
        if (request.body.size() == 0 && !request.media) throw RequestError{kInvalidElement, "Invalid request: nothing to do"};
        auto& echo = echoes_.at(request.handle);
        echo.audio = request.body["audio"].boolean(echo.audio);
        echo.video = request.body["video"].boolean(echo.video);
        echo.bitrate = request.body["bitrate"].unsigned_integer(echo.bitrate);
        take_layers(request.body, echo);
        auto ticket = Ticket::none;
        if (request.has_offer()) ticket = answer(request, echo);
        apply(request.handle, echo);
        record(request, echo);
        host().notify_event(request.handle, [&] {
            return Json{{"audio_active", echo.audio}, {"video_active", echo.video}, {"bitrate", echo.bitrate}};
        });
        return {Json{{"echotest", "event"}, {"result", "ok"}}, ticket};
    }

    void on_hangup(HandleId handle, std::string_view) override {
        echoes_[handle] = {};
        host().push_event(handle, {{"echotest", "event"}, {"result", "done"}});
    }

    // One event for each layer that has changed, as clients of Janus expect them.
    void on_layers(HandleId handle, const Json& reached) override {
        for (const auto* layer : kLayers)
            if (reached[layer]) host().push_event(handle, {{"echotest", "event"}, {"mid", reached["mid"]}, {layer, reached[layer]}});
    }

    void on_slow_link(HandleId handle, const Json& link) override {
        host().push_event(handle, {{"echotest", "event"},
                                   {"event", "slow_link"},
                                   {"media", link["media"]},
                                   {"current-bitrate", echoes_[handle].bitrate}});
    }

    void on_recording(HandleId handle, const Json& end) override {
        const auto echo = echoes_.find(handle);
        if (echo == echoes_.end() || raw(echo->second.recording) != end["recording"].unsigned_integer()) return;
        echo->second.recording = RecordingId::none;
        if (end["reason"].text() == "requested") return;
        host().push_event(handle, {{"echotest", "event"}, {"recording", "stopped"}, {"reason", end["reason"]}});
    }

  private:
    struct Echo {
        bool audio = true;
        bool video = true;
        std::uint64_t bitrate = 0;
        Json layers = Json::object();
        std::int64_t min_delay = -1;
        std::int64_t max_delay = -1;
        RecordingId recording = RecordingId::none;
        std::vector<MediaLine> lines;
    };

    static void take_layers(const Json& body, Echo& echo) {
        for (const auto* layer : kLayers) {
            if (body[layer].integer() > kHighestLayer)
                throw RequestError{kInvalidElement, std::string{"Invalid value ("} + layer + " should be 0, 1 or 2)"};
        }
        for (const auto* layer : kLayers)
            if (body[layer]) echo.layers.set(layer, body[layer].integer());
        if (body["fallback"]) echo.layers.set("fallback", body["fallback"].integer());
        echo.min_delay = std::min(body["min_delay"].integer(echo.min_delay), kLongestDelay);
        echo.max_delay = std::min(body["max_delay"].integer(echo.max_delay), kLongestDelay);
    }

    // The codecs stay the client's choice unless the request names one.
    static Json policy(const Json& body) {
        Json audio{{"direction", "sendrecv"}};
        Json video{{"direction", "sendrecv"}};
        const auto only = [&](Json& kind, const char* field) {
            if (!body[field].is_string()) return;
            auto codecs = Json::array();
            codecs.push(body[field]);
            kind.set("codecs", codecs);
        };
        only(audio, "audiocodec");
        only(video, "videocodec");
        const bool h264 = body["videocodec"].text() == "h264";
        if (body["videoprofile"].is_string()) video.set(h264 ? "h264_profile" : "vp9_profile", body["videoprofile"]);
        return {{"audio", audio}, {"video", video}, {"data", true}};
    }

    Ticket answer(const Request& request, Echo& echo) {
        const auto description = host().answer(request.handle, policy(request.body));
        if (!description) throw RequestError{kInvalidSdp, "Invalid SDP: " + description.error()};
        echo.lines = description->media;
        for (const auto& line : echo.lines)
            if (line.sink != SinkId::none && line.source != SourceId::none) route(line);
        return description->ticket;
    }

    // A peer's own data channels are answered on the very channel a message came in on.
    void route(const MediaLine& line) {
        line.kind == "data" ? host().route_data(line.sink, line.source) : host().route(line.sink, line.source);
    }

    void apply(const MediaLine& line, const Echo& echo) {
        if (line.kind == "data") return;
        host().set_active(line.sink, line.kind == "audio" ? echo.audio : echo.video);
        if (line.kind != "video") return;
        if (echo.layers.size() > 0) host().set_layers(line.sink, echo.layers);
        const bool delayed = echo.min_delay >= 0 && echo.max_delay >= echo.min_delay;
        host().set_playout_delay(line.sink, delayed ? Json{{"min", echo.min_delay}, {"max", echo.max_delay}} : Json::object());
    }

    void apply(HandleId handle, const Echo& echo) {
        for (const auto& line : echo.lines)
            if (line.sink != SinkId::none) apply(line, echo);
        if (!echo.lines.empty()) host().limit_bitrate(handle, echo.bitrate);
    }

    void record(const Request& request, Echo& echo) {
        const auto wish = request.body["record"];
        if (!wish || wish.boolean() == (echo.recording != RecordingId::none)) return;
        if (!wish.boolean()) {
            host().stop_recording(std::exchange(echo.recording, RecordingId::none));
            return;
        }
        const auto fallback = "echotest-" + std::to_string(raw(request.handle));
        const auto name = request.body["filename"].text();
        auto file = Json{{"filename", name.empty() ? fallback : std::string{name}}};
        if (request.media["e2ee"].boolean()) file.set("e2ee", true);
        const auto recording = host().start_recording(request.handle, file);
        if (!recording) throw RequestError{kInvalidElement, "Cannot record: " + recording.error()};
        echo.recording = recording->id;
    }

    std::unordered_map<HandleId, Echo> echoes_;
};

}  // namespace

CARDEA_PLUGIN(EchoTest, .name = "echotest", .package = "janus.plugin.echotest", .title = "Cardea EchoTest plugin",
              .description = "Sends a peer its own audio, video and data channel messages back", .version = "0.0.7", .version_number = 7,
              .author = "The Cardea authors", .licence = "Apache-2.0", .requests = requests(kRequests),
              .errors = {.key = "echotest", .no_message = 411, .missing_element = kInvalidElement, .invalid_element = kInvalidElement,
                         .invalid_request = kInvalidElement},
              .validate_first = true)
