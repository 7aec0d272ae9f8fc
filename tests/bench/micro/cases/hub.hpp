// A worker's hub with peers that came up by checks and DTLS: whole ways of a datagram through the gateway, from classification to the
// send batch.
#pragma once

#include "common.hpp"
#include "unit/peer/peers.hpp"

namespace cardea::bench {

inline PayloadType hub_payload_type() {
    PayloadType type{.number = 96, .codec = Codec::vp8, .clock_rate = 90000, .channels = 1, .fmtp = {}, .rtx = 97};
    type.nack = type.pli = type.transport_cc = true;
    return type;
}

// A hub with peers that have checked their paths, and a packet of media.
class CheckedPeers {
  public:
    explicit CheckedPeers(std::size_t peers) {
        for (std::size_t i = 0; i < peers; ++i) {
            auto& client = world_.add_client(static_cast<std::uint16_t>(2000 + i), test::peer_config(1 + i, world_));
            client.check();
            paths_.push_back(client.address);
        }
        packet_ = world_.pool.take();
        packet_->size = 1200;
        packet_->buffer[0] = 0x80;
        packet_->buffer[1] = 96;
    }
    // Gives how often the packet was thrown away for this reason.
    std::size_t receive(const SocketAddress& from, Drop expected) {
        const auto before = world_.drops(expected);
        world_.hub.on_datagram(world_.now, 0, from, packet_);
        return world_.drops(expected) - before;
    }
    [[nodiscard]] const std::vector<SocketAddress>& paths() const noexcept { return paths_; }

  private:
    test::World world_;
    std::vector<SocketAddress> paths_;
    PacketRef packet_;
};

// Without DTLS media of a known path is found by it and thrown away, so what is left is the way to the peer.
class PathLookup {
  public:
    static constexpr int kWarmUp = 64;
    explicit PathLookup(std::size_t peers) : peers_{peers} {}
    std::size_t step() {
        next_ = (next_ + 1) % peers_.paths().size();
        return peers_.receive(peers_.paths()[next_], Drop::no_keys);
    }

  private:
    CheckedPeers peers_;
    std::size_t next_ = 0;
};

// From an address that no check has confirmed: what a flood costs.
class UnknownPath {
  public:
    static constexpr int kWarmUp = 64;
    explicit UnknownPath(std::size_t peers) : peers_{peers} {}
    std::size_t step() { return peers_.receive(from_, Drop::unchecked_path); }

  private:
    CheckedPeers peers_;
    SocketAddress from_ = *SocketAddress::parse("203.0.113.9", 9);
};

// A connectivity check: found by user name, authenticated, answered.
class StunCheck {
  public:
    static constexpr int kWarmUp = 64;
    StunCheck() : client_{world_.add_client(2000, test::peer_config(1, world_))} {
        world_.drop_downlink = [](Bytes) { return true; };
        const auto request = test::binding_request({.local_ufrag = client_.config.local.ufrag, .remote_ufrag = client_.config.remote.ufrag,
                                                    .password = client_.config.local.pwd});
        packet_ = world_.pool.take();
        std::copy(request.begin(), request.end(), packet_->buffer.begin());
        packet_->size = static_cast<std::uint16_t>(request.size());
    }
    std::size_t step() {
        world_.hub.on_datagram(world_.now, 0, client_.address, packet_);
        if (world_.hub.statistics().drops.of(Drop::stun_unauthentic) != 0) return 0;
        world_.hub.flush();
        return 1;
    }

  private:
    test::World world_;
    test::Client& client_;
    PacketRef packet_;
};

// Its parts: the framing that is looked over before anything is computed, and the answer.
class StunPeek {
  public:
    static constexpr int kWarmUp = 16;
    StunPeek() : request_{test::binding_request({.local_ufrag = "gate", .remote_ufrag = "clnt", .password = "gatewaypasswordoflength22"})} {}
    std::size_t step() {
        const auto names = StunServer::peek_username(request_);
        return names && names->local_ufrag.size() == 4 ? 1 : 0;
    }

  private:
    std::vector<std::uint8_t> request_;
};

// Peers that are up and silent: nothing but timers, a second of them. They came one after the other, so that each has its own time.
class IdlePeers {
  public:
    static constexpr int kWarmUp = 4;
    explicit IdlePeers(std::size_t peers) : peers_{peers} {
        for (std::size_t i = 0; i < peers; ++i) {
            auto& client = world_.add_client(static_cast<std::uint16_t>(2000 + i), test::peer_config(1 + i, world_));
            client.handshake();
            client.dtls.reset();  // as large as the gateway's
            world_.now = kBegin + 1s * (i + 1) / peers;
        }
        world_.drop_downlink = [](Bytes) { return true; };
    }
    std::size_t step() {
        world_.run_for(1s);
        return world_.hangups.empty() ? peers_ : 0;
    }

