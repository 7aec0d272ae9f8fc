// What is done to the numbers and headers of a packet: read, remembered, renumbered, written.
#pragma once

#include "common.hpp"
#include "media/packet.hpp"
#include "media/packet_store.hpp"
#include "media/picture_numbers.hpp"
#include "proto/rtp/nack_tracker.hpp"
#include "proto/rtp/reception_stats.hpp"
#include "proto/rtp/rewriter.hpp"
#include "proto/rtp/rtcp/rtcp_writer.hpp"
#include "proto/rtp/rtp_packet.hpp"
#include "proto/rtp/rtp_writer.hpp"
#include "proto/rtp/twcc_recorder.hpp"

namespace cardea::bench {

inline constexpr ExtensionIds kIds{.mid = 1, .audio_level = 2, .abs_send_time = 3, .transport_cc = 4};

// As Chromium sends audio: four extensions.
inline OutgoingRtp audio_packet(std::uint16_t sequence) {
    return {.ssrc = Ssrc{0x1001}, .payload_type = 111, .marker = false, .sequence = sequence, .timestamp = sequence * 960U,
            .extensions = {.mid = "0", .audio_level = AudioLevel{40, true}, .abs_send_time = 0x123456, .transport_sequence = sequence},
            .ids = kIds};
}

class RtpParse {
  public:
    static constexpr int kWarmUp = 16;
    RtpParse() : size_{write_rtp(bytes_, audio_packet(7), std::vector<std::uint8_t>(kAudioPayload))} {}
    std::size_t step() {
        const auto packet = Bytes{bytes_}.first(size_);
        const auto header = parse_rtp_header(packet);
        if (!header) return 0;
        return read_extensions(packet, *header, kIds).transport_sequence ? 1 : 0;
    }

  private:
    std::array<std::uint8_t, 256> bytes_{};
    std::size_t size_;
};

// The leg's own numbers and its header with mid and abs-send-time.
class HeaderRewrite {
  public:
    static constexpr int kWarmUp = 4096;
    std::size_t step() {
        ++sequence_;
        now_ += 10ms;
        const auto numbers = rewriter_.forward({.epoch = SourceEpoch{1}, .sequence = sequence_, .timestamp = timestamp_ += 900}, now_);
        if (!numbers) return 0;
        const OutgoingRtp out{.ssrc = Ssrc{0x2001}, .payload_type = 96, .marker = true, .sequence = numbers->sequence, .timestamp = numbers->timestamp,
                              .extensions = {.mid = "0", .abs_send_time = abs_send_time_of(now_)}, .ids = {.mid = 4, .abs_send_time = 5}};
        return write_rtp_header(room_, out) > 0 ? 1 : 0;
    }

  private:
    RtpRewriter rewriter_{{.sequence = 100, .timestamp = 5, .clock_rate = 90000}};
    std::array<std::uint8_t, 256> room_{};
    Instant now_ = kBegin;
    std::uint32_t timestamp_ = 0;
    std::uint16_t sequence_ = 0;
};

// Every second picture of VP8 is left out: number and picture id close up.
class HeaderRewriteOfHalf {
  public:
    static constexpr int kWarmUp = 4096;
    std::size_t step() {
        leave_out();
        return forward();
    }

