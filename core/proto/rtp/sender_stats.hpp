// What a sender reports of one outgoing leg (RFC 3550 section 6.4.1): counts, and which RTP timestamp belongs to "now".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/strong_id.hpp"
#include "proto/rtp/rtcp/rtcp_types.hpp"

namespace cardea {

class SenderStats {
  public:
    explicit SenderStats(std::uint32_t clock_rate) noexcept : clock_rate_{clock_rate} {}

    struct Sent {
        std::uint32_t timestamp = 0;
        std::size_t payload_size = 0;  // RFC 3550: header and padding are not counted
    };
    void on_packet(const Sent& packet, Instant now) noexcept;

    [[nodiscard]] bool has_sent() const noexcept { return packets_ > 0; }
    [[nodiscard]] std::uint64_t packets() const noexcept { return packets_; }
    [[nodiscard]] std::uint64_t octets() const noexcept { return octets_; }
    // From the newest packet alone: right to within network jitter and the sender's encoding time. Second choice, after
    // SourceClock (remote_clock.hpp).
    [[nodiscard]] std::uint32_t timestamp_at(Instant now) const noexcept;
    // `timestamp` must be the outgoing one for the moment `ntp`.
    [[nodiscard]] SenderInfo report(Ssrc ssrc, std::uint64_t ntp, std::uint32_t timestamp) const noexcept;

  private:
    std::uint32_t clock_rate_;
    std::uint64_t packets_ = 0;
    std::uint64_t octets_ = 0;
    std::uint32_t last_timestamp_ = 0;
    Instant last_sent_{};
};

// Timestamp units in a duration; exact for any length, negative included.
[[nodiscard]] constexpr std::int64_t ticks_in(Duration d, std::uint32_t clock_rate) noexcept {
    constexpr std::int64_t kSecond = 1'000'000'000;
    const auto rate = static_cast<std::int64_t>(clock_rate);
    return d.count() / kSecond * rate + d.count() % kSecond * rate / kSecond;
}

}  // namespace cardea
