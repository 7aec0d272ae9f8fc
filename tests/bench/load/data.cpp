#include "data.hpp"

namespace cardea::load {
namespace {

constexpr std::string_view kStatus = R"({"type":"speaking","from":"cardea-load","number":)";

}  // namespace

std::string status_message(std::uint64_t number) { return std::string{kStatus} + std::to_string(number) + "}"; }

void DataStack::send_sctp(AssociationId association, Bytes packet) {
    // The packet goes through DTLS to the socket, which does not lead back to the stack.
    if (const auto found = links_.find(association); found != links_.end()) found->second->send_(packet);
}

DataLink::DataLink(DataStack& stack, Config config, Send send)
    : stack_{stack}, config_{std::move(config)}, send_{std::move(send)}, id_{++stack.last_id_} {
    stack_.links_.emplace(id_, this);  // before the association, which begins with a packet
    const DataChannels::Config channels{.sctp = {.id = id_, .remote_port = config_.remote_port}, .even_streams = config_.dtls_client};
    DataObserver& observer = *this;
    channels_.emplace(stack_.stack_, channels, observer, stack_.statistics_);
}

DataLink::~DataLink() {
    channels_.reset();
    stack_.links_.erase(id_);
}

bool DataLink::send(std::string_view text) { return ours_ && channels_->send(*ours_, DataFormat::text, as_bytes(text)); }

void DataLink::on_data_up() { ours_ = channels_->open({.label = config_.opens}); }

void DataLink::on_message(StreamId, DataFormat format, Bytes message) {
    ++received_;
    if (format != DataFormat::text || !as_text(message).starts_with(kStatus)) ++damaged_;
}

}  // namespace cardea::load