  private:
    RtpRewriter::SourcePacket next() {
        ++sequence_;
        now_ += 16ms;
        payload_[2] = static_cast<std::uint8_t>(0x80U | (sequence_ >> 8U & 0x7fU));
        payload_[3] = static_cast<std::uint8_t>(sequence_);
        return {.epoch = SourceEpoch{1}, .sequence = sequence_, .timestamp = timestamp_ += 1500};
    }
    void leave_out() {
        const auto packet = next();
        pictures_.drop(packet.epoch, payload_);
        static_cast<void>(rewriter_.leave_out(packet, now_));
    }
    std::size_t forward() {
        const auto packet = next();
        if (!rewriter_.forward(packet, now_)) return 0;
        return pictures_.write_prefix(packet.epoch, payload_, room_) ? 1 : 0;
    }
    PictureNumbers pictures_{Codec::vp8};
    RtpRewriter rewriter_{{.sequence = 100, .timestamp = 5, .clock_rate = 90000}};
    // Descriptor with a 15-bit picture id and TL0PICIDX, then the first octets of an interframe.
    std::array<std::uint8_t, 16> payload_{0x90, 0xc0, 0x80, 0x00, 0x01, 0x01};
    std::array<std::uint8_t, 64> room_{};
    Instant now_ = kBegin;
    std::uint32_t timestamp_ = 0;
    std::uint16_t sequence_ = 0;
};

// A slot is taken, put into the full store, which gives the oldest back, and one of a round trip ago is looked up.
class StorePutAndFind {
  public:
    static constexpr int kWarmUp = 2048;
    std::size_t step() {
        auto packet = pool_.take();
        if (!packet) return 0;
        packet->header.sequence = ++sequence_;
        store_.put(packet);
        const auto found = store_.find(static_cast<std::uint16_t>(sequence_ - kBack));
        return found || sequence_ < kBack ? 1 : 0;
    }

  private:
    static constexpr std::uint16_t kBack = 40;
    PacketPool pool_{4096};
    PacketStore store_{512, 1s};
    std::uint16_t sequence_ = 0;
};

class NackTrackerInOrder {
  public:
    static constexpr int kWarmUp = 16;
    std::size_t step() {
        now_ += 1ms;
        return tracker_.on_packet(++sequence_, now_) == NackTracker::Arrival::newest ? 1 : 0;
    }

  private:
    NackTracker tracker_;
    Instant now_ = kBegin;
    std::uint16_t sequence_ = 0;
};

// Every twentieth packet is missing, asked for in a NACK, and comes ten packets later.
class NackTrackerWithLoss {
  public:
    static constexpr int kWarmUp = 400;
    std::size_t step() {
        now_ += 1ms;
        const auto place = ++sequence_ % 20U;
        if (place == 0) return 1;
        tracker_.on_packet(sequence_, now_);
        if (place == 5) return ask();
        if (place != 10) return 1;
        const auto recovered = tracker_.on_packet(static_cast<std::uint16_t>(sequence_ - 10U), now_);
        return recovered == NackTracker::Arrival::recovered || sequence_ < 20 || sequence_ > 65530 ? 1 : 0;
    }

  private:
    std::size_t ask() {
        std::array<std::uint16_t, 64> wanted{};
        const auto due = tracker_.poll_nacks(now_, 30ms, wanted);
        CompoundWriter writer{rtcp_};
        return writer.nack(Ssrc{1}, Ssrc{2}, due) == due.size() ? 1 : 0;
    }
    NackTracker tracker_;
    std::array<std::uint8_t, 256> rtcp_{};
    Instant now_ = kBegin;
    std::uint16_t sequence_ = 0;
};

class ReceptionStatistics {
  public:
    static constexpr int kWarmUp = 16;
    std::size_t step() {
        now_ += 10ms;
        stats_.on_packet({.sequence = ++sequence_, .timestamp = timestamp_ += 900, .size = kVideoPayload}, now_);
        return stats_.has_packets() ? 1 : 0;
    }

  private:
    ReceptionStats stats_{90000};
    Instant now_ = kBegin;
    std::uint32_t timestamp_ = 0;
    std::uint16_t sequence_ = 0;
};

// 100 packets a millisecond apart, one of them lost, and the feedback that tells of them.
class TransportFeedbackOf100 {
  public:
    static constexpr int kWarmUp = 50;
    std::size_t step() {
        for (int i = 0; i < 100; ++i) {
            now_ += 1ms;
            if (++sequence_ % 100 != 50) recorder_.on_packet(sequence_, now_);
        }
        std::size_t written = 0;
        while (const auto size = recorder_.build_feedback(now_ + 1ms, {.sender = Ssrc{1}, .media = Ssrc{2}}, rtcp_)) written += size;
        return written > 0 ? 100 : 0;
    }

  private:
    TwccRecorder recorder_;
    std::array<std::uint8_t, 1200> rtcp_{};
    Instant now_ = kBegin;
    std::uint16_t sequence_ = 0;
};

}  // namespace cardea::bench
