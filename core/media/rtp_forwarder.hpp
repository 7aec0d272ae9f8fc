// One stream of a source to an address outside of any peer connection, as plain RTP or SRTP: to a recorder, a transcoder, another
// gateway. Numbers packets itself, so that the receiver sees one stream over pauses, new SSRCs and changes of encoding; sends
// reports, and answers NACKs from the source's store. Lives on the worker of its source; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "media/forward_config.hpp"
#include "media/picture_numbers.hpp"
#include "media/send_batch.hpp"
#include "media/sink.hpp"
#include "media/source_tap.hpp"
#include "proto/rtp/rewriter.hpp"
#include "proto/rtp/rtp_rollover.hpp"
#include "proto/rtp/rtp_writer.hpp"
#include "proto/rtp/sender_stats.hpp"
#include "proto/srtp/srtp.hpp"

namespace cardea {

class RtpForwarder final : public SourceTap {
  public:
    RtpForwarder(ForwardConfig config, Source& source, SrtpBackend backend);
    ~RtpForwarder() override;

    [[nodiscard]] const ForwardConfig& config() const noexcept { return config_; }
    [[nodiscard]] Ssrc ssrc() const noexcept { return ssrc_; }
    [[nodiscard]] Source* source() const noexcept { return source_; }  // null: it has ended
    [[nodiscard]] bool is_video() const noexcept { return send_class_ == SendClass::video; }
    [[nodiscard]] Path feedback_path() const noexcept { return {config_.socket, config_.rtcp}; }

    void on_packet(Instant now, Source& source, Encoding& encoding, const PacketRef& packet, SendBatch& batch) override;
    void on_source_gone() noexcept override { source_ = nullptr; }

    // Opens the way for feedback through a receiver that answers to where packets come from. Its content means nothing.
    void latch(SendBatch& batch) const;
    // A sender report; nothing before the first packet.
    void report(Instant now, SendBatch& batch);

    // RTCP from the announced address, decrypted in place. A receiver with SRTP may answer in plain RTCP, as Janus does.
    struct Feedback {
        bool keyframe_wanted = false;
        bool names_us = false;  // by our SSRC
        std::uint64_t retransmitted = 0;
    };
    [[nodiscard]] std::optional<Feedback> on_rtcp(Instant now, MutableBytes compound, SendBatch& batch);

    [[nodiscard]] const SenderStats& stats() const noexcept { return stats_; }

  private:
    struct Visitor;
    [[nodiscard]] bool follows(Instant now, const Source& source, const Encoding& encoding) noexcept;
    void send(const OutgoingRtp& out, SourceEpoch epoch, Bytes payload, SendBatch& batch);
    [[nodiscard]] OutgoingRtp outgoing(const Packet& packet, SourceEpoch epoch, std::uint16_t sequence, std::uint32_t timestamp) noexcept;
    [[nodiscard]] bool retransmit(std::uint16_t sequence, SendBatch& batch);
    [[nodiscard]] std::uint32_t timestamp_at(Instant now) const noexcept;

    ForwardConfig config_;
    Source* source_;
    Encoding* encoding_ = nullptr;  // being forwarded
    SendClass send_class_;
    Codec codec_;
    ExtensionIds ids_;  // of the source when forwarding began: the receiver was told those
    Ssrc ssrc_;
    SourceEpoch epoch_{};
    RtpRewriter rewriter_;
    RtpRollover rollover_;
    std::unique_ptr<PictureNumbers> pictures_;  // of video whose encoding may change
    RetransmissionBudget budget_;
    SenderStats stats_;
    std::optional<SrtpOut> srtp_out_;
    std::optional<SrtpIn> srtp_in_;  // of the receiver's feedback
};

}  // namespace cardea
