#include "proto/sctp/data_channels.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cardea {
namespace {

// RFC 8831 section 8. SCTP has no empty messages: an empty one is a zero octet under an identifier of its own.
enum class Ppid : std::uint32_t { control = 50, text = 51, binary = 53, text_empty = 56, binary_empty = 57 };
constexpr std::array<std::uint8_t, 1> kEmpty{0};

Ppid ppid_of(DataFormat format, bool empty) noexcept {
    if (format == DataFormat::text) return empty ? Ppid::text_empty : Ppid::text;
    return empty ? Ppid::binary_empty : Ppid::binary;
}

}  // namespace

DataChannels::DataChannels(SctpStack& stack, Config config, DataObserver& observer, DataStatistics& statistics)
    : observer_{observer},
      statistics_{statistics},
      first_stream_{static_cast<StreamId>(config.even_streams ? 0 : 1)},
      max_message_{config.max_message},
      sctp_{stack, config.sctp, *this} {
    ++statistics_.associations;
}

DataChannels::~DataChannels() {
    statistics_.channels -= channels_.size();
    --statistics_.associations;
}

std::optional<StreamId> DataChannels::open(ChannelOptions options) {
    if (!sctp_.is_up()) return std::nullopt;
    for (auto stream = first_stream_; stream < streams_; stream = static_cast<StreamId>(stream + 2)) {
        if (channels_.contains(stream)) continue;
        auto open = write_dcep_open(options);
        channels_.emplace(stream, Channel{.options = std::move(options), .state = State::opening, .is_ours = true});
        ++statistics_.channels;
        send_control(stream, std::move(open));
        return stream;
    }
    return std::nullopt;
}

bool DataChannels::send(StreamId stream, DataFormat format, Bytes message) {
    const auto found = channels_.find(stream);
    const auto refused = [&](DataDrop reason) {
        statistics_.drop(reason);
        return false;
    };
    if (found == channels_.end() || found->second.state == State::closing) return refused(DataDrop::unknown_channel);
    if (message.size() > max_message_) return refused(DataDrop::too_large);
    auto reliability = found->second.options.reliability;
    // RFC 8832 section 6: before the peer has agreed, an unordered message could overtake the one that opens the channel.
    if (found->second.state == State::opening) reliability.ordered = true;
    const bool empty = message.empty();
    const SctpTransport::Message out{stream, static_cast<std::uint32_t>(ppid_of(format, empty)), empty ? Bytes{kEmpty} : message, reliability};
    if (has_control_waiting(stream) || !sctp_.send(out)) return refused(DataDrop::queue_full);
    ++statistics_.messages_out;
    statistics_.bytes_out += message.size();
    return true;
}

void DataChannels::close(StreamId stream) {
    const auto found = channels_.find(stream);
    if (found == channels_.end() || found->second.state == State::closing) return;
    found->second.state = State::closing;
    sctp_.reset(stream);
}

bool DataChannels::is_open(StreamId stream) const noexcept {
    const auto found = channels_.find(stream);
    return found != channels_.end() && found->second.state != State::closing;
}

const ChannelOptions* DataChannels::options_of_peer(StreamId stream) const noexcept {
    const auto found = channels_.find(stream);
    if (found == channels_.end() || found->second.is_ours || found->second.state == State::closing) return nullptr;
    return &found->second.options;
}

// ---- from SCTP ---------------------------------------------------------------------------------------------------------

void DataChannels::on_sctp_up(std::uint16_t streams) {
    streams_ = streams;
    observer_.on_data_up();
}

void DataChannels::on_sctp_message(StreamId stream, std::uint32_t ppid, Bytes message) {
    if (ppid == static_cast<std::uint32_t>(Ppid::control)) return on_control(stream, message);
    const auto found = channels_.find(stream);
    if (found == channels_.end()) return statistics_.drop(DataDrop::unknown_channel);
    if (found->second.state == State::closing) return;  // on its way when we closed
    const auto deliver = [&](DataFormat format, Bytes bytes) {
        ++statistics_.messages_in;
        statistics_.bytes_in += bytes.size();
        // RFC 8832 section 6: data proves that the peer knows the channel, whatever became of its acknowledgement.
        found->second.state = State::open;
        observer_.on_message(stream, format, bytes);
    };
    switch (static_cast<Ppid>(ppid)) {
        case Ppid::text: return deliver(DataFormat::text, message);
        case Ppid::binary: return deliver(DataFormat::binary, message);
        case Ppid::text_empty: return deliver(DataFormat::text, {});
        case Ppid::binary_empty: return deliver(DataFormat::binary, {});
        case Ppid::control: break;
    }
    statistics_.drop(DataDrop::unknown_format);
}

