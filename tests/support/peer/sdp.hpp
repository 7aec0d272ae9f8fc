// The little SDP a test peer needs: reads what a gateway writes, writes offers of Opus, VP8 and data channels and answers that only
// receive.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ice.hpp"

namespace cardea::testpeer {

struct SdpCodec {
    unsigned type = 0;
    std::string name;                 // lower case: opus, vp8, rtx
    std::optional<unsigned> repairs;  // rtx: the payload type it repairs
};
struct SdpMedia {
    std::string kind;
    std::string mid;
    std::string direction = "sendrecv";
    unsigned port = 9;
    std::vector<SdpCodec> codecs;
    unsigned mid_extension = 0;
    std::vector<std::uint32_t> ssrcs;
    std::map<std::uint32_t, std::uint32_t> repair_of;  // RTX SSRC -> media SSRC (RFC 5576, FID)
    bool simulcast = false;                            // written only: ssrcs are encodings of one source (SIM)
    std::uint16_t sctp_port = 0;                       // of data channels (RFC 8841)

    [[nodiscard]] const SdpCodec* codec(std::string_view name) const noexcept;
    [[nodiscard]] const SdpCodec* codec(unsigned type) const noexcept;
    [[nodiscard]] const SdpCodec* repair_codec(unsigned type) const noexcept;  // the rtx of that payload type
};
struct SdpDescription {
    bool ice_lite = false;
    IceCredentials ice;
    std::string fingerprint;
    std::string setup;
    std::vector<std::string> candidates;
    std::vector<SdpMedia> media;
};
[[nodiscard]] SdpDescription parse_sdp(std::string_view text);

// What this side contributes to every m-line.
struct SdpLocal {
    IceCredentials ice;
    std::vector<std::string> candidates;
    std::string fingerprint;
    std::string setup;
    unsigned version = 1;
    bool data = false;  // data channels that are offered are accepted
};
struct SdpTrack {
    std::string kind;  // audio, video, or application: data channels
    std::uint32_t ssrc = 0;
    std::uint32_t rtx_ssrc = 0;  // 0: RTX isn't offered
    std::vector<std::uint32_t> encodings{};  // simulcast: the SSRCs in place of `ssrc`, the lowest first
};
constexpr unsigned kOpusType = 111, kVp8Type = 96, kRtxType = 97, kMidExtension = 4;
constexpr std::uint16_t kSctpPort = 5000;
constexpr std::string_view kCname = "cardea-test-peer";

// The mid of a track is its place.
[[nodiscard]] std::string write_offer(const SdpLocal& local, const std::vector<SdpTrack>& tracks);
// Opus and VP8 are received, data as `local` says, anything else is refused.
[[nodiscard]] std::string write_answer(const SdpLocal& local, const SdpDescription& offer);

}  // namespace cardea::testpeer
