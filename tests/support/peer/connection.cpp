#include "connection.hpp"

namespace cardea::testpeer {

Connection::Connection(Environment environment, Events events, Instant now)
    : environment_{std::move(environment)}, events_{std::move(events)}, born_{now} {
    ice_ = std::make_unique<IceSocket>(environment_.bind_address,
                                       IceSocket::Events{[this] { ice_connected_ = true; }, [this] { fail("ICE failed"); },
                                                         [this](Bytes datagram) { on_datagram(datagram); }});
}

SdpLocal Connection::local(std::string setup) {
    return {ice_->local(), ice_->candidates(), environment_.certificate->fingerprint, std::move(setup), ++version_};
}

void Connection::set_remote(const SdpDescription& remote, Part part) {
    if (!ice_) return;
    if (remote_ice_ != remote.ice) {
        if (remote_ice_ && part == Part::answerer) ice_->restart();
        remote_ice_ = remote.ice;
        // RFC 8445 section 6.1.1: the full agent controls a lite one, else the offerer does.
        ice_->set_remote(remote.ice, remote.candidates, remote.ice_lite || part == Part::offerer);
    }
    if (dtls_) return;
    const bool client = part == Part::answerer ? remote.setup != "active" : remote.setup == "passive";
    dtls_ = std::make_unique<DtlsSession>(*environment_.dtls, client ? DtlsRole::client : DtlsRole::server, remote.fingerprint,
                                          [this](Bytes datagram) {
                                              if (ice_) ice_->send(datagram);
                                          });
}

void Connection::tick(Instant now) {
    if (!dtls_ || status_ == ConnectionStatus::failed) return;
    if (ice_connected_ && !dtls_started_) {
        dtls_started_ = true;
        dtls_->start();
    }
    if (dtls_started_) dtls_->retransmit_if_due();
    if (status_ == ConnectionStatus::up && !setup_time_) setup_time_ = now - born_;
}

// RFC 7983: the first byte tells DTLS from RTP; libnice has taken STUN out.
void Connection::on_datagram(Bytes datagram) {
    if (datagram.empty() || !dtls_) return;
    if (datagram[0] >= 20 && datagram[0] <= 63) {
        dtls_->receive(datagram);
        if (dtls_->status() == DtlsStatus::failed) fail("DTLS " + dtls_->problem());
        if (dtls_->status() == DtlsStatus::closed) status_ = ConnectionStatus::closed;
        if (dtls_->status() == DtlsStatus::connected && !srtp_) start_srtp();
        return;
    }
    if (!srtp_ || datagram.size() < 2) return;
    const bool rtcp = datagram[1] >= 192 && datagram[1] <= 223;  // RFC 5761 section 4
    scratch_.assign(datagram.begin(), datagram.end());
    if (!(rtcp ? srtp_->unprotect_rtcp(scratch_) : srtp_->unprotect_rtp(scratch_))) {
        ++refused_;
        return;
    }
    (rtcp ? events_.on_rtcp : events_.on_rtp)(scratch_);
}

void Connection::start_srtp() {
    srtp_.emplace(*dtls_->keys());
    status_ = ConnectionStatus::up;
}

void Connection::send_rtp(std::vector<std::uint8_t> packet) {
    if (ice_ && srtp_ && srtp_->protect_rtp(packet)) ice_->send(packet);
}

void Connection::send_rtcp(std::vector<std::uint8_t> packet) {
    if (ice_ && srtp_ && !packet.empty() && srtp_->protect_rtcp(packet)) ice_->send(packet);
}

void Connection::close() {
    if (dtls_ && ice_) dtls_->close();
    if (status_ == ConnectionStatus::up) status_ = ConnectionStatus::closed;
}

void Connection::vanish() { ice_.reset(); }

std::string Connection::profile() const { return dtls_ && dtls_->keys() ? dtls_->keys()->profile : std::string{}; }

void Connection::fail(std::string problem) {
    if (status_ == ConnectionStatus::failed || status_ == ConnectionStatus::closed) return;
    status_ = ConnectionStatus::failed;
    problem_ = std::move(problem);
}

}  // namespace cardea::testpeer
