// Watches what OpenSSL sends in a handshake, so that DtlsRecordLayer can go on where it stopped and repeat its last flight.
#pragma once

#include <vector>

#include "base/bytes.hpp"
#include "proto/dtls/record_layer.hpp"

namespace cardea {

class SentRecords {
  public:
    void on_datagram(Bytes datagram);

    // None: nothing was sent under the new keys, so the handshake is not done.
    [[nodiscard]] std::optional<DtlsSent> protected_ones() const noexcept { return protected_; }
    // ChangeCipherSpec and what came after it; records say where they end, so that it may travel in one datagram. A server's is the last
    // of the handshake: no answer comes, and a client that repeats its own has not got it (RFC 6347 section 4.2.4).
    [[nodiscard]] Bytes last_flight() const noexcept { return last_flight_; }

  private:
    std::optional<DtlsSent> protected_;
    std::vector<std::uint8_t> last_flight_;
};

}  // namespace cardea