  private:
    test::World world_{HubOptions{.consent_timeout = std::chrono::hours{100'000}}};
    std::size_t peers_;
};

// A whole call: a publisher's datagrams through SRTP, statistics, loss recovery and congestion feedback to its subscribers' datagrams.
// With each frame of five packets the timers run, for reports, feedback and NACKs, and a subscriber asks for a packet again. What the
// clients themselves encrypt is in the cost.
class Call {
  public:
    static constexpr int kWarmUp = 4096;
    static constexpr int kSecond = 1000;  // steps
    struct Shape {
        std::size_t subscribers = 1;
        unsigned lost_every = 0;  // one packet of so many is lost and sent again; 0: none
    };
    explicit Call(const Shape& shape) : shape_{shape}, publisher_{world_.add_client(5000, publisher())} {
        publisher_.handshake();
        for (std::size_t i = 0; i < shape.subscribers; ++i) {
            world_.add_client(static_cast<std::uint16_t>(5001 + i), subscriber(i)).handshake();
            world_.hub.route(world_.now, SinkId{100 + i}, SourceId{7});
        }
        world_.hub.flush();
        // What the gateway sends is looked at and not decrypted.
        world_.drop_downlink = [this](Bytes datagram) {
            on_sent(datagram);
            return true;
        };
    }
    std::size_t step() {
        const auto before = sent_;
        world_.now += 1ms;
        ++index_;
        if (is_lost(index_)) return 1;
        send(index_);
        if (is_lost(index_ - 20)) send(index_ - 20);
        if (index_ % 5 != 0) return 1;
        ask_again();
        world_.hub.on_timer(world_.now);
        world_.hub.flush();
        return sent_ > before ? 1 : 0;
    }

    [[nodiscard]] const HubStatistics& statistics() noexcept { return world_.hub.statistics(); }

  private:
    [[nodiscard]] bool is_lost(std::uint32_t index) const noexcept { return shape_.lost_every != 0 && index % shape_.lost_every == 7; }
    PeerConfig publisher() const {
        auto config = test::peer_config(1, world_);
        ReceiveTrack track{.mid = "0", .mindex = 0, .kind = MediaKind::video, .payload_types = {hub_payload_type()},
                           .extensions = {.mid = 1, .transport_cc = 3}, .encodings = {{.rid = {}, .ssrc = Ssrc{0x1001}, .rtx_ssrc = Ssrc{0x1002}}}};
        config.sources.push_back({SourceId{7}, track});
        return config;
    }
    PeerConfig subscriber(std::size_t i) const {
        auto config = test::peer_config(2 + i, world_);
        SendTrack track{.mid = "0", .mindex = 0, .kind = MediaKind::video, .payload_type = hub_payload_type(), .extensions = {.mid = 4, .abs_send_time = 5},
                        .ssrc = Ssrc{static_cast<std::uint32_t>(0x2000 + 2 * i)}, .rtx_ssrc = Ssrc{static_cast<std::uint32_t>(0x2001 + 2 * i)}, .cname = "cname"};
        config.sinks.push_back({SinkId{100 + i}, track, true});
        return config;
    }
    void on_sent(Bytes datagram) {
        if (classify(datagram) != PacketKind::rtp) return;
        ++sent_;
        const auto header = parse_rtp_header(datagram);
        if (header && header->ssrc == Ssrc{0x2000}) last_of_first_leg_ = header->sequence;
    }
    void ask_again() {
        auto packet = world_.pool.take();
        CompoundWriter writer{MutableBytes{packet->buffer}.first(1200)};
        const std::array<ReportBlock, 1> blocks{{{.ssrc = Ssrc{0x2000}, .highest_sequence = last_of_first_leg_}}};
        const std::array<std::uint16_t, 1> missing{static_cast<std::uint16_t>(last_of_first_leg_ - 3U)};
        writer.receiver_report(Ssrc{9}, blocks);
        writer.nack(Ssrc{9}, Ssrc{0x2000}, missing);
        auto& subscriber = *world_.clients[1];
        packet->size = static_cast<std::uint16_t>(subscriber.out->protect_rtcp(packet->buffer, writer.size()).value_or(0));
        packet->arrival = world_.now;
        world_.hub.on_datagram(world_.now, 0, subscriber.address, packet);
    }
    void send(std::uint32_t index) {
        auto packet = world_.pool.take();
        const auto sequence = static_cast<std::uint16_t>(index);
        const auto size = write_rtp(packet->buffer,
                                    {.ssrc = Ssrc{0x1001}, .payload_type = 96, .marker = index % 5 == 4, .sequence = sequence, .timestamp = index / 5 * 3000U,
                                     .extensions = {.mid = "0", .transport_sequence = sequence}, .ids = {.mid = 1, .transport_cc = 3}},
                                    payload_of(index));
        packet->size = static_cast<std::uint16_t>(publisher_.out->protect_rtp(packet->buffer, size).value_or(0));
        packet->arrival = world_.now;
        world_.hub.on_datagram(world_.now, 0, publisher_.address, packet);
    }
    Bytes payload_of(std::uint32_t index) noexcept {
        payload_[0] = index % 5 == 0 ? 0x90 : 0x80;
        payload_[4] = index < 5 ? 0x00 : 0x01;
        payload_[2] = static_cast<std::uint8_t>(0x80U | (index / 5 >> 8U & 0x7fU));
        payload_[3] = static_cast<std::uint8_t>(index / 5);
        return payload_;
    }

    Shape shape_;
    std::size_t sent_ = 0;
    std::uint16_t last_of_first_leg_ = 0;
    test::World world_{HubOptions{.consent_timeout = std::chrono::hours{100'000}}};  // nobody checks again
    test::Client& publisher_;
    std::vector<std::uint8_t> payload_ = [] {
        std::vector<std::uint8_t> bytes(kVideoPayload, 0x5a);
        bytes[1] = 0x80;
        return bytes;
    }();
    std::uint32_t index_ = 0;
};

}  // namespace cardea::bench
