// One source and its legs through the classes of the media plane: Source, Sink, SendBatch. What arrives is decrypted and parsed already.
#pragma once

#include <memory>
#include <utility>

#include "common.hpp"
#include "media/sink.hpp"
#include "media/source.hpp"
#include "proto/rtp/rtp_writer.hpp"

namespace cardea::bench {

struct Leg {
    Leg(std::size_t number, SendTrack track, SrtpBackend backend = SrtpBackend::openssl)
        : srtp{random_keys(), backend}, transport{.srtp = &srtp, .path = path_of(number)}, sink{{.id = SinkId{100 + number}, .track = std::move(track)}, transport} {}
    SrtpOut srtp;
    LegTransport transport;
    Sink sink;
};

inline PayloadType payload_type_of(MediaKind kind) {
    if (kind == MediaKind::audio) return {.number = 111, .codec = Codec::opus, .clock_rate = 48000, .channels = 2, .fmtp = {}, .rtx = {}};
    PayloadType type{.number = 96, .codec = Codec::vp8, .clock_rate = 90000, .channels = 1, .fmtp = {}, .rtx = 97};
    type.nack = type.pli = true;
    return type;
}

inline SourceConfig source_of(MediaKind kind, std::uint32_t encodings) {
    SourceConfig config{SourceId{7}, {.mid = "0", .mindex = 0, .kind = kind, .payload_types = {payload_type_of(kind)}, .extensions = {.mid = 1}, .encodings = {}}};
    for (std::uint32_t i = 0; i < encodings; ++i) config.track.encodings.push_back({.rid = {}, .ssrc = Ssrc{0x1001 + i}, .rtx_ssrc = {}});
    return config;
}

inline SendTrack track_of(MediaKind kind, std::size_t leg) {
    const auto ssrc = static_cast<std::uint32_t>(0x2000 + 2 * leg);
    return {.mid = "0", .mindex = 0, .kind = kind, .payload_type = payload_type_of(kind), .extensions = {.mid = 4, .abs_send_time = 5},
            .ssrc = Ssrc{ssrc}, .rtx_ssrc = kind == MediaKind::video ? Ssrc{ssrc + 1} : Ssrc{}, .cname = "cname"};
}

// Frames of a camera or of a microphone, given to legs. VP8 has picture ids and two temporal layers: legs that want the lower one only
// leave out every second frame. With simulcast every frame comes in three encodings, of which each leg takes one.
class FanOut {
  public:
    static constexpr int kWarmUp = 256;
    static constexpr std::size_t kVideoPackets = 4;  // of a frame at 1 Mbit/s and 30 frames a second
    struct Shape {
        MediaKind kind = MediaKind::video;
        std::size_t legs = 1;
        LayerWish wish{};
        std::uint32_t encodings = 1;
        SrtpBackend srtp = SrtpBackend::openssl;
    };

    explicit FanOut(const Shape& shape) : kind_{shape.kind}, thins_out_{shape.wish.temporal.has_value()}, source_{source_of(kind_, shape.encodings), clock_} {
        source_.watch_talking({.packets = 50, .level = 25});
        for (std::size_t i = 0; i < shape.legs; ++i) {
            legs_.push_back(std::make_unique<Leg>(i, track_of(kind_, i), shape.srtp));
            legs_.back()->sink.connect(&source_);
            legs_.back()->sink.set_layers(shape.wish);
        }
    }
    // One frame is sent: as many packets as that were.
    std::size_t step() {
        const auto before = output_.sent;
        arrive();
        if (thins_out_) arrive();
        return output_.sent - before;
    }
    [[nodiscard]] std::vector<std::unique_ptr<Leg>>& legs() noexcept { return legs_; }
    [[nodiscard]] SendBatch& batch() noexcept { return batch_; }
    [[nodiscard]] Instant now() const noexcept { return now_; }

