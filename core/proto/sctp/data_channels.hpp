// The data channels of one peer connection (RFC 8831, RFC 8832): which streams are open and what they are like, opening and closing
// from either side, text and binary messages. Comes after SCTP; data routes (peer/data_router.hpp) come next.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "proto/sctp/data_statistics.hpp"
#include "proto/sctp/sctp_transport.hpp"

namespace cardea {

enum class DataFormat : std::uint8_t { text, binary };

// Called while packets and time are given to the stack; may open, send and close, not destroy.
class DataObserver {
  public:
    virtual ~DataObserver() = default;
    virtual void on_data_up() = 0;                                                       // channels can be opened
    virtual void on_channel_open(StreamId stream, const ChannelOptions& options) = 0;    // by the peer
    virtual void on_channel_closed(StreamId stream) = 0;                                 // by the peer, or with the association
    virtual void on_message(StreamId stream, DataFormat format, Bytes message) = 0;      // empty ones too
    virtual void on_data_down() = 0;  // after on_channel_closed of each; the peer connection lives on
};

class DataChannels final : private SctpObserver {
  public:
    struct Config {
        SctpTransport::Config sctp;
        bool even_streams = false;  // ours: RFC 8832 section 6, the DTLS client's are even
        std::size_t max_message = kMaxMessage;  // that the peer takes
    };
    DataChannels(SctpStack& stack, Config config, DataObserver& observer, DataStatistics& statistics);
    ~DataChannels() override;
    DataChannels(const DataChannels&) = delete;
    DataChannels& operator=(const DataChannels&) = delete;

    // nullopt: not up, or no stream left. Messages may be sent at once.
    [[nodiscard]] std::optional<StreamId> open(ChannelOptions options);
    // False: dropped, and counted. A whole message or nothing.
    bool send(StreamId stream, DataFormat format, Bytes message);
    void close(StreamId stream);  // what was sent still goes out; not told to the observer

    [[nodiscard]] bool is_up() const noexcept { return sctp_.is_up(); }
    [[nodiscard]] bool is_open(StreamId stream) const noexcept;
    // What a channel that the peer opened is like; nullptr: there is none.
    [[nodiscard]] const ChannelOptions* options_of_peer(StreamId stream) const noexcept;
    // Channels the peer opened, by stream.
    template <class F>
    void for_each_of_peer(F&& visit) const {
        for (const auto& [stream, channel] : channels_)
            if (!channel.is_ours && channel.state != State::closing) visit(stream, channel.options);
    }

  private:
    enum class State : std::uint8_t {
        opening,  // ours, not agreed to yet
        open,
        closing,  // we have asked for the end of our direction
    };
    struct Channel {
        ChannelOptions options;
        State state = State::open;
        bool is_ours = false;
        bool incoming_over = false, outgoing_over = false;
    };
    struct Control {
        StreamId stream;
        std::vector<std::uint8_t> message;
    };

    void on_sctp_up(std::uint16_t streams) override;
    void on_sctp_message(StreamId stream, std::uint32_t ppid, Bytes message) override;
    void on_sctp_too_large(StreamId stream) override;
    void on_sctp_incoming_reset(StreamId stream) override;
    void on_sctp_outgoing_reset(StreamId stream) override;
    void on_sctp_writable() override;
    void on_sctp_down() override;

    void on_control(StreamId stream, Bytes message);
    void on_open(StreamId stream, ChannelOptions options);
    void refuse(StreamId stream, DataDrop reason);
    void send_control(StreamId stream, std::vector<std::uint8_t> message);
    [[nodiscard]] bool try_control(const Control& control);
    [[nodiscard]] bool has_control_waiting(StreamId stream) const noexcept;
    void forget_if_over(std::map<StreamId, Channel>::iterator channel);
    void erase(std::map<StreamId, Channel>::iterator channel);

    DataObserver& observer_;
    DataStatistics& statistics_;
    std::uint16_t streams_ = 0;
    StreamId first_stream_;
    std::size_t max_message_;
    std::map<StreamId, Channel> channels_;
    std::vector<Control> waiting_;  // DCEP that SCTP had no room for: never dropped, at most two a stream
    SctpTransport sctp_;
};

}  // namespace cardea
