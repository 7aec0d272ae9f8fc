// The part of a WebSocket client that other threads touch: what waits to be sent, and whether to read. The rest of a
// client belongs to the service thread (lws/websocket_peer.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

namespace cardea::net {

struct OutboxLimits {
    std::size_t soft = 0;  // above: no more is read from the client
    std::size_t hard = 0;  // above: it is closed
};

class Link {
  public:
    explicit Link(OutboxLimits limits) noexcept : limits_{limits} {}

    // Any thread. A message is framed: its first `headroom` bytes are not counted. False: the client is ending.
    [[nodiscard]] bool put(std::string framed, std::size_t headroom);
    void set_reading(bool on);
    void close_when_sent();

    // Service thread.
    [[nodiscard]] std::optional<std::string> take();  // counted until it is sent
    void sent(std::size_t bytes);
    // A hold that set_reading(true) has overtaken does not count: read the epoch before the message is handed over.
    [[nodiscard]] std::uint64_t reading_epoch();
    void hold(std::uint64_t epoch);
    void end();  // frees what waits, refuses what comes

    struct State {
        std::size_t bytes = 0;
        bool empty = true;
        bool read = true;
        bool overflow = false;
        bool closing = false;
    };
    [[nodiscard]] State state();

  private:
    const OutboxLimits limits_;
    std::mutex mutex_;
    std::deque<std::string> messages_;
    std::size_t bytes_ = 0;
    std::uint64_t epoch_ = 0;
    bool host_reads_ = true;
    bool over_soft_ = false;
    bool overflow_ = false;
    bool closing_ = false;
    bool ended_ = false;
};

}  // namespace cardea::net
