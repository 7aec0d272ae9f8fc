#include "media/data_forwarder.hpp"

#include "proto/rtp/rtp_writer.hpp"

namespace cardea {

DataForwarder::DataForwarder(ForwardConfig config, SrtpBackend backend) : config_{std::move(config)} {
    if (config_.keys) srtp_out_.emplace(*config_.keys, backend);
}

bool DataForwarder::send(Bytes message, bool is_binary, SendBatch& batch) {
    if (message.size() > kMaxMessage) return false;
    if (!config_.ssrc) {
        batch.add(message, {config_.socket, config_.rtp});
        ++sent_;
        return true;
    }
    const auto room = batch.begin();
    const std::uint8_t type = is_binary ? 1 : 0;
    auto size = write_rtp(room, {.ssrc = *config_.ssrc, .payload_type = type, .sequence = ++sequence_}, message);
    if (size == 0) return false;
    if (srtp_out_) {
        const auto sealed = srtp_out_->protect_rtp(room, size, rollover_.of(sequence_));
        if (!sealed) return false;
        size = *sealed;
    }
    batch.commit(size, {config_.socket, config_.rtp}, SendClass::control);
    ++sent_;
    return true;
}

}  // namespace cardea
