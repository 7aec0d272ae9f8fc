// One leg: what the gateway sends to a peer on one m-line. Gives every packet the receiver's own numbers, header extensions and
// encryption, and answers its NACKs from the source's store. Lives on the worker of its peer; one thread.
#pragma once

#include <cstdint>

#include "base/clock.hpp"
#include "media/packet.hpp"
#include "media/send_batch.hpp"
#include "peer/peer_config.hpp"
#include "proto/rtp/rewriter.hpp"
#include "proto/rtp/rtp_rollover.hpp"
#include "proto/rtp/rtp_writer.hpp"
#include "proto/rtp/sender_stats.hpp"
#include "proto/srtp/srtp.hpp"

namespace cardea {

class Source;

// The way to a peer, shared by all its legs.
struct LegTransport {
    SrtpOut* srtp = nullptr;  // null until DTLS is done
    Path path;
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
};

// RFC 4588 retransmissions of a leg may use a fifth of what it sends, in bursts of ten at least.
class RetransmissionBudget {
  public:
    void on_sent(std::size_t size) noexcept { bytes_ = std::min<std::uint64_t>(bytes_ + size / 5, kBurst); }
    [[nodiscard]] bool take(std::size_t size) noexcept {
        if (bytes_ < size) return false;
        bytes_ -= size;
        return true;
    }

  private:
    static constexpr std::uint64_t kBurst = 64 * 1200;
    std::uint64_t bytes_ = 10 * 1200;
};

class Sink {
  public:
    Sink(SinkConfig config, LegTransport& transport);
    ~Sink();
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;

    void reconfigure(SinkConfig config);
    [[nodiscard]] SinkId id() const noexcept { return config_.id; }
    [[nodiscard]] const SendTrack& track() const noexcept { return config_.track; }

    // Feeds this leg from now on; null: nothing does.
    void connect(Source* source);
    void source_gone() noexcept { source_ = nullptr; }  // called by the source as it ends
    [[nodiscard]] Source* source() const noexcept { return source_; }
    void set_active(bool active) noexcept;  // the plugin's wish; the m-line's direction counts too
    [[nodiscard]] bool is_sending() const noexcept {
        return wanted_ && config_.active && source_ != nullptr && transport_.srtp != nullptr;
    }

    void forward(Instant now, const Packet& packet, SendBatch& batch);
    enum class Retransmission : std::uint8_t { sent, unknown, over_budget };
    Retransmission retransmit(Instant now, std::uint16_t sequence, SendBatch& batch);

    [[nodiscard]] const SenderStats& stats() const noexcept { return stats_; }
    // The outgoing RTP timestamp that belongs to now, for the sender report.
    [[nodiscard]] std::uint32_t timestamp_at(Instant now) const noexcept;
    // As the receiver's last report block said, and how many packets it has asked for again.
    std::int64_t reported_lost = 0;
    std::uint32_t reported_jitter = 0;  // timestamp units
    std::uint64_t nacks_received = 0;

  private:
    void send(const OutgoingRtp& out, Bytes payload, std::uint32_t roc, SendBatch& batch);
    [[nodiscard]] bool has_rtx() const noexcept { return config_.track.payload_type.rtx && config_.track.rtx_ssrc.is_set(); }
    [[nodiscard]] OutgoingRtp outgoing(Instant now, const Packet& packet, std::uint16_t sequence, std::uint32_t timestamp) const noexcept;

    SinkConfig config_;
    LegTransport& transport_;
    Source* source_ = nullptr;
    // A retransmission under the same sequence number reuses an SRTP nonce, so it must be the same packet to the bit: not one from
    // before this number, when the header was written differently (RFC 7714 section 8.1).
    std::uint16_t plain_retransmission_floor_ = 0;
    bool has_floor_ = false;
    SourceEpoch epoch_{};
    std::uint32_t source_switches_ = 0;    // Source::forwarded_epoch() that epoch_ stands for
    bool wanted_ = true;
    RtpRewriter rewriter_;
    RtpRollover rollover_;
    RtpRollover rtx_rollover_;
    std::uint16_t rtx_sequence_;
    RetransmissionBudget budget_;
    SenderStats stats_;
};

}  // namespace cardea