void DataChannels::on_control(StreamId stream, Bytes message) {
    auto parsed = parse_dcep(message);
    if (!parsed) return refuse(stream, DataDrop::bad_control);
    if (auto* options = std::get_if<ChannelOptions>(&*parsed)) return on_open(stream, std::move(*options));
    const auto found = channels_.find(stream);
    if (found != channels_.end() && found->second.state == State::opening) found->second.state = State::open;
}

void DataChannels::on_open(StreamId stream, ChannelOptions options) {
    // Also one of our own numbers is good as long as it is free: the peer will not use it for anything else.
    if (stream >= streams_ || channels_.contains(stream)) return refuse(stream, DataDrop::bad_control);
    const auto& channel = channels_.emplace(stream, Channel{.options = std::move(options)}).first->second;
    ++statistics_.channels;
    send_control(stream, write_dcep_ack());
    observer_.on_channel_open(stream, channel.options);
}

// Ends the channel of whoever breaks the rules: our direction now, the peer answers with its own.
void DataChannels::refuse(StreamId stream, DataDrop reason) {
    statistics_.drop(reason);
    const auto found = channels_.find(stream);
    if (found == channels_.end()) return sctp_.reset(stream);
    if (found->second.state == State::closing) return;
    close(stream);
    observer_.on_channel_closed(stream);
}

void DataChannels::on_sctp_too_large(StreamId stream) { refuse(stream, DataDrop::too_large); }

void DataChannels::on_sctp_incoming_reset(StreamId stream) {
    const auto found = channels_.find(stream);
    if (found == channels_.end()) return;
    found->second.incoming_over = true;
    if (found->second.state != State::closing) {
        // RFC 8831 section 6.7: the peer closes; we end our direction too.
        close(stream);
        observer_.on_channel_closed(stream);
    }
    if (const auto still = channels_.find(stream); still != channels_.end()) forget_if_over(still);
}

void DataChannels::on_sctp_outgoing_reset(StreamId stream) {
    const auto found = channels_.find(stream);
    if (found == channels_.end()) return;
    found->second.outgoing_over = true;
    forget_if_over(found);
}

// The number is free for another channel when both directions are over.
void DataChannels::forget_if_over(std::map<StreamId, Channel>::iterator channel) {
    if (channel->second.incoming_over && channel->second.outgoing_over) erase(channel);
}

void DataChannels::erase(std::map<StreamId, Channel>::iterator channel) {
    std::erase_if(waiting_, [&](const Control& control) { return control.stream == channel->first; });
    channels_.erase(channel);
    --statistics_.channels;
}

void DataChannels::on_sctp_writable() {
    const auto blocked = std::find_if(waiting_.begin(), waiting_.end(), [&](const Control& control) { return !try_control(control); });
    waiting_.erase(waiting_.begin(), blocked);
}

void DataChannels::on_sctp_down() {
    waiting_.clear();
    statistics_.channels -= channels_.size();
    const auto ended = std::exchange(channels_, {});
    for (const auto& [stream, channel] : ended)
        if (channel.state != State::closing) observer_.on_channel_closed(stream);
    observer_.on_data_down();
}

// ---- DCEP out ----------------------------------------------------------------------------------------------------------

void DataChannels::send_control(StreamId stream, std::vector<std::uint8_t> message) {
    Control control{stream, std::move(message)};
    if (!waiting_.empty() || !try_control(control)) waiting_.push_back(std::move(control));
}

bool DataChannels::try_control(const Control& control) {
    // RFC 8832 section 6: in order and reliably, whatever the channel is like.
    return sctp_.send({control.stream, static_cast<std::uint32_t>(Ppid::control), control.message, Reliability{}});
}

bool DataChannels::has_control_waiting(StreamId stream) const noexcept {
    return std::any_of(waiting_.begin(), waiting_.end(), [&](const Control& control) { return control.stream == stream; });
}

}  // namespace cardea
