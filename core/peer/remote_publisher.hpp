// A publisher of another gateway: its RTP arrives on a port of its own, all streams together, told apart by SSRC. What it sends are
// sources like those of a peer; requests and reports go back over a second port, to whoever has made itself known there.
// Sans-IO; owned by PlainRtp, one thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "media/packet.hpp"
#include "media/source.hpp"
#include "peer/data_plane.hpp"
#include "peer/remote_config.hpp"
#include "peer/source_owner.hpp"
#include "proto/rtp/remote_clock.hpp"
#include "proto/rtp/rtcp/rtcp_writer.hpp"
#include "proto/srtp/srtp.hpp"

namespace cardea {

class PeerHub;

class RemotePublisher final : public SourceOwner {
  public:
    struct Sockets {
        std::uint32_t rtp = 0;
        std::uint32_t rtcp = 0;
    };
    RemotePublisher(PeerHub& hub, RemoteConfig config, Sockets sockets, Instant now);
    ~RemotePublisher();

    [[nodiscard]] RemoteId id() const noexcept { return config_.id; }
    [[nodiscard]] const Sockets& sockets() const noexcept { return sockets_; }
    void reconfigure(std::vector<SourceConfig> sources);

    // From any address: whether it is the sender's is judged here.
    void on_datagram(Instant now, std::uint32_t socket, const SocketAddress& from, const PacketRef& packet);
    void on_timer(Instant now);
    [[nodiscard]] Instant next_timer() const noexcept { return next_timer_; }
    void send_keyframe_requests(Instant now, Source& source) override;

    struct Counters {
        std::uint64_t packets = 0;  // media that was taken
        std::uint64_t refused = 0;  // datagrams of others than the sender
    };
    [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

  private:
    struct RtcpVisitor;
    struct Stream {
        Ssrc ssrc{};
        Source* source = nullptr;
        Encoding* encoding = nullptr;
        SourceId data{};  // set: messages of data channels, and no media
    };

    [[nodiscard]] bool may_send(Instant now, const SocketAddress& from) const;
    [[nodiscard]] bool may_answer(const SocketAddress& from) const;
    void on_rtp(Instant now, const SocketAddress& from, const PacketRef& packet);
    void on_data(const Stream& stream, const Packet& packet);
    void reconfigure_data(const std::vector<SourceConfig>& wanted);
    void on_rtcp_port(Instant now, const SocketAddress& from, const PacketRef& packet);
    void on_reports(Instant now, const PacketRef& packet);
    void take_sender(Instant now, const SocketAddress& from);
    [[nodiscard]] const Stream* stream_of(Ssrc ssrc) const noexcept;

    void send_rtcp(CompoundWriter& writer);
    void send_keyframe_request(const Encoding& encoding);
    void send_nacks(Instant now);
    void send_reports(Instant now);
    void arm(Instant at);

    PeerHub& hub_;
    RemoteConfig config_;
    Sockets sockets_;
    RemoteClock remote_clock_;
    std::vector<std::unique_ptr<Source>> sources_;
    std::vector<Stream> streams_;
    std::vector<SourceId> data_sources_;
    DataBudget data_budget_;
    Counters counters_;
    std::optional<SocketAddress> sender_;  // of the RTP
    Instant last_packet_{};
    std::optional<SocketAddress> feedback_;  // where requests and reports go
    std::optional<SrtpIn> srtp_in_;
    std::optional<SrtpOut> srtp_out_;
    bool sender_speaks_srtcp_ = false;
    Ssrc our_ssrc_;
    Instant next_report_;
    Instant next_nack_ = Instant::max();
    Instant next_timer_ = Instant::max();
};

}  // namespace cardea
