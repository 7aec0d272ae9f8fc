// Numbers of RTCP packets (RFC 3550 section 12.1, RFC 4585 section 6.1) that reader and writers share.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cardea::rtcp {

constexpr std::uint8_t kSenderReport = 200;
constexpr std::uint8_t kReceiverReport = 201;
constexpr std::uint8_t kSourceDescription = 202;
constexpr std::uint8_t kGoodbye = 203;
constexpr std::uint8_t kTransportFeedback = 205;  // RTPFB
constexpr std::uint8_t kPayloadFeedback = 206;    // PSFB

constexpr std::uint8_t kFormatNack = 1;
constexpr std::uint8_t kFormatTransportCc = 15;
constexpr std::uint8_t kFormatPictureLoss = 1;
constexpr std::uint8_t kFormatFullIntra = 4;          // RFC 5104 section 4.3.1
constexpr std::uint8_t kFormatApplicationLayer = 15;  // REMB lives here
constexpr std::uint32_t kRemb = 0x52454d42;           // "REMB"

constexpr std::uint8_t kItemCname = 1;
constexpr std::size_t kMostCount = 31;  // five bits

}  // namespace cardea::rtcp
