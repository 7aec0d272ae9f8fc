#include "dtls_pair.hpp"

#include <algorithm>

#include "support/openssl_clock.hpp"

namespace cardea::testing {

DtlsPair::DtlsPair(const DtlsOptions& client_options, const DtlsOptions& server_options) : client{client_options}, server{server_options} {
    set_time(now);
    client.connect_to(server, DtlsRole::client);
    server.connect_to(client, DtlsRole::server);
}

void DtlsPair::set_time(Instant to) {
    now = to;
    set_openssl_time(now);
}

void DtlsPair::start() {
    server.transport->start(now);
    client.transport->start(now);
}

bool DtlsPair::move(Side from) {
    auto& sender = from == Side::client ? client : server;
    auto& receiver = from == Side::client ? server : client;
    const auto datagrams = sender.drain();
    for (const auto& datagram : datagrams) {
        largest = std::max(largest, datagram.size());
        for (const auto& delivered : network(from, sent++, datagram)) receiver.transport->on_datagram(now, delivered);
    }
    return !datagrams.empty();
}

void DtlsPair::exchange() {
    for (bool moved = true; moved;) {
        moved = move(Side::client);
        moved = move(Side::server) || moved;
    }
}

void DtlsPair::run_for(Duration time) {
    const auto end = now + time;
    exchange();
    for (;;) {
        const auto next = std::min(client.transport->next_timeout(), server.transport->next_timeout());
        if (next > end) break;
        set_time(next);
        if (client.transport->next_timeout() <= now) client.transport->on_timeout(now);
        if (server.transport->next_timeout() <= now) server.transport->on_timeout(now);
        exchange();
    }
    set_time(end);
}

std::vector<Datagram> records_of(const Datagram& datagram) {
    std::vector<Datagram> records;
    ByteReader reader{datagram};
    while (reader.left() > 0) {
        const auto begin = datagram.size() - reader.left();
        reader.skip(11);
        const std::size_t size = reader.be<std::uint16_t>();
        reader.skip(size);
        const auto from = datagram.begin() + static_cast<std::ptrdiff_t>(begin);
        records.emplace_back(from, from + static_cast<std::ptrdiff_t>(13 + size));
    }
    return records;
}

}  // namespace cardea::testing
