// One SCTP association over DTLS as WebRTC uses it (RFC 8831): 128 streams each way, stream reset, partial reliability. Whole messages
// go in and come out. On the thread of its stack.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "proto/sctp/dcep.hpp"
#include "proto/sctp/sctp_stack.hpp"

struct socket;

namespace cardea {

using StreamId = std::uint16_t;
constexpr std::uint16_t kStreams = 128;
constexpr std::size_t kMaxMessage = 256 * 1024;
// What one association may have waiting to be sent. A whole message that does not fit is refused.
constexpr std::size_t kSendQueue = 1024 * 1024;

// Called from SctpStack::on_packet and on_timer, never from inside a call of the owner. It may send and reset, not destroy the transport.
class SctpObserver {
  public:
    virtual ~SctpObserver() = default;
    virtual void on_sctp_up(std::uint16_t streams) = 0;  // as many as both sides have, each way
    virtual void on_sctp_message(StreamId stream, std::uint32_t ppid, Bytes message) = 0;
    virtual void on_sctp_too_large(StreamId stream) = 0;  // once per message; it is not delivered
    // The peer sends nothing more on this stream.
    virtual void on_sctp_incoming_reset(StreamId stream) = 0;
    virtual void on_sctp_outgoing_reset(StreamId stream) = 0;  // ours has taken effect
    virtual void on_sctp_writable() = 0;                       // room again, perhaps
    virtual void on_sctp_down() = 0;                           // refused, ended or lost; nothing follows
};

class SctpTransport {
  public:
    struct Config {
        AssociationId id;
        std::uint16_t local_port = 5000;
        std::uint16_t remote_port = 5000;
        std::uint16_t mtu = 1108;  // of a packet with its header
    };
    // Begins at once; is_over() when that fails. RFC 8831 section 6.2: both sides do, and SCTP makes one association of the two.
    SctpTransport(SctpStack& stack, Config config, SctpObserver& observer);
    ~SctpTransport();
    SctpTransport(const SctpTransport&) = delete;
    SctpTransport& operator=(const SctpTransport&) = delete;

    struct Message {
        StreamId stream = 0;
        std::uint32_t ppid = 0;
        Bytes bytes;  // at least one
        Reliability reliability;
    };
    // False: no room now, or not up.
    [[nodiscard]] bool send(const Message& message);
    // Nothing more is sent on this stream once what waits has been; on_sctp_outgoing_reset follows.
    void reset(StreamId stream);

    [[nodiscard]] bool is_up() const noexcept { return state_ == State::up; }
    [[nodiscard]] bool is_over() const noexcept { return state_ == State::over; }

  private:
    friend class SctpStack;
    enum class State : std::uint8_t { connecting, up, over };

    [[nodiscard]] bool open();
    [[nodiscard]] bool set_options();
    void read_all(MutableBytes buffer);  // everything usrsctp has for us
    void on_notification(Bytes notification);
    void on_data(StreamId stream, std::uint32_t ppid, Bytes data, bool last);
    void on_association_change(Bytes notification);
    void on_stream_reset(Bytes notification);
    void close();
    void end();

    SctpStack& stack_;
    Config config_;
    SctpObserver& observer_;
    struct socket* socket_ = nullptr;
    State state_ = State::connecting;
    bool ready_ = false;       // in the stack's list
    bool is_blocked_ = false;  // usrsctp took no more
    // A message that comes in pieces; usrsctp delivers one at a time.
    struct Partial {
        StreamId stream = 0;
        std::vector<std::uint8_t> bytes;
        bool too_large = false;
    };
    std::optional<Partial> partial_;
};

}  // namespace cardea
