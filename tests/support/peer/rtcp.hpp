// RTCP compounds (RFC 3550 section 6, RFC 4585) as the test peer reads and writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace cardea::testpeer {

struct ReportBlock {
    std::uint32_t ssrc = 0;
    std::uint8_t fraction_lost = 0;
    std::int32_t total_lost = 0;
    std::uint32_t highest_sequence = 0;
    std::uint32_t jitter = 0;
    std::uint32_t last_sr = 0;
    std::uint32_t delay_since_sr = 0;
};
struct SenderInfo {
    std::uint32_t ssrc = 0;
    std::uint64_t ntp = 0;
    std::uint32_t rtp = 0;
    std::uint32_t packets = 0;
    std::uint32_t octets = 0;
};
struct Nack {
    std::uint32_t ssrc = 0;
    std::vector<std::uint16_t> sequences;
};

struct RtcpContent {
    bool well_formed = true;
    std::vector<SenderInfo> sender_infos;
    std::vector<ReportBlock> reports;
    std::vector<Nack> nacks;
    std::vector<std::uint32_t> keyframe_requests;  // PLI and FIR, the SSRC meant
    std::optional<std::uint64_t> remb;             // bit/s
    unsigned transport_feedback = 0;
    bool bye = false;
};
[[nodiscard]] RtcpContent parse_rtcp(Bytes compound);

// A compound is built front to back: a report first, then SDES, then feedback.
class RtcpWriter {
  public:
    void sender_report(const SenderInfo& info, std::span<const ReportBlock> blocks = {});
    void receiver_report(std::uint32_t sender, std::span<const ReportBlock> blocks);
    void cname(std::uint32_t ssrc, std::string_view name);
    void nack(std::uint32_t sender, std::uint32_t media, std::span<const std::uint16_t> ascending);
    void pli(std::uint32_t sender, std::uint32_t media);
    [[nodiscard]] const std::vector<std::uint8_t>& data() const noexcept { return data_; }

  private:
    void packet(unsigned count, std::uint8_t type, Bytes body);
    std::vector<std::uint8_t> data_;
};

}  // namespace cardea::testpeer
