// Data channels of the load: SCTP over the DTLS of a leg. It shares the gateway's SCTP (usrsctp) as it does its SRTP, because that
// is cheap; the tests have foreign stacks for the question whether it is right.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "proto/sctp/data_channels.hpp"

namespace cardea::load {

class DataLink;

// The SCTP of all legs: one per process, as usrsctp is.
class DataStack final : private SctpOutput {
  public:
    DataStack() : stack_{*this} {}
    void on_timer(Instant now) { stack_.on_timer(now); }

  private:
    friend class DataLink;
    void send_sctp(AssociationId association, Bytes packet) override;

    std::unordered_map<AssociationId, DataLink*> links_;
    std::uint64_t last_id_ = 0;
    DataStatistics statistics_;
    SctpStack stack_;
};

// The data channels of one leg. Each opens one, as clients do: Janus has nothing for a subscriber before its first channel is open.
// What publishers say comes on a channel that the gateway opens.
class DataLink final : private DataObserver {
  public:
    struct Config {
        bool dtls_client = false;
        std::uint16_t remote_port = 5000;
        std::string opens;  // label of the channel
    };
    using Send = std::function<void(Bytes)>;
    DataLink(DataStack& stack, Config config, Send send);
    ~DataLink() override;
    DataLink(const DataLink&) = delete;
    DataLink& operator=(const DataLink&) = delete;

    void receive(Bytes packet) { stack_.stack_.on_packet(id_, packet); }
    bool send(std::string_view text);  // on the channel that was opened
    [[nodiscard]] bool is_up() const noexcept { return channels_->is_up(); }
    // Messages that arrived, and those among them that are not what status_message() makes.
    [[nodiscard]] std::uint64_t received() const noexcept { return received_; }
    [[nodiscard]] std::uint64_t damaged() const noexcept { return damaged_; }

  private:
    friend class DataStack;
    void on_data_up() override;
    void on_channel_open(StreamId, const ChannelOptions&) override {}
    void on_channel_closed(StreamId) override {}
    void on_message(StreamId stream, DataFormat format, Bytes message) override;
    void on_data_down() override {}

    DataStack& stack_;
    Config config_;
    Send send_;
    AssociationId id_;
    std::optional<DataChannels> channels_;
    std::optional<StreamId> ours_;
    std::uint64_t received_ = 0, damaged_ = 0;
};

// What a publisher says: the size and the looks of a status message of a call.
[[nodiscard]] std::string status_message(std::uint64_t number);

}  // namespace cardea::load
