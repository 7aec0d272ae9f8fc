// WebSocket connections that we open ourselves and keep open: one libwebsockets context and one thread for all of a module.
// An uplink only sends; what the other side sends is read and ignored.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cardea::net {

struct WebSocketUrl {
    bool tls = false;
    std::string host;  // name or numeric address, without brackets
    std::uint16_t port = 0;
    std::string path;  // with the query, "/" at least

    // ws://host[:port][/path] or wss://...; nullopt for anything else.
    [[nodiscard]] static std::optional<WebSocketUrl> parse(std::string_view text);
};

// What an uplink carries. Called on the service thread.
class UplinkFeed {
  public:
    virtual ~UplinkFeed() = default;
    // The next text message; false: nothing waits.
    [[nodiscard]] virtual bool take(std::string& message) = 0;
    virtual void on_open() = 0;
    // The connection ended, or an attempt failed; the next one follows by itself.
    virtual void on_lost(std::string_view why) = 0;
};

struct UplinkConfig {
    WebSocketUrl url;
    std::string sub_protocol;
    bool verify_tls = true;
    UplinkFeed* feed = nullptr;  // outlives the uplinks
};

class Uplinks {
  public:
    explicit Uplinks(std::vector<UplinkConfig> configs);
    ~Uplinks();
    Uplinks(const Uplinks&) = delete;
    Uplinks& operator=(const Uplinks&) = delete;

    // The service thread: connects, sends, reconnects with backoff (1 s doubling to 30 s), until stop(). Returns why it cannot.
    [[nodiscard]] std::string run();
    // Any thread: run() returns soon. What waits is sent first, for half a second at most.
    void stop();
    // Any thread: a feed has something to send.
    void wake();

    struct Uplink;  // uplink.cpp

  private:
    struct Context;
    std::vector<UplinkConfig> configs_;
    std::unique_ptr<Context> context_;
    void send_what_waits();
    std::atomic<bool> stopping_{false};
    std::atomic<bool> woken_{false};
};

}  // namespace cardea::net
