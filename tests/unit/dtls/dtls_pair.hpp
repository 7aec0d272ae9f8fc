// Two transports, a network between them that a test may bend, and invented time.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "proto/dtls/dtls_transport.hpp"

namespace cardea::testing {

using Datagram = std::vector<std::uint8_t>;
enum class Side : std::uint8_t { client, server };

struct DtlsEnd {
    explicit DtlsEnd(const DtlsOptions& options = {}) : context{DtlsCertificate::generate(WallTime{} + std::chrono::hours{24 * 20000}), options} {}
    void connect_to(const DtlsEnd& other, DtlsRole role) {
        connect(role, other.context.certificate().fingerprint(FingerprintHash::sha256));
    }
    void connect(DtlsRole role, Fingerprint remote) {
        transport = std::make_unique<DtlsTransport>(context, DtlsTransport::Config{.role = role, .remote = std::move(remote)});
    }
    [[nodiscard]] std::vector<Datagram> drain() {
        std::vector<Datagram> sent;
        while (const auto datagram = transport->poll_transmit()) sent.emplace_back(datagram->begin(), datagram->end());
        return sent;
    }
    [[nodiscard]] const DtlsFailed* failed() const { return std::get_if<DtlsFailed>(&transport->state()); }
    [[nodiscard]] bool is_closed() const { return std::holds_alternative<DtlsClosed>(transport->state()); }

    DtlsContext context;
    std::unique_ptr<DtlsTransport> transport;
};

class DtlsPair {
  public:
    // Given each datagram with its number; what it gives back is delivered, in that order.
    using Network = std::function<std::vector<Datagram>(Side from, std::size_t number, Datagram datagram)>;

    explicit DtlsPair(const DtlsOptions& client_options = {}, const DtlsOptions& server_options = {});
    void start();                // no datagram moves yet
    void exchange();             // until nobody has anything to send; time stands still
    void run_for(Duration time); // timers fire, datagrams move
    [[nodiscard]] bool connected() const { return client.transport->connected() != nullptr && server.transport->connected() != nullptr; }

    DtlsEnd client;
    DtlsEnd server;
    Network network = [](Side, std::size_t, Datagram datagram) { return std::vector<Datagram>{std::move(datagram)}; };
    Instant now = instant_of_ns(5'000'000'000);
    std::size_t sent = 0;      // datagrams so far
    std::size_t largest = 0;   // of them

  private:
    bool move(Side from);
    void set_time(Instant to);
};

// Splits a datagram into its records: 13 bytes of header and the length found there.
[[nodiscard]] std::vector<Datagram> records_of(const Datagram& datagram);

}  // namespace cardea::testing
