// Writing a compound RTCP packet into the caller's buffer, before SRTCP.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "proto/rtp/rtcp/rtcp_types.hpp"

namespace cardea {

// Every method adds one packet and says whether it fitted; one that did not fit has written nothing.
class CompoundWriter {
  public:
    explicit CompoundWriter(MutableBytes out) noexcept : out_{out} {}

    bool sender_report(const SenderInfo& sender, std::span<const ReportBlock> blocks) noexcept;  // at most 31 blocks
    bool receiver_report(Ssrc sender, std::span<const ReportBlock> blocks) noexcept;             // at most 31 blocks
    bool cname(Ssrc ssrc, std::string_view text) noexcept;                                       // at most 255 octets
    bool goodbye(std::span<const Ssrc> sources, std::string_view reason) noexcept;               // at most 31 sources, 255 octets
    // `sequences` oldest first, which packs best. Returns how many of them it took: all, or as many as fit.
    std::size_t nack(Ssrc sender, Ssrc media, std::span<const std::uint16_t> sequences) noexcept;
    bool picture_loss(Ssrc sender, Ssrc media) noexcept;
    bool full_intra_request(Ssrc sender, const FirEntry& entry) noexcept;
    // The bitrate is rounded down to what 18 bits of mantissa can say.
    bool receiver_max_bitrate(Ssrc sender, std::uint64_t bits_per_second, std::span<const Ssrc> sources) noexcept;  // at most 255

    // For a packet that another class writes (TwccRecorder): give it room(), then append() what it wrote there.
    [[nodiscard]] MutableBytes room() noexcept { return out_.subspan(used_); }
    void append(std::size_t size) noexcept { used_ += std::min(size, out_.size() - used_); }

    [[nodiscard]] bool empty() const noexcept { return used_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return used_; }
    [[nodiscard]] MutableBytes bytes() const noexcept { return out_.first(used_); }

  private:
    template <class Body>
    bool packet(std::uint8_t packet_type, std::size_t count, Body&& body) noexcept;

    MutableBytes out_;
    std::size_t used_ = 0;
};

}  // namespace cardea
