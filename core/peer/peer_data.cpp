// Data channels as the worker sees them: DTLS application data to the SCTP thread and back.
#include "peer/peer.hpp"
#include "peer/peer_hub.hpp"

namespace cardea {

// An m-line that went, or was given to another use, takes its channels along.
void Peer::apply_data(const std::optional<DataConfig>& wanted) {
    const auto& present = config_.data;
    if (present && (!wanted || wanted->source != present->source || wanted->sink != present->sink)) end_data();
    if (wanted) hub_.register_data(*wanted);
}

void Peer::begin_data() {
    auto* plane = hub_.options().data;
    if (plane == nullptr || data_begun_ || !is_up() || !config_.data || !config_.data->agreed) return;
    data_begun_ = true;
    plane->open({.id = id(),
                 .worker = hub_.options().worker,
                 .source = config_.data->source,
                 .sink = config_.data->sink,
                 .remote_port = config_.data->remote_port,
                 .max_message = config_.data->max_message,
                 .even_streams = config_.dtls_role == DtlsRole::client});
}

void Peer::end_data() {
    data_begun_ = false;
    if (!config_.data) return;
    hub_.forget_data(*config_.data);
    if (auto* plane = hub_.options().data) plane->close(id(), config_.data->source, config_.data->sink);
}

// What nobody has agreed to is read all the same: it must not pile up.
void Peer::take_data() {
    while (const auto packet = dtls_->poll_data())
        if (data_begun_) hub_.options().data->on_packet(id(), *packet, data_budget_);
}

void Peer::send_data(Bytes packet) {
    // A packet that does not go out is lost as on a network; SCTP sends it again.
    if (!dtls_ || !dtls_->send(packet)) return;
    while (const auto datagram = dtls_->poll_transmit()) hub_.batch().add(*datagram, transport_.path, SendClass::video);
}

}  // namespace cardea
