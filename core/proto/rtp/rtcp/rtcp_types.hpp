// The RTCP packets the gateway knows, as values. Lists are views into the compound they were read from: nothing is copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "base/bytes.hpp"
#include "base/strong_id.hpp"

namespace cardea {

// RFC 3550 section 6.4.1.
struct ReportBlock {
    Ssrc ssrc{};
    std::uint8_t fraction_lost = 0;  // of 256, since the last report
    std::int32_t cumulative_lost = 0;
    std::uint32_t highest_sequence = 0;     // extended by the count of cycles
    std::uint32_t jitter = 0;               // timestamp units
    std::uint32_t last_sr = 0;              // middle 32 bits of the NTP time; 0 = none yet
    std::uint32_t delay_since_last_sr = 0;  // 1/65536 s
    friend bool operator==(const ReportBlock&, const ReportBlock&) = default;
};

struct SenderInfo {
    Ssrc ssrc{};
    std::uint64_t ntp = 0;
    std::uint32_t rtp_timestamp = 0;
    std::uint32_t packets = 0;
    std::uint32_t octets = 0;
    friend bool operator==(const SenderInfo&, const SenderInfo&) = default;
};

struct FirEntry {
    Ssrc ssrc{};
    std::uint8_t sequence = 0;
    friend bool operator==(const FirEntry&, const FirEntry&) = default;
};

// Fixed-size records, read one at a time.
template <class T, std::size_t Size, T (*Read)(Bytes) noexcept>
class RecordList {
  public:
    constexpr RecordList() noexcept = default;
    constexpr explicit RecordList(Bytes raw) noexcept : raw_{raw} {}
    [[nodiscard]] constexpr std::size_t size() const noexcept { return raw_.size() / Size; }
    [[nodiscard]] constexpr bool empty() const noexcept { return size() == 0; }
    [[nodiscard]] T operator[](std::size_t index) const noexcept { return Read(raw_.subspan(index * Size, Size)); }

    class Iterator {
      public:
        constexpr explicit Iterator(Bytes rest) noexcept : rest_{rest} {}
        [[nodiscard]] T operator*() const noexcept { return Read(rest_.first(Size)); }
        Iterator& operator++() noexcept {
            rest_ = rest_.subspan(Size);
            return *this;
        }
        [[nodiscard]] bool operator!=(const Iterator& other) const noexcept { return rest_.size() != other.rest_.size(); }

      private:
        Bytes rest_;
    };
    [[nodiscard]] Iterator begin() const noexcept { return Iterator{raw_.first(size() * Size)}; }
    [[nodiscard]] Iterator end() const noexcept { return Iterator{Bytes{}}; }

  private:
    Bytes raw_;
};

[[nodiscard]] ReportBlock read_report_block(Bytes raw) noexcept;
[[nodiscard]] Ssrc read_ssrc(Bytes raw) noexcept;
[[nodiscard]] FirEntry read_fir_entry(Bytes raw) noexcept;
using ReportBlocks = RecordList<ReportBlock, 24, read_report_block>;
using SsrcList = RecordList<Ssrc, 4, read_ssrc>;
using FirEntries = RecordList<FirEntry, 8, read_fir_entry>;

// RFC 4585 section 6.2.1: a packet id and a bitmask of the sixteen that follow it.
class NackedSequences {
  public:
    NackedSequences() noexcept = default;
    explicit NackedSequences(Bytes pairs) noexcept : pairs_{pairs} {}
    template <class Callback>
    void for_each(Callback&& on_sequence) const {
        for (ByteReader reader{pairs_}; reader.left() >= 4;) {
            const auto first = reader.be<std::uint16_t>();
            on_sequence(first);
            const auto mask = reader.be<std::uint16_t>();
            for (unsigned i = 0; i < 16; ++i)
                if ((mask >> i & 1U) != 0) on_sequence(static_cast<std::uint16_t>(first + i + 1U));
        }
    }

  private:
    Bytes pairs_;
};

struct SenderReport {
    SenderInfo sender;
    ReportBlocks blocks;
};
struct ReceiverReport {
    Ssrc sender{};
    ReportBlocks blocks;
};
// One SDES packet: the CNAME of its first chunk that has one, which is all that browsers send.
struct SourceDescription {
    Ssrc ssrc{};
    std::string_view cname;
};
struct Goodbye {
    SsrcList sources;
    std::string_view reason;
};
struct Nack {
    Ssrc sender{}, media{};
    NackedSequences sequences;
};
struct PictureLoss {
    Ssrc sender{}, media{};
};
struct FullIntraRequest {
    Ssrc sender{};
    FirEntries entries;
};
// draft-alvestrand-rmcat-remb-03.
struct ReceiverMaxBitrate {
    Ssrc sender{};
    std::uint64_t bits_per_second = 0;
    SsrcList sources;
};
// draft-holmer-rmcat-transport-wide-cc-extensions-01; its statuses are walked with for_each_status (twcc_feedback.hpp).
struct TransportFeedback {
    Ssrc sender{}, media{};
    std::uint16_t base_sequence = 0;
    std::uint16_t status_count = 0;
    std::int32_t reference_time = 0;  // units of 64 ms, signed 24 bits
    std::uint8_t feedback_count = 0;
    Bytes chunks_and_deltas;
};
// Well formed, of no interest: XR, APP, other feedback.
struct OtherRtcp {
    std::uint8_t packet_type = 0;
    std::uint8_t format = 0;
};

using RtcpItem = std::variant<SenderReport, ReceiverReport, SourceDescription, Goodbye, Nack, PictureLoss, FullIntraRequest,
                              ReceiverMaxBitrate, TransportFeedback, OtherRtcp>;

enum class RtcpErrc : std::uint8_t {
    truncated,    // ends inside a packet
    bad_version,  // not 2
    bad_padding,  // on a packet that is not the last, or a count that does not fit
    bad_length,   // the packet's length does not fit what it says it contains
};

}  // namespace cardea
