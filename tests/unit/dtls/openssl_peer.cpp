#include "openssl_peer.hpp"

#include <algorithm>
#include <utility>

namespace cardea::testing {
namespace {

Fingerprint sha256_of(const testpeer::Certificate& certificate) {
    Fingerprint fingerprint;
    fingerprint.value.resize(32);
    X509_digest(certificate.x509.get(), EVP_sha256(), fingerprint.value.data(), nullptr);
    return fingerprint;
}

}  // namespace

OpenSslPeer::OpenSslPeer(DtlsRole role, const std::string& suites) : role_{role} {
    SSL_CTX_set_cipher_list(context_.raw(), suites.c_str());
    ours.connect(role, sha256_of(certificate_));
    const auto theirs_is = role == DtlsRole::client ? testpeer::DtlsRole::server : testpeer::DtlsRole::client;
    theirs = std::make_unique<testpeer::DtlsSession>(
        context_, theirs_is, fingerprint_to_text(ours.context.certificate().fingerprint(FingerprintHash::sha256).value),
        [this](Bytes datagram) {
            waiting_.emplace_back(datagram.begin(), datagram.end());
            sent_by_peer.push_back(waiting_.back());
        });
    theirs->on_data([this](Bytes data) { peer_received.emplace_back(data.begin(), data.end()); });
}

void OpenSslPeer::connect() {
    ours.transport->start(now);
    theirs->start();
    exchange();
}

void OpenSslPeer::exchange() {
    for (bool moved = true; moved;) {
        moved = false;
        for (const auto& datagram : std::exchange(waiting_, {})) {
            moved = true;
            ours.transport->on_datagram(now, datagram);
        }
        for (auto& datagram : ours.drain()) {
            moved = true;
            theirs->receive(datagram);
            sent.push_back(std::move(datagram));
        }
    }
}

std::vector<Datagram> OpenSslPeer::received() {
    std::vector<Datagram> all;
    while (const auto data = ours.transport->poll_data()) all.emplace_back(data->begin(), data->end());
    return all;
}

Datagram OpenSslPeer::seal_as_peer(DtlsContent type, const Datagram& content) {
    if (!forger_) {
        const auto their_role = role_ == DtlsRole::client ? DtlsRole::server : DtlsRole::client;
        forger_ = std::make_unique<DtlsRecordLayer>(secrets_of(*theirs->raw(), their_role).value(), DtlsSent{1000, 1000});
    }
    Datagram out(content.size() + DtlsRecordLayer::kOverhead);
    out.resize(forger_->seal(type, content, out).size());
    return out;
}

}  // namespace cardea::testing
