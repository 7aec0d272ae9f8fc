// One of our transports and a peer of nothing but OpenSSL, which shares no code with it. The wire is kept, to be looked at or repeated.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dtls_pair.hpp"
#include "support/peer/dtls.hpp"

namespace cardea::testing {

class OpenSslPeer {
  public:
    // role: ours. suites: OpenSSL's names, colon separated.
    OpenSslPeer(DtlsRole role, const std::string& suites);

    void connect();   // and nothing is left on the wire
    void exchange();  // until nobody has anything to send
    void peer_sends(const Datagram& data) { theirs->send_data(data); }
    [[nodiscard]] std::vector<Datagram> received();  // by us, since the last call
    // What a peer with the same keys may say that OpenSSL would not. Numbers far above those it has used.
    [[nodiscard]] Datagram seal_as_peer(DtlsContent type, const Datagram& content);

    DtlsEnd ours;
    std::unique_ptr<testpeer::DtlsSession> theirs;
    std::vector<Datagram> sent;           // by us, all
    std::vector<Datagram> sent_by_peer;   // all
    std::vector<Datagram> peer_received;  // data
    Instant now = instant_of_ns(5'000'000'000);

  private:
    DtlsRole role_;
    testpeer::Certificate certificate_ = testpeer::make_certificate();
    testpeer::DtlsContext context_{certificate_, "SRTP_AEAD_AES_256_GCM"};
    std::vector<Datagram> waiting_;  // from the peer
    std::unique_ptr<DtlsRecordLayer> forger_;
};

}  // namespace cardea::testing
