// What a peer sends on one m-line: reception, loss recovery and the store of its packets, and the sinks it feeds.
// Lives on the worker of its peer; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "media/packet.hpp"
#include "media/packet_store.hpp"
#include "media/send_batch.hpp"
#include "media/source_tap.hpp"
#include "peer/peer_config.hpp"
#include "proto/rtp/nack_tracker.hpp"
#include "proto/rtp/reception_stats.hpp"
#include "proto/rtp/remote_clock.hpp"

namespace cardea {

class Sink;

struct Encoding {
    Encoding(std::size_t store_capacity, std::uint32_t clock_rate) : store{store_capacity}, stats{clock_rate}, clock{clock_rate} {}
    Ssrc ssrc{};      // 0: not seen yet
    Ssrc rtx_ssrc{};  // 0: none
    std::string rid;
    PacketStore store;
    NackTracker nacks;
    ReceptionStats stats;
    SourceClock clock;
    Instant last_packet{};
    bool at_keyframe = false;  // the newest packet began one
};

// Keyframe requests to the sender, one stream of them for all who ask.
class KeyframeRequests {
  public:
    // Somebody wants one. True: send a PLI now.
    [[nodiscard]] bool want(Instant now) noexcept;
    // Due because it had to wait for the floor, or none came. True: send a PLI now.
    [[nodiscard]] bool poll(Instant now) noexcept;
    [[nodiscard]] Instant next() const noexcept { return wanted_ ? due_ : Instant::max(); }
    void on_keyframe() noexcept { wanted_ = false; }

  private:
    static constexpr Duration kFloor = 300ms;  // requests closer together than this are one
    static constexpr Duration kRetry = 1s;
    static constexpr int kTries = 11;          // a sender that never makes one is left alone until asked anew
    std::optional<Instant> last_;
    Instant due_{};
    int tries_ = 0;
    bool wanted_ = false;
};

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
    [[nodiscard]] std::vector<std::unique_ptr<Encoding>>& encodings() noexcept { return encodings_; }
    [[nodiscard]] const std::vector<std::unique_ptr<Encoding>>& encodings() const noexcept { return encodings_; }

    // A decrypted, parsed packet of one of this source's encodings (a recovered one too): store and forward.
    void on_packet(Instant now, Encoding& encoding, const PacketRef& packet, SendBatch& batch);

    void add_sink(Sink& sink) { sinks_.push_back(&sink); }
    void remove_sink(Sink& sink) noexcept { std::erase(sinks_, &sink); }
    [[nodiscard]] const std::vector<Sink*>& sinks() const noexcept { return sinks_; }
    void add_tap(SourceTap& tap) { taps_.push_back(&tap); }
    void remove_tap(SourceTap& tap) noexcept { std::erase(taps_, &tap); }
    [[nodiscard]] bool is_tapped() const noexcept { return !taps_.empty(); }

    void set_active(bool active) noexcept { active_ = active; }
    [[nodiscard]] bool is_active() const noexcept { return active_; }
    [[nodiscard]] KeyframeRequests& keyframes() noexcept { return keyframes_; }
    // The encoding that is forwarded, and how often that has changed. Null: nothing has arrived.
    [[nodiscard]] Encoding* forwarded() noexcept { return forwarded_; }
    [[nodiscard]] std::uint32_t forwarded_epoch() const noexcept { return forwarded_epoch_; }
    [[nodiscard]] const RemoteClock& remote_clock() const noexcept { return remote_clock_; }

  private:
    void choose_forwarded(Encoding& arrived) noexcept;

    SourceConfig config_;
    std::vector<std::unique_ptr<Encoding>> encodings_;  // lowest first, as the negotiation gives them
    std::vector<Sink*> sinks_;
    std::vector<SourceTap*> taps_;
    KeyframeRequests keyframes_;
    const RemoteClock& remote_clock_;
    Encoding* forwarded_ = nullptr;
    std::uint32_t forwarded_epoch_ = 0;
    bool active_ = true;
};

}  // namespace cardea
