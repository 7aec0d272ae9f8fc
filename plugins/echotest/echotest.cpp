// EchoTest: routes what a peer sends back to that peer. It is also the tutorial: README.md walks through this file.
#include <cardea/plugin.hpp>

#include <string>
#include <unordered_map>
#include <vector>

namespace {

using cardea::Json;
using namespace cardea::sdk;

constexpr int kInvalidElement = 413;
constexpr int kInvalidSdp = 414;

constexpr const char* kAudioCodecs[] = {"opus", "multiopus", "pcmu", "pcma", "g722", "l16-48", "l16", nullptr};
constexpr const char* kVideoCodecs[] = {"vp8", "vp9", "h264", "av1", "h265", nullptr};
constexpr cardea_param kFields[] = {
    boolean("audio").help("whether audio comes back"),
    boolean("video").help("whether video comes back"),
    integer("bitrate").positive().help("bits per second the peer may send; 0: no cap"),
    boolean("record").help("accepted; recording comes with the recorder"),
    string("filename").help("accepted, as record"),
    integer("substream").positive(),
    integer("temporal").positive(),
    integer("fallback").positive(),
    boolean("svc"),
    integer("spatial_layer").positive(),
    integer("temporal_layer").positive(),
    string("audiocodec").one_of(kAudioCodecs).help("the only audio codec to answer with"),
    string("videocodec").one_of(kVideoCodecs).help("the only video codec to answer with"),
    string("videoprofile").help("profile of VP9 (\"2\") or H.264 (\"42e01f\")"),
    boolean("opusred"),
    integer("min_delay"),
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
        auto ticket = Ticket::none;
        if (request.has_offer()) ticket = answer(request, echo);
        apply(request.handle, echo);
        return {Json{{"echotest", "event"}, {"result", "ok"}}, ticket};
    }

    void on_hangup(HandleId handle, std::string_view) override {
        echoes_[handle] = {};
        host().push_event(handle, {{"echotest", "event"}, {"result", "done"}});
    }

    void on_slow_link(HandleId handle, const Json& link) override {
        host().push_event(handle, {{"echotest", "event"},
                                   {"event", "slow_link"},
                                   {"media", link["media"]},
                                   {"current-bitrate", echoes_[handle].bitrate}});
    }

  private:
    struct Echo {
        bool audio = true;
        bool video = true;
        std::uint64_t bitrate = 0;
        std::vector<MediaLine> lines;
    };

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
        return {{"audio", audio}, {"video", video}, {"data", false}};
    }

    Ticket answer(const Request& request, Echo& echo) {
        const auto description = host().answer(request.handle, policy(request.body));
        if (!description) throw RequestError{kInvalidSdp, "Invalid SDP: " + description.error()};
        echo.lines = description->media;
        for (const auto& line : echo.lines)
            if (line.sink != SinkId::none && line.source != SourceId::none) host().route(line.sink, line.source);
        return description->ticket;
    }

    void apply(HandleId handle, const Echo& echo) {
        for (const auto& line : echo.lines)
            if (line.sink != SinkId::none) host().set_active(line.sink, line.kind == "audio" ? echo.audio : echo.video);
        if (!echo.lines.empty()) host().limit_bitrate(handle, echo.bitrate);
    }

    std::unordered_map<HandleId, Echo> echoes_;
};

}  // namespace

CARDEA_PLUGIN(EchoTest, .name = "echotest", .package = "janus.plugin.echotest", .title = "Cardea EchoTest plugin",
              .description = "Sends a peer its own audio and video back", .version = "0.0.7", .version_number = 7,
              .author = "The Cardea authors", .licence = "Apache-2.0", .requests = requests(kRequests),
              .errors = {.key = "echotest", .no_message = 411, .missing_element = kInvalidElement, .invalid_element = kInvalidElement,
                         .invalid_request = kInvalidElement},
              .validate_first = true)
