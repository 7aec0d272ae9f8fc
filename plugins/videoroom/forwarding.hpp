// A publisher's streams outside of this room: sent on by RTP, or to a room of another gateway.
#pragma once

#include <cardea/plugin.hpp>

#include <cstdint>
#include <string>

namespace cardea::videoroom {

// One stream that is sent on. stream_id names it on the wire.
struct ForwardedStream {
    std::uint32_t stream_id = 0;
    sdk::ForwarderId forwarder{};
    sdk::SourceId source{};
    std::string remote_id;  // of the remotization it belongs to; empty: of an rtp_forward
    Json json;              // as in "forwarders"
};

// publish_remotely: all of a publisher's streams, also those that it adds later, to one port of another gateway.
struct Remotization {
    std::string remote_id, host, family;
    std::uint64_t port = 0, rtcp_port = 0;
    Json srtp;  // absent: plain RTP
};

// What both gateways know of each other's numbers: an SSRC names the m-line and the simulcast encoding.
[[nodiscard]] constexpr std::uint32_t remote_ssrc(std::uint32_t mindex, std::uint32_t substream) noexcept {
    return 1000U + 10U * mindex + substream;
}
inline constexpr std::uint32_t kSubstreams = 3;

// "srtp_suite" and "srtp_crypto" of a request as the core takes them; absent unless both are there.
[[nodiscard]] inline Json srtp_of(const Json& body) {
    if (!body.has("srtp_suite") || !body.has("srtp_crypto")) return {};
    return Json{{"suite", body["srtp_suite"]}, {"key", body["srtp_crypto"]}};
}

// 430 for a host_family or an srtp_suite that there is not.
void check_rtp_words(const Json& body);

}  // namespace cardea::videoroom
