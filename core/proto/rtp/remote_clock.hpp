// Lip sync across the gateway: a publisher's sender reports tie its audio and video timestamps to one NTP clock of its own.
// RemoteClock (one per peer) maps that clock to ours; SourceClock (one per encoding) then tells which timestamp is "now", the same
// way for all streams of the peer, so that the sender reports of the outgoing legs keep audio and video together.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace cardea {

class RemoteClock {
  public:
    void on_sender_report(std::uint64_t ntp, Instant arrival) noexcept;
    // When, by our clock, the peer's clock showed `ntp`. None before the first report.
    [[nodiscard]] std::optional<Instant> local_time_of(std::uint64_t ntp) const noexcept;

  private:
    // The fastest of the last reports had the least queueing in it; old ones go, because clocks drift.
    static constexpr std::size_t kSamples = 16;
    std::array<std::int64_t, kSamples> offsets_{};  // arrival - ntp, nanoseconds
    std::size_t count_ = 0;
};

class SourceClock {
  public:
    explicit SourceClock(std::uint32_t clock_rate) noexcept : clock_rate_{clock_rate} {}
    void on_sender_report(std::uint64_t ntp, std::uint32_t rtp_timestamp) noexcept;
    // The source's timestamp at `now`; add RtpRewriter::timestamp_offset() for the leg's. None before the first report.
    [[nodiscard]] std::optional<std::uint32_t> timestamp_at(Instant now, const RemoteClock& clock) const noexcept;
    // The other way round: when, by our clock, the peer captured what carries this timestamp.
    [[nodiscard]] std::optional<Instant> time_of(std::uint32_t timestamp, const RemoteClock& clock) const noexcept;

  private:
    std::uint32_t clock_rate_;
    std::optional<std::uint64_t> ntp_;
    std::uint32_t rtp_timestamp_ = 0;
};

}  // namespace cardea
