// What a receiver knows of one stream (RFC 3550 appendices A.1, A.3, A.8) and reports back in report blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/strong_id.hpp"
#include "proto/rtp/rtcp/rtcp_types.hpp"

namespace cardea {

class ReceptionStats {
  public:
    explicit ReceptionStats(std::uint32_t clock_rate) noexcept : clock_rate_{clock_rate} {}

    struct Arrival {
        std::uint16_t sequence = 0;
        std::uint32_t timestamp = 0;
        std::size_t size = 0;        // octets of the RTP packet
        bool retransmitted = false;  // came by RTX: the network did lose it, and that is what a report says
    };
    void on_packet(const Arrival& packet, Instant now) noexcept;
    void on_sender_report(std::uint64_t ntp, Instant now) noexcept;

    // Starts the next interval of fraction_lost, so call once per report.
    [[nodiscard]] ReportBlock next_report(Ssrc ssrc, Instant now) noexcept;

    [[nodiscard]] bool has_packets() const noexcept { return highest_.has_value(); }
    [[nodiscard]] std::uint64_t packets() const noexcept { return packets_; }
    [[nodiscard]] std::uint64_t octets() const noexcept { return octets_; }
    [[nodiscard]] std::int64_t lost() const noexcept;
    [[nodiscard]] std::uint32_t jitter() const noexcept { return jitter_q4_ >> 4U; }  // in timestamp units
    [[nodiscard]] std::uint32_t extended_highest_sequence() const noexcept { return static_cast<std::uint32_t>(highest_.value_or(0)); }

  private:
    enum class Place : std::uint8_t { newest, late, stray };
    [[nodiscard]] Place track_sequence(std::uint16_t sequence) noexcept;
    void begin_at(std::uint16_t sequence) noexcept;
    void track_jitter(std::uint32_t timestamp, Instant now) noexcept;
    [[nodiscard]] std::int64_t expected() const noexcept { return highest_ ? *highest_ - base_ + 1 : 0; }

    std::uint32_t clock_rate_;
    std::optional<std::int64_t> highest_;  // cycles in the upper bits
    std::int64_t base_ = 0;
    std::int64_t received_ = 0;  // since base_
    std::int64_t expected_prior_ = 0;
    std::int64_t received_prior_ = 0;
    std::optional<std::uint16_t> expected_after_jump_;
    std::uint64_t packets_ = 0;
    std::uint64_t octets_ = 0;
    std::optional<std::uint32_t> transit_;
    std::uint32_t jitter_q4_ = 0;
    std::uint32_t last_sr_ = 0;  // middle 32 bits of its NTP time
    Instant last_sr_arrival_{};
};

// Round trip time from a report block about a stream we send (RFC 3550 section 6.4.1); `ntp` is our clock as the block arrived.
[[nodiscard]] std::optional<Duration> round_trip_of(const ReportBlock& block, std::uint64_t ntp) noexcept;

}  // namespace cardea
