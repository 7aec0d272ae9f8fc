// DTLS: a sequence of datagrams (each behind a 16-bit length) to a fresh server or client, with timeouts in between.
// Nobody without the private key of the fingerprint ever gets keys.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "proto/dtls/dtls_transport.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cardea;
    static DtlsContext context{DtlsCertificate::generate(WallTime{} + std::chrono::hours{24 * 20000})};
    if (size == 0) return 0;
    Fingerprint stranger;
    stranger.value.assign(32, 0x77);
    const auto role = (data[0] & 1U) != 0 ? DtlsRole::client : DtlsRole::server;
    DtlsTransport transport{context, {.role = role, .remote = stranger}};
    auto now = instant_of_ns(1);
    transport.start(now);
    ByteReader reader{Bytes{data, size}.subspan(1)};
    while (reader.left() > 2) {
        const std::size_t wanted = reader.be<std::uint16_t>();
        const auto datagram = reader.take(std::min(wanted, reader.left()));
        transport.on_datagram(now, datagram);
        while (const auto sent = transport.poll_transmit())
            if (sent->size() > DtlsTransport::kMtu) __builtin_trap();
        if (transport.connected() != nullptr) __builtin_trap();
        now += 3s;
        transport.on_timeout(now);
    }
    transport.close();
    return 0;
}