  private:
    void arrive() {
        now_ += 33ms;
        timestamp_ += 3000;
        for (std::size_t i = 0; i < source_.encodings().size(); ++i) arrive_of(i);
        source_.release(now_, batch_);
        batch_.flush();
        ++picture_;
    }
    void arrive_of(std::size_t number) {
        auto& encoding = *source_.encodings()[number];
        const auto packets = is_video() ? kVideoPackets : 1;
        for (std::size_t i = 0; i < packets; ++i) {
            ++sequences_[number];
            source_.on_packet(now_, encoding, packet_of(number, i == 0, i + 1 == packets), batch_);
            if (!is_video()) static_cast<void>(source_.on_audio_level({40, false}));
        }
    }
    PacketRef packet_of(std::size_t number, bool first, bool last) {
        auto packet = pool_.take();
        const OutgoingRtp out{.ssrc = source_.encodings()[number]->ssrc, .payload_type = source_.track().payload_types.front().number, .marker = last,
                              .sequence = sequences_[number], .timestamp = timestamp_, .extensions = {.mid = "0"}, .ids = {.mid = 1}};
        const auto header = write_rtp_header(packet->buffer, out);
        packet->size = static_cast<std::uint16_t>(header + (is_video() ? kVideoPayload : kAudioPayload));
        packet->arrival = now_;
        if (is_video()) describe(MutableBytes{packet->buffer}.subspan(header), first);
        packet->header = *parse_rtp_header(packet->bytes());
        packet->extensions = read_extensions(packet->bytes(), packet->header, {.mid = 1});
        return packet;
    }
    // RFC 7741 section 4.2: X and S; I, L and T; a 15-bit picture id, TL0PICIDX, TID with Y; then the frame header's keyframe bit.
    void describe(MutableBytes payload, bool first) const noexcept {
        const bool upper = picture_ % 2 == 1;
        payload[0] = static_cast<std::uint8_t>(first ? 0x90 : 0x80);
        payload[1] = 0xe0;
        payload[2] = static_cast<std::uint8_t>(0x80U | (picture_ >> 8U & 0x7fU));
        payload[3] = static_cast<std::uint8_t>(picture_);
        payload[4] = static_cast<std::uint8_t>(picture_ / 2);
        payload[5] = upper ? 0x60 : 0x00;
        payload[6] = picture_ == 0 ? 0x00 : 0x01;
    }
    [[nodiscard]] bool is_video() const noexcept { return kind_ == MediaKind::video; }

    MediaKind kind_;
    bool thins_out_;
    Instant now_ = kBegin;
    std::uint32_t picture_ = 0;
    std::uint32_t timestamp_ = 0;
    std::array<std::uint16_t, 3> sequences_{};
    PacketPool pool_{4096};
    CountingOutput output_;
    SendBatch batch_{output_};
    RemoteClock clock_;
    Source source_;
    std::vector<std::unique_ptr<Leg>> legs_;  // go before the source they are connected to
};

// Two frames go to a leg, which asks again for one of their packets: as much as its budget for retransmissions lets it.
class AnsweredNack {
  public:
    static constexpr int kWarmUp = 256;
    std::size_t step() {
        const auto sent = fan_out_.step() + fan_out_.step();
        sequence_ = begun_ ? static_cast<std::uint16_t>(sequence_ + 2 * FanOut::kVideoPackets) : first_sequence();
        begun_ = true;
        return ask() == Sink::Retransmission::sent ? sent + 1 : 0;
    }

  private:
    Sink::Retransmission ask() { return fan_out_.legs().front()->sink.retransmit(fan_out_.now(), sequence_, fan_out_.batch()); }
    // Legs begin at a random number.
    std::uint16_t first_sequence() {
        while (ask() == Sink::Retransmission::unknown) ++sequence_;
        return sequence_;
    }
    FanOut fan_out_{FanOut::Shape{}};
    std::uint16_t sequence_ = 0;
    bool begun_ = false;
};

// 400 packets to 100 receivers, as they come when legs send in turn: grouped by receiver and handed over.
class BatchGrouping {
  public:
    static constexpr int kWarmUp = 8;
    BatchGrouping() {
        for (std::size_t i = 0; i < 100; ++i) paths_.push_back(path_of(i));
    }
    std::size_t step() {
        const auto before = output_.sent;
        for (int round = 0; round < 4; ++round) {
            for (const auto& path : paths_) {
                static_cast<void>(batch_.begin());
                batch_.commit(kVideoPayload, path, SendClass::video);
            }
        }
        batch_.flush();
        return output_.sent - before;
    }

  private:
    std::vector<Path> paths_;
    CountingOutput output_;
    SendBatch batch_{output_};
};

}  // namespace cardea::bench
