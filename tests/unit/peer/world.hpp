// A hub, clients and an invented clock on a simulated network. Clients are written with the gateway's DTLS and SRTP (their own
// correctness is proven elsewhere, against libsrtp2 and browsers); their STUN and their judgement of what arrives are their own.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "peer/peer_hub.hpp"
#include "proto/dtls/dtls_transport.hpp"
#include "proto/rtp/packet_kind.hpp"
#include "proto/rtp/rtcp/rtcp_reader.hpp"
#include "proto/rtp/rtcp/rtcp_writer.hpp"
#include "proto/rtp/rtp_packet.hpp"
#include "proto/rtp/rtp_writer.hpp"
#include "stun_request.hpp"

namespace cardea::test {

struct ReceivedRtp {
    std::vector<std::uint8_t> bytes;
    RtpHeader header;
    [[nodiscard]] Bytes payload() const { return payload_of(bytes, header); }
};

class World;

class Client {
  public:
    Client(World& world, std::uint16_t port, PeerConfig config);

    void check(bool nominate = true);       // one ICE check from the present address
    void handshake();                       // checks, then DTLS until keys are there
    void send_rtp(const OutgoingRtp& packet, Bytes payload);
    void send_raw(Bytes datagram);
    void send_rtcp(const std::function<void(CompoundWriter&)>& write);
    void on_datagram(Bytes datagram);

    World& world;
    SocketAddress address;
    PeerConfig config;
    std::vector<ReceivedRtp> rtp;
    std::vector<std::vector<std::uint8_t>> rtcp;  // decrypted compounds
    int stun_replies = 0;
    std::unique_ptr<DtlsTransport> dtls;
    std::unique_ptr<SrtpIn> in;
    std::unique_ptr<SrtpOut> out;

    template <class T>
    [[nodiscard]] std::vector<T> rtcp_items() const {
        std::vector<T> found;
        for (const auto& compound : rtcp)
            EXPECT_TRUE(for_each_rtcp(compound, [&](const auto& item) {
                if constexpr (std::is_same_v<std::decay_t<decltype(item)>, T>) found.push_back(item);
            }).has_value());
        return found;
    }
};

class World : public DatagramOutput, public PeerObserver {
  public:
    explicit World(HubOptions options = {})
        : certificate{DtlsCertificate::generate(wall_now())}, context{certificate}, hub{options, context, *this, *this} {}

    // Before the hub goes, whoever holds packets lets go of them.
    ~World() override { hub.close_all(now, "end"); }

    Client& add_client(std::uint16_t port, PeerConfig config) {
        hub.open(now, config);
        clients.push_back(std::make_unique<Client>(*this, port, std::move(config)));
        by_address[clients.back()->address] = clients.back().get();
        return *clients.back();
    }
    void deliver(const SocketAddress& from, Bytes datagram) {
        auto packet = pool.take();
        std::copy(datagram.begin(), datagram.end(), packet->buffer.begin());
        packet->size = static_cast<std::uint16_t>(datagram.size());
        packet->arrival = now;
        hub.on_datagram(now, 0, from, packet);
        hub.run_handshakes(now, 16);
        hub.flush();
    }
    void run_for(Duration time) {
        const auto end = now + time;
        while (true) {
            const auto next = std::max(now, hub.next_timer());
            if (next > end) break;
            now = next;
            hub.on_timer(now);
            hub.flush();
        }
        now = end;
    }
    void send(std::span<const Datagram> datagrams) override {
        for (const auto& datagram : datagrams) {
            const auto found = by_address.find(datagram.path->remote);
            if (found == by_address.end()) continue;
            if (drop_downlink && drop_downlink(datagram.bytes)) continue;
            found->second->on_datagram(datagram.bytes);
        }
    }
    void on_webrtc_up(PeerId peer) override { up.push_back(peer); }
    void on_hangup(PeerId peer, const std::string& reason, const std::string& detail) override {
        hangups[peer] = reason;
        details[peer] = detail;
    }
    void on_media(PeerId, const MediaStateEvent& event) override { media.push_back(event); }
    void on_slow_link(PeerId, const SlowLinkEvent& event) override { slow_links.push_back(event); }

