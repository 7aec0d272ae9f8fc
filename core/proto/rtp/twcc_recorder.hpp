// Receiver side of transport-wide congestion control (draft-holmer-rmcat-transport-wide-cc-extensions-01): one per peer
// connection that sends to us, over all its streams, audio included. Arrivals go into a ring; feedback is written from it.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/strong_id.hpp"

namespace cardea {

class TwccRecorder {
  public:
    static constexpr Duration kShortestInterval = 50ms;
    static constexpr Duration kLongestInterval = 250ms;

    void on_packet(std::uint16_t transport_sequence, Instant arrival) noexcept;

    struct Target {
        Ssrc sender{};  // ours
        Ssrc media{};   // any stream of the peer: senders look it up, so it must be one of theirs
    };
    // One complete RTCP packet into `out`; 0 when nothing is due. Call again until 0: a long window takes several packets.
    [[nodiscard]] std::size_t build_feedback(Instant now, const Target& target, MutableBytes out) noexcept;
    // When build_feedback() has something, so that a timer can be set. None: nothing has arrived since the last one.
    [[nodiscard]] std::optional<Instant> next_feedback() const noexcept;
    // Feedback takes about 5 % of what arrives: the faster the stream, the shorter the interval.
    void set_receive_rate(std::uint64_t bits_per_second) noexcept;

  private:
    static constexpr std::size_t kWindow = 2048;       // sequence numbers remembered
    static constexpr std::int64_t kUnreported = 1024;  // so many make feedback due at once

    // One message being composed: the span of sequence numbers, and each one's status symbol and delta.
    struct Message {
        std::int64_t base = 0;
        std::size_t count = 0;
        std::int64_t reference = 0;  // in units of 64 ms
        std::size_t deltas_size = 0;
        std::array<std::uint8_t, kWindow> symbols;
        std::array<std::int16_t, kWindow> deltas;
    };
    [[nodiscard]] bool is_received(std::int64_t sequence) const noexcept { return received_[index_of(sequence)]; }
    [[nodiscard]] std::int64_t tick_of(std::int64_t sequence) const noexcept;
    [[nodiscard]] static std::size_t index_of(std::int64_t sequence) noexcept { return static_cast<std::size_t>(sequence) % kWindow; }
    void restart_at(std::uint16_t sequence) noexcept;
    void advance_to(std::int64_t sequence) noexcept;
    [[nodiscard]] std::optional<std::int64_t> place(std::uint16_t transport_sequence) noexcept;
    void record(std::int64_t sequence, Instant arrival) noexcept;
    void compose(Message& message, std::size_t room) const noexcept;
    [[nodiscard]] std::size_t write(const Message& message, const Target& target, MutableBytes out) const noexcept;
    void finish(const Message& message, Instant now) noexcept;

    std::array<std::uint32_t, kWindow> ticks_{};  // arrival in units of 250 us, low 32 bits
    std::bitset<kWindow> received_;
    std::int64_t newest_tick_ = 0;
    std::optional<std::int64_t> highest_;
    std::optional<std::uint16_t> expected_after_jump_;
    std::int64_t next_base_ = 0;  // first sequence number of the next message
    bool pending_ = false;        // something arrived that no message has told
    Instant window_began_{};      // when the last message went out, or the first packet came
    Duration interval_ = 100ms;
    std::uint8_t feedback_count_ = 0;
};

}  // namespace cardea
