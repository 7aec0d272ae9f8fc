// A WebSocket client (RFC 6455) for ws:// on the thread of the default main context. Reads never block, writes may.
#pragma once

#include <gio/gio.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/cptr.hpp"
#include "base/result.hpp"

namespace cardea::testpeer {

class WebSocket {
  public:
    struct Events {
        std::function<void(std::string_view)> on_text;
        std::function<void(std::string)> on_closed;
    };
    // url: ws://host:port/path
    [[nodiscard]] static Result<std::unique_ptr<WebSocket>> open(const std::string& url, const std::string& protocol, Events events);
    ~WebSocket();
    WebSocket(const WebSocket&) = delete;
    WebSocket& operator=(const WebSocket&) = delete;

    void send_text(std::string_view text);
    void close();

  private:
    enum class Opcode : std::uint8_t { continuation = 0, text = 1, close = 8, ping = 9, pong = 10 };
    WebSocket(GSocketConnection* connection, Events events);
    Result<void> handshake(const std::string& host, const std::string& path, const std::string& protocol);
    void write_frame(Opcode opcode, Bytes payload);
    void read_available();
    bool take_frame();
    void on_frame(std::uint8_t first, Bytes payload);
    void end(std::string reason);
    static gboolean on_readable(GObject*, gpointer user);

    CPtr<GSocketConnection, g_object_unref> connection_;
    Events events_;
    unsigned source_ = 0;
    std::vector<std::uint8_t> buffer_;
    std::string message_;
    bool ended_ = false;
};

}  // namespace cardea::testpeer
