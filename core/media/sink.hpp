// One leg: what the gateway sends to a peer on one m-line. Gives every packet the receiver's own numbers, header extensions and
// encryption, and answers its NACKs from the source's store. Lives on the worker of its peer; one thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "media/encoding_choice.hpp"
#include "media/layer_filter.hpp"
#include "media/packet.hpp"
#include "media/picture_numbers.hpp"
#include "media/send_batch.hpp"
#include "media/sent_marks.hpp"
#include "media/video_shedding.hpp"
#include "peer/layers.hpp"
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
    LayersObserver* observer = nullptr;  // hears when a leg has switched
    VideoShedding* shedding = nullptr;   // of the worker; null: it never has to
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
    // Numbers of routes only grow; false: this one is older than the last.
    [[nodiscard]] bool take_route(std::uint64_t order) noexcept {
        if (order < route_order_) return false;
        route_order_ = order;
        return true;
    }
    void source_gone() noexcept;  // called by the source as it ends
    [[nodiscard]] Source* source() const noexcept { return source_; }
    void pause() noexcept { paused_ = true; }  // what comes meanwhile is never sent, not even if it is asked for
    void set_active(bool active) noexcept;  // the plugin's wish; the m-line's direction counts too
    [[nodiscard]] bool is_sending() const noexcept {
        return wanted_ && config_.active && source_ != nullptr && transport_.srtp != nullptr;
    }

    // Upper bounds, kept over changes of the source.
    void set_layers(const LayerWish& wish) noexcept;
    // What the receiver is told; none: what the source says.
    void set_playout_delay(std::optional<PlayoutDelay> delay) noexcept;
    // Of the encoding this leg gets, and of the one it should get.
    void want_keyframe(Instant now) noexcept;
    // Called by the source now and then while encodings arrive.
    void review(Instant now) noexcept;

    void forward(Instant now, Encoding& encoding, const Packet& packet, SendBatch& batch);
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
    // Encodings of the last epochs: a retransmission may belong to one that is over.
    class Epochs {
      public:
        void put(SourceEpoch epoch, Encoding* encoding) noexcept { entries_[epoch.value % entries_.size()] = {epoch, encoding}; }
        [[nodiscard]] Encoding* find(SourceEpoch epoch) const noexcept {
            const auto& entry = entries_[epoch.value % entries_.size()];
            return entry.epoch == epoch ? entry.encoding : nullptr;
        }
        void clear() noexcept { entries_ = {}; }

      private:
        struct Entry {
            SourceEpoch epoch{};
            Encoding* encoding = nullptr;
        };
        std::array<Entry, 8> entries_{};
    };
    // As last told to the observer; -1: nothing yet.
    struct Reached {
        std::int8_t substream = -1;
        std::int8_t spatial = -1;
        std::int8_t temporal = -1;
        friend bool operator==(const Reached&, const Reached&) = default;
    };

    // sink_layers.cpp
    [[nodiscard]] bool may_begin(Instant now, const Encoding& arrived) const noexcept;
    void begin(Instant now, Encoding& encoding) noexcept;
    void catch_up(Instant now, const Packet& first, SendBatch& batch);
    void wait_for_layer(Instant now) noexcept;
    void tell_layers(const LayerTag& tag);
    [[nodiscard]] bool is_spared() const noexcept { return transport_.shedding != nullptr && transport_.shedding->rests(place_); }
    [[nodiscard]] bool rests(Instant now, const Encoding& arrived, const Packet& packet) noexcept;
    void aim(bool base_only) noexcept;

    // sink.cpp
    void relay(Instant now, const Packet& packet, SendBatch& batch);
    void leave_out(Instant now, const Packet& packet, SendBatch& batch);
    void pad(Instant now, const Packet& packet, const RtpRewriter::Numbers& numbers, SendBatch& batch);
    void send(const OutgoingRtp& out, SourceEpoch epoch, Bytes payload, SendBatch& batch);
    [[nodiscard]] Retransmission send_again(const OutgoingRtp& out, SourceEpoch epoch, Bytes payload, SendBatch& batch);
    void commit(std::size_t size, SendBatch& batch);
    [[nodiscard]] bool has_rtx() const noexcept { return config_.track.payload_type.rtx && config_.track.rtx_ssrc.is_set(); }
    [[nodiscard]] OutgoingRtp outgoing(Instant now, const Packet& packet, SourceEpoch epoch, std::uint16_t sequence,
                                       std::uint32_t timestamp) noexcept;
    [[nodiscard]] RtpRewriter::SourcePacket numbers_of(const Packet& packet) const noexcept;
    [[nodiscard]] SentMarks& marks();
    void set_plain_retransmission_floor() noexcept;

    SinkConfig config_;
    LegTransport& transport_;
    Source* source_ = nullptr;
    std::uint64_t route_order_ = 0;
    // A retransmission under the same sequence number reuses an SRTP nonce, so it must be the same packet to the bit: not one from
    // before this number, when the header was written differently (RFC 7714 section 8.1).
    std::uint16_t plain_retransmission_floor_ = 0;
    bool has_floor_ = false;
    SourceEpoch epoch_{};
    Encoding* encoding_ = nullptr;  // that is forwarded
    Epochs epochs_;
    std::optional<std::uint32_t> epoch_offset_;  // of timestamps, for the first packet of an epoch
    EncodingWish encoding_wish_;
    LayerCap layer_wish_;
    LayerFilter filter_;
    Instant waiting_since_{};
    LayerFilter::Waiting waiting_ = LayerFilter::Waiting::no;
    bool layers_wished_ = false;
    bool base_only_ = false;  // because the worker is late
    bool resting_ = false;    // likewise; until the next keyframe
    std::uint8_t place_;      // of the shedding
    Reached reached_;
    std::unique_ptr<PictureNumbers> pictures_;  // of video
    std::unique_ptr<SentMarks> marks_;          // once a layer has been left out
    std::optional<PlayoutDelay> playout_delay_;
    bool wanted_ = true;
    bool paused_ = false;  // until the next packet that is sent: an epoch begins there
    RtpRewriter rewriter_;
    RtpRollover rollover_;
    RtpRollover rtx_rollover_;
    std::uint16_t rtx_sequence_;
    RetransmissionBudget budget_;
    SenderStats stats_;
};

}  // namespace cardea
