// What a peer sends on one m-line: reception, loss recovery and the store of its packets, and the sinks it feeds.
// Lives on the worker of its peer; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "media/encoding.hpp"
#include "media/encoding_choice.hpp"
#include "media/packet.hpp"
#include "media/send_batch.hpp"
#include "media/source_tap.hpp"
#include "media/talking_watch.hpp"
#include "peer/peer_config.hpp"
#include "proto/rtp/remote_clock.hpp"

namespace cardea {

class Sink;

class Source {
  public:
    // The clock of the peer that sends it; outlives the source.
    Source(SourceConfig config, const RemoteClock& remote_clock);
    ~Source();
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    void reconfigure(SourceConfig config);
    [[nodiscard]] SourceId id() const noexcept { return config_.id; }
    [[nodiscard]] const ReceiveTrack& track() const noexcept { return config_.track; }
    [[nodiscard]] const PayloadType* payload_type(std::uint8_t number) const noexcept;
    [[nodiscard]] const PayloadType* rtx_payload_type(std::uint8_t number) const noexcept;  // the one whose RTX this is

    // The encoding of an SSRC or a RID; made on the first packet where the description left it open. Null: not of this source.
    [[nodiscard]] Encoding* encoding_of(Ssrc ssrc) noexcept;
    [[nodiscard]] Encoding* encoding_of_rid(std::string_view rid) noexcept;
    [[nodiscard]] Encoding* first_without_ssrc() noexcept;
    [[nodiscard]] Encoding* encoding_at(std::uint8_t rank);  // made if need be; null: there are never so many
    [[nodiscard]] std::vector<std::unique_ptr<Encoding>>& encodings() noexcept { return encodings_; }
    [[nodiscard]] const std::vector<std::unique_ptr<Encoding>>& encodings() const noexcept { return encodings_; }

    // A decrypted, parsed packet of one of this source's encodings (a recovered one too): stored, and forwarded at once, or for video
    // held until release(), which its owner has to see to, so that each leg gets the packets of a frame in a row: they leave as one
    // train. True: this is the first one held.
    bool on_packet(Instant now, Encoding& encoding, const PacketRef& packet, SendBatch& batch);
    void release(Instant now, SendBatch& batch);
    // What is held is the beginning of a frame.
    [[nodiscard]] bool awaits_packets() const noexcept { return !held_.empty() && !held_.back().packet->header.marker; }

    void add_sink(Sink& sink) { sinks_.push_back(&sink); }
    void remove_sink(Sink& sink) noexcept { std::erase(sinks_, &sink); }
    [[nodiscard]] const std::vector<Sink*>& sinks() const noexcept { return sinks_; }
    void add_tap(SourceTap& tap) { taps_.push_back(&tap); }
    void remove_tap(SourceTap& tap) noexcept { std::erase(taps_, &tap); }
    [[nodiscard]] bool is_tapped() const noexcept { return !taps_.empty(); }

    void set_active(bool active) noexcept;
    [[nodiscard]] bool is_active() const noexcept { return active_; }
    // Somebody wants a keyframe of one encoding, or of all. Its owner sends what take_due_request() gives, now and when
    // next_request() has come: until there is a keyframe.
    void want_keyframe(Instant now, Encoding& encoding) noexcept;
    void want_keyframes(Instant now) noexcept;
    [[nodiscard]] bool has_due_request() const noexcept { return request_due_; }
    [[nodiscard]] Encoding* take_due_request(Instant now) noexcept;  // null: no more
    [[nodiscard]] Instant next_request() const noexcept;
    [[nodiscard]] bool is_simulcast() const noexcept { return encodings_.size() > 1; }
    [[nodiscard]] const RemoteClock& remote_clock() const noexcept { return remote_clock_; }

    void watch_talking(const TalkingRule& rule) noexcept { talking_.set_rule(rule); }
    // Of each packet with an audio level; whoever is muted falls silent.
    [[nodiscard]] std::optional<TalkingEvent> on_audio_level(const AudioLevel& level);

  private:
    [[nodiscard]] bool look_into(Instant now, Encoding& encoding, Packet& packet, SendBatch& batch);
    void read_layers_again(Encoding& encoding, const Packet& keyframe) noexcept;
    void review(Instant now) noexcept;
    Encoding& add_encoding();

    struct Held {
        Encoding* encoding;
        PacketRef packet;
    };
    static constexpr std::size_t kMostHeld = 32;
    void level_sizes() noexcept;

    SourceConfig config_;
    std::vector<std::unique_ptr<Encoding>> encodings_;  // lowest first, as the negotiation gives them
    std::vector<Sink*> sinks_;
    std::vector<SourceTap*> taps_;
    std::vector<Held> held_;
    const RemoteClock& remote_clock_;
    TalkingWatch talking_;
    Instant next_review_{};
    bool request_due_ = false;
    bool active_ = true;
};

}  // namespace cardea
