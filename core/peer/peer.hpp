// One peer connection on its worker: checked paths, DTLS, SRTP, what it sends (sources) and what it gets (sinks), its RTCP.
// Sans-IO; called by its hub only.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/timer_wheel.hpp"
#include "media/send_batch.hpp"
#include "media/sink.hpp"
#include "media/source.hpp"
#include "peer/bitrate_cap.hpp"
#include "peer/data_plane.hpp"
#include "peer/media_watch.hpp"
#include "peer/peer_config.hpp"
#include "peer/peer_statistics.hpp"
#include "peer/source_owner.hpp"
#include "proto/dtls/dtls_transport.hpp"
#include "proto/rtp/rtcp/rtcp_reader.hpp"
#include "proto/rtp/rtcp/rtcp_writer.hpp"
#include "proto/rtp/twcc_recorder.hpp"
#include "proto/srtp/srtp.hpp"

namespace cardea {

class PeerHub;

class Peer final : public SourceOwner, private LayersObserver {
  public:
    Peer(PeerHub& hub, PeerConfig config, Instant now);
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    [[nodiscard]] PeerId id() const noexcept { return config_.id; }
    void reconfigure(Instant now, PeerConfig config);

    // Our password for a user fragment of ours: the current one, or the one before an ICE restart until a check used the new one.
    [[nodiscard]] const std::string* password_of(std::string_view local_ufrag) const noexcept;
    [[nodiscard]] const IceCredentials& local() const noexcept { return config_.local; }
    [[nodiscard]] const std::optional<IceCredentials>& previous_local() const noexcept { return previous_local_; }

    // An authenticated check arrived on this path. False: no room for one more path.
    [[nodiscard]] bool on_check(Instant now, const Path& path, std::string_view local_ufrag, bool nominated);
    [[nodiscard]] const std::vector<Path>& paths() const noexcept { return path_list_; }
    [[nodiscard]] std::optional<Path> take_forgotten_path();  // made room for a newer one: the hub unmaps it

    [[nodiscard]] bool is_up() const noexcept { return srtp_out_ != nullptr; }  // DTLS is done

    // On a checked path only.
    void on_dtls(Instant now, const PacketRef& packet);
    void on_rtp(Instant now, const PacketRef& packet);
    void on_rtcp(Instant now, const PacketRef& packet);

    // SCTP for the client, in a datagram of DTLS.
    void send_data(Bytes packet);

    // Sets ending() when the peer is over.
    void on_timer(Instant now);
    struct Ending {
        std::string reason;  // in Janus' words
        std::string detail;  // for the log
    };
    [[nodiscard]] const std::optional<Ending>& ending() const noexcept { return ending_; }
    void say_goodbye(Instant now);  // RTCP BYE and DTLS close_notify

    void limit_bitrate(Instant now, std::uint64_t bits_per_second);
    void send_keyframe_requests(Instant now, Source& source) override;

  private:
    struct StreamRef {
        Ssrc ssrc{};
        Source* source = nullptr;
        Encoding* encoding = nullptr;
        bool is_rtx = false;
    };
    struct CheckedPath {
        Instant last_check{};
    };

    // peer.cpp
    void apply_media(Instant now, PeerConfig& config);
    void begin_dtls(Instant now);
    void poll_dtls(Instant now);
    void on_keys(Instant now, const DtlsConnected& keys);
    void take_data();
    void apply_data(const std::optional<DataConfig>& wanted);  // peer_data.cpp
    void begin_data();
    void end_data();
    void tell_progress(const PeerProgress& progress);
    void tell_statistics(Instant now);
    void end(std::string reason, std::string detail);  // the first reason stands
    void arm(Instant at);
    void check_consent(Instant now);
    [[nodiscard]] std::string missing_checks(Instant now) const;

    // peer_rtp.cpp
    [[nodiscard]] StreamRef* stream_of(const Packet& packet);
    [[nodiscard]] StreamRef* learn_stream(const Packet& packet);
    [[nodiscard]] Source* source_by_mid(std::string_view mid) noexcept;
    [[nodiscard]] Source* source_by_payload_type(std::uint8_t number) noexcept;
    [[nodiscard]] bool unwrap_rtx(const StreamRef& stream, Packet& packet) const noexcept;
    void note_arrival(const Source& source, Packet& packet);

    // peer_rtcp.cpp
    struct RtcpVisitor;
    void send_rtcp(Instant now, CompoundWriter& writer);
    void send_nacks(Instant now);
    void send_transport_feedback(Instant now);
    void send_reports(Instant now);
    void send_keyframe_request(Instant now, const Source& source, const Encoding& encoding);
    void on_layers(const LayersEvent& event) override;
    [[nodiscard]] Sink* sink_by_ssrc(Ssrc ssrc) noexcept;
    [[nodiscard]] Ssrc our_ssrc() const noexcept;

    PeerHub& hub_;
    PeerConfig config_;
    std::optional<IceCredentials> previous_local_;
    std::vector<Path> path_list_;
    std::vector<CheckedPath> path_states_;
    std::optional<Path> forgotten_path_;
    std::optional<std::size_t> selected_;  // index into path_list_
    Instant created_;
    Instant last_check_;

    std::unique_ptr<DtlsTransport> dtls_;
    std::vector<PacketRef> early_dtls_;  // from before the remote description
    std::unique_ptr<SrtpIn> srtp_in_;
    std::unique_ptr<SrtpOut> srtp_out_;
    LegTransport transport_;

    DataBudget data_budget_;
    bool data_begun_ = false;

    RemoteClock remote_clock_;
    std::vector<std::unique_ptr<Source>> sources_;
    std::vector<std::unique_ptr<Sink>> sinks_;
    std::vector<StreamRef> streams_;
    std::unique_ptr<TwccRecorder> twcc_;  // only of peers that send to us with transport-cc
    Ssrc twcc_media_{};
    Ssrc fallback_ssrc_;  // ours in RTCP when we send no media
    Duration round_trip_ = 100ms;
    BitrateCap cap_;
    MediaWatch watch_;
    std::unique_ptr<PeerStatistics> statistics_;  // only while somebody wants them
    Instant next_statistics_{};
    std::uint8_t fir_sequence_ = 0;

    Instant next_report_{};
    Instant next_nack_ = Instant::max();
    Instant next_timer_ = Instant::max();
    TimerWheel<Peer>::Timer timer_;
    bool in_timer_ = false;
    std::optional<Ending> ending_;
};

}  // namespace cardea