    [[nodiscard]] std::uint64_t drops(Drop reason) { return hub.statistics().drops.of(reason); }

    Instant now = instant_of_ns(1'000'000'000'000);
    PacketPool pool{4096};
    DtlsCertificate certificate;
    DtlsContext context;
    std::map<PeerId, std::string> hangups, details;
    std::vector<PeerId> up;
    std::vector<MediaStateEvent> media;
    std::vector<SlowLinkEvent> slow_links;
    std::unordered_map<SocketAddress, Client*> by_address;
    std::vector<std::unique_ptr<Client>> clients;
    std::function<bool(Bytes)> drop_downlink;
    PeerHub hub;
};

inline Client::Client(World& w, std::uint16_t port, PeerConfig c)
    : world{w}, address{*SocketAddress::parse("192.0.2.1", port)}, config{std::move(c)} {
    DtlsTransport::Config dtls_config{.role = DtlsRole::client, .remote = *Fingerprint::from("sha-256", world.certificate.sha256())};
    dtls = std::make_unique<DtlsTransport>(world.context, std::move(dtls_config));
}
inline void Client::check(bool nominate) {
    world.deliver(address, binding_request({.local_ufrag = config.local.ufrag, .remote_ufrag = config.remote.ufrag,
                                            .password = config.local.pwd, .nominate = nominate}));
}
inline void Client::handshake() {
    check();
    dtls->start(world.now);
    for (int turn = 0; turn < 20 && !in; ++turn) {
        std::vector<std::vector<std::uint8_t>> flight;
        while (const auto datagram = dtls->poll_transmit()) flight.emplace_back(datagram->begin(), datagram->end());
        for (const auto& datagram : flight) world.deliver(address, datagram);
        if (const auto* keys = dtls->connected(); keys != nullptr && !in) {
            in = std::make_unique<SrtpIn>(keys->remote);
            out = std::make_unique<SrtpOut>(keys->local);
        }
    }
    ASSERT_TRUE(in) << "DTLS did not finish";
}
inline void Client::send_rtp(const OutgoingRtp& packet, Bytes payload) {
    std::array<std::uint8_t, 1500> buffer{};
    const auto size = write_rtp(buffer, packet, payload);
    const auto sealed = out->protect_rtp(buffer, size);
    ASSERT_TRUE(sealed.has_value());
    world.deliver(address, Bytes{buffer}.first(*sealed));
}
inline void Client::send_raw(Bytes datagram) { world.deliver(address, datagram); }
inline void Client::send_rtcp(const std::function<void(CompoundWriter&)>& write) {
    std::array<std::uint8_t, 1500> buffer{};
    CompoundWriter writer{MutableBytes{buffer}.first(1400)};
    write(writer);
    const auto sealed = out->protect_rtcp(buffer, writer.size());
    ASSERT_TRUE(sealed.has_value());
    world.deliver(address, Bytes{buffer}.first(*sealed));
}
inline void Client::on_datagram(Bytes datagram) {
    std::vector<std::uint8_t> copy(datagram.begin(), datagram.end());
    switch (classify(datagram)) {
        case PacketKind::stun: ++stun_replies; break;
        case PacketKind::dtls: dtls->on_datagram(world.now, copy); break;
        case PacketKind::rtp: {
            if (!in) break;
            const auto size = in->unprotect_rtp(copy);
            ASSERT_TRUE(size.has_value()) << to_text(size.error());
            copy.resize(*size);
            const auto header = parse_rtp_header(copy);
            ASSERT_TRUE(header.has_value());
            rtp.push_back({std::move(copy), *header});
            break;
        }
        case PacketKind::rtcp: {
            if (!in) break;
            const auto size = in->unprotect_rtcp(copy);
            ASSERT_TRUE(size.has_value()) << to_text(size.error());
            copy.resize(*size);
            rtcp.push_back(std::move(copy));
            break;
        }
        case PacketKind::unknown: FAIL() << "the gateway sent something unknown";
    }
}

}  // namespace cardea::test
