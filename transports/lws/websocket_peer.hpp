// One WebSocket client on the service thread: fragments to documents, outbox to frames, and the checks on both.
#pragma once

#include <cardea/abi.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lws/application.hpp"
#include "lws/link.hpp"

struct lws;

namespace cardea::net {

enum class Verdict { keep, close };

// What a piece of a message ends: a frame may come in many pieces, a message in many frames.
enum class Ends { nothing, frame, message };

class WebSocketPeer {
  public:
    WebSocketPeer(::lws* wsi, Application& application, const Limits& limits, sdk::Admission admission);
    ~WebSocketPeer();
    WebSocketPeer(const WebSocketPeer&) = delete;
    WebSocketPeer& operator=(const WebSocketPeer&) = delete;

    [[nodiscard]] cardea_client_id id() const noexcept { return id_; }
    [[nodiscard]] const std::shared_ptr<Link>& link() const noexcept { return link_; }

    [[nodiscard]] Verdict on_piece(std::string_view bytes, Ends ends);
    [[nodiscard]] Verdict on_writable();
    // Another thread changed the link.
    void on_changed();
    // Now and then: ends a client that takes nothing of what waits for it, or does not finish its message.
    void check(std::int64_t now_ns);

  private:
    void deliver();
    void apply_reading();
    void check_outbox(std::int64_t now_ns);
    void check_incoming(std::int64_t now_ns);
    [[nodiscard]] std::string_view excess(std::size_t size) const;
    void refuse(std::string_view why);
    [[nodiscard]] Verdict say_goodbye();
    void abort(std::string_view why);
    void drop();
    [[nodiscard]] bool write_burst();                       // false: the connection is broken
    [[nodiscard]] std::optional<std::size_t> write_some();  // octets of outgoing_; nullopt likewise
    [[nodiscard]] bool has_more();
    [[nodiscard]] bool took_something();

    ::lws* wsi_;
    Application& application_;
    const Limits& limits_;
    cardea_client_id id_;
    std::shared_ptr<Link> link_;

    std::string incoming_;           // the message being reassembled
    std::size_t fragments_ = 0;      // its frames so far
    std::int64_t began_ns_ = 0;      // when its first piece came, or it was refused; 0: none is under way
    std::string_view refusal_;       // why this client has to go: a literal
    std::deque<std::string> ready_;  // whole messages the host has not asked for yet
    std::size_t delivered_ = 0;      // of ready_.front()

    std::optional<std::string> outgoing_;  // being written, LWS_PRE bytes of headroom first
    std::size_t written_ = 0;
    std::int64_t progress_ns_;
    std::uint64_t chunks_ = 0;  // written since the last check
    int kernel_backlog_ = 0;    // bytes the peer had not acknowledged at the last check
    bool flow_on_ = true;
    bool aborted_ = false;
};

}  // namespace cardea::net
