// One leg's numbering: whatever source feeds it, the receiver sees one stream with gap-free sequence numbers and a continuous
// timestamp. Between the source's layer decision (forward or drop) and the writer. Remembers enough to answer a NACK.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "proto/rtp/gap_free_map.hpp"
#include "proto/rtp/source_epoch.hpp"

namespace cardea {

class RtpRewriter {
  public:
    struct Start {
        // RFC 3711 section 3.3.1: the first packet decides the receiver's rollover guess, so keep the start below 2^15.
        std::uint16_t sequence = 0;
        std::uint32_t timestamp = 0;
        std::uint32_t clock_rate = 90000;
    };
    explicit RtpRewriter(const Start& start) noexcept;

    struct SourcePacket {
        SourceEpoch epoch;
        std::uint16_t sequence = 0;
        std::uint32_t timestamp = 0;
        // With the first packet of an epoch: what to add to its timestamps, where the sources' common clock tells. Else, and where
        // that contradicts the clock on the wall, the time that has passed decides.
        std::optional<std::uint32_t> timestamp_offset;
    };
    struct Numbers {
        std::uint16_t sequence = 0;
        std::uint32_t timestamp = 0;
        bool is_new = false;        // false: a late packet that fills a gap
    };
    // A packet of a newer epoch is the switch. None: do not send. That is a packet of an older epoch or from before the switch,
    // one that was left out, a duplicate (a second use of a sequence number would reuse an SRTP nonce), or the first packet
    // after a jump that may be a stray (RFC 3550 appendix A.1: the next one decides).
    [[nodiscard]] std::optional<Numbers> forward(const SourcePacket& packet, Instant now) noexcept;

    // This packet is left out on purpose (temporal layer, policy): the receiver must not see a gap.
    void drop(const SourcePacket& packet) noexcept;
    // The same for one that may come late. A number: the receiver saw a gap already and asks for it; what is sent under it now must
    // not be a picture.
    [[nodiscard]] std::optional<Numbers> leave_out(const SourcePacket& packet, Instant now) noexcept;

    struct Original {
        SourceEpoch epoch;
        std::uint16_t sequence = 0;          // the source's own, to look for in its store
        std::uint32_t timestamp_offset = 0;  // add to the source's timestamp to get what this receiver saw
        bool was_sent = false;               // false: in a gap; it may belong to a layer this receiver does not get
    };
    // What a NACK for an outgoing sequence number asks for. None: never sent, or too long ago.
    [[nodiscard]] std::optional<Original> original(std::uint16_t outgoing_sequence) const noexcept;

    // What to add to a timestamp of the current source (for sender reports).
    [[nodiscard]] std::uint32_t timestamp_offset() const noexcept { return timestamps_.of(map_.epoch()).value_or(0); }
    [[nodiscard]] bool has_sent() const noexcept { return map_.is_started(); }
    [[nodiscard]] std::uint16_t highest_sequence() const noexcept { return static_cast<std::uint16_t>(map_.highest_out()); }

  private:
    static constexpr std::size_t kSentWindow = 2048;

    // Timestamp offsets of the last few epochs: a retransmission may belong to one that is over.
    class TimestampOffsets {
      public:
        void put(SourceEpoch epoch, std::uint32_t offset) noexcept;
        [[nodiscard]] std::optional<std::uint32_t> of(SourceEpoch epoch) const noexcept;

      private:
        struct Entry {
            SourceEpoch epoch{};
            std::uint32_t offset = 0;
        };
        std::array<Entry, 8> entries_{};
    };

    enum class Place : std::uint8_t { in_range, stray, restart };
    [[nodiscard]] Place place_of(std::uint16_t sequence) noexcept;
    [[nodiscard]] Numbers begin_run(const SourcePacket& packet, Instant now) noexcept;
    void continue_timestamp(const SourcePacket& packet, Instant now) noexcept;
    [[nodiscard]] std::optional<Numbers> send_in_run(const SourcePacket& packet, Instant now) noexcept;
    void remember_newest(std::uint32_t timestamp, Instant now) noexcept;
    void mark_sent(std::int64_t from, std::int64_t out) noexcept;

    GapFreeMap map_;
    TimestampOffsets timestamps_;
    std::bitset<kSentWindow> sent_;
    std::uint32_t clock_rate_;
    std::uint32_t last_timestamp_;
    Instant last_sent_{};
    std::optional<std::uint16_t> expected_after_jump_;
};

}  // namespace cardea
