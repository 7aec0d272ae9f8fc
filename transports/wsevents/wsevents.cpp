// Module wsevents: sends the event stream to WebSocket endpoints, sub-protocol "janus-events". The Nextcloud signaling server is
// one: its bandwidth figures come from here.
#include <cardea/event_handler.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "lws/uplink.hpp"
#include "wsevents/endpoint_queue.hpp"

namespace cardea::wsevents {
namespace {

using namespace sdk;

constexpr const char* kKinds[] = {"all",   "sessions", "handles",    "external", "jsep", "webrtc",
                                  "media", "plugins",  "transports", "core",     nullptr};
constexpr std::uint32_t kMasks[] = {0x1ff,
                                    CARDEA_TELL_SESSIONS,
                                    CARDEA_TELL_HANDLES,
                                    CARDEA_TELL_EXTERNAL,
                                    CARDEA_TELL_JSEP,
                                    CARDEA_TELL_WEBRTC,
                                    CARDEA_TELL_MEDIA,
                                    CARDEA_TELL_PLUGINS,
                                    CARDEA_TELL_TRANSPORTS,
                                    CARDEA_TELL_CORE};

constexpr cardea_param kEndpoint[] = {
    string("url").required().help("ws://host:port/path or wss://..."),
    array("events").elements(CARDEA_TYPE_STRING).fallback(R"(["handles","media","webrtc","core"])").one_of(kKinds).help("kinds of events to send"),
    string("subprotocol").fallback("\"janus-events\"").help("WebSocket sub-protocol"),
    boolean("grouping").fallback("true").help("several events in one message, as a JSON array"),
    boolean("opaque_id").fallback("false").help("whether events name the opaque_id of their handle at the top; the signaling server wants none"),
    boolean("verify_tls").fallback("true").help("whether the certificate of a wss:// endpoint has to be good"),
    integer("queue_events").range(1, 10'000'000).fallback("10000").help("events that wait for the endpoint at most; the oldest go first"),
    integer("queue_bytes").range(1024, 1 << 30).fallback("16777216").help("the same in bytes"),
};
constexpr cardea_param kOptions[] = {
    array("endpoints").of(kEndpoint).fallback("[]").help("where events go"),
};

std::uint32_t mask_of(const Json& kinds) {
    std::uint32_t mask = 0;
    kinds.for_each([&](const Json& kind) {
        for (std::size_t i = 0; kKinds[i] != nullptr; ++i)
            if (kind.text() == kKinds[i]) mask |= kMasks[i];
    });
    return mask;
}

class Endpoint final : public net::UplinkFeed {
  public:
    Endpoint(const EventHandlerHost& host, const Json& config)
        : host_{host},
          url_{config["url"].text()},
          mask_{mask_of(config["events"])},
          queue_{{.events = static_cast<std::size_t>(config["queue_events"].integer()),
                  .bytes = static_cast<std::size_t>(config["queue_bytes"].integer())},
                 {.grouping = config["grouping"].boolean(), .opaque_id = config["opaque_id"].boolean()}} {}

    [[nodiscard]] std::uint32_t mask() const noexcept { return mask_; }
    [[nodiscard]] bool push(std::string_view json) { return queue_.push(json); }

    [[nodiscard]] bool take(std::string& message) override {
        // Told once a connection and not per event: an endpoint too slow for its events.
        if (const auto dropped = queue_.take_dropped(); dropped > 0) {
            dropped_ += dropped;
            if (!std::exchange(told_slow_, true)) host_.warn("event endpoint too slow, events dropped", {{"endpoint", url_}});
        }
        return queue_.take(message);
    }
    void on_open() override {
        const auto dropped = queue_.take_dropped() + std::exchange(dropped_, 0);
        if (lost_at_ == 0) {
            host_.info("event endpoint connected", {{"endpoint", url_}});
        } else {
            host_.info("event endpoint connected again", {{"endpoint", url_}, {"seconds_away", (host_.now_ns() - lost_at_) / 1'000'000'000},
                                                          {"events_dropped", dropped}});
        }
        lost_at_ = 0;
        told_slow_ = false;
    }
    void on_lost(std::string_view why) override {
        if (lost_at_ != 0) return;  // told already; a try that failed is no news
        lost_at_ = host_.now_ns();
        host_.warn("event endpoint not connected, trying on", {{"endpoint", url_}, {"why", why}});
    }

  private:
    EventHandlerHost host_;
    std::string url_;
    std::uint32_t mask_;
    EndpointQueue queue_;
    std::uint64_t dropped_ = 0;
    std::int64_t lost_at_ = 0;
    bool told_slow_ = false;
};

class WebSocketEvents final : public EventHandler {
  public:
    WebSocketEvents(const EventHandlerHost& host, const Json& config) : host_{host} {
        std::vector<net::UplinkConfig> uplinks;
        config["endpoints"].for_each([&](const Json& entry) {
            const auto url = net::WebSocketUrl::parse(entry["url"].text());
            if (!url) throw std::invalid_argument{"endpoints.url: \"" + std::string{entry["url"].text()} + "\" is not a ws:// or wss:// URL"};
            auto& endpoint = *endpoints_.emplace_back(std::make_unique<Endpoint>(host, entry));
            uplinks.push_back({*url, std::string{entry["subprotocol"].text()}, entry["verify_tls"].boolean(), &endpoint});
        });
        uplinks_ = std::make_unique<net::Uplinks>(std::move(uplinks));
    }

    void start() override {
        if (endpoints_.empty()) return host_.warn("no event endpoint is configured");
        std::uint32_t mask = 0;
        for (const auto& endpoint : endpoints_) mask |= endpoint->mask();
        host_.want(mask);
        host_.spawn_service(
            "events", [](void* self) { static_cast<WebSocketEvents*>(self)->serve(); },
            [](void* self) { static_cast<WebSocketEvents*>(self)->uplinks_->stop(); }, this);
    }

    void on_told(std::uint32_t kind, std::string_view json) override {
        bool wake = false;
        for (const auto& endpoint : endpoints_)
            if ((endpoint->mask() & kind) != 0) wake = endpoint->push(json) || wake;
        if (wake) uplinks_->wake();
    }

  private:
    void serve() {
        if (const auto problem = uplinks_->run(); !problem.empty()) host_.error("events cannot be sent", {{"why", problem}});
    }

    EventHandlerHost host_;
    std::vector<std::unique_ptr<Endpoint>> endpoints_;
    std::unique_ptr<net::Uplinks> uplinks_;
};

}  // namespace
}  // namespace cardea::wsevents

CARDEA_EVENT_HANDLER(cardea::wsevents::WebSocketEvents, .name = "wsevents", .package = "janus.eventhandler.wsevh",
                     .title = "WebSocket events", .description = "Sends the event stream to WebSocket endpoints", .version = "0.1.0",
                     .version_number = 1, .author = "The Cardea developers", .licence = "Apache-2.0",
                     .options = cardea::sdk::table(cardea::wsevents::kOptions))
