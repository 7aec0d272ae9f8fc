// The state of one m-line of a peer connection, from which the next local description is written.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proto/sdp/negotiation_types.hpp"

namespace cardea {

struct MediaLine {
    std::string media;              // "audio"
    std::optional<MediaKind> kind;  // nullopt: not ours, always rejected
    std::string protocol;
    std::string mid;
    bool mid_written = true;  // false: a lone m-line whose offer named no mid
    bool rejected = false;
    MediaDirection direction = MediaDirection::inactive;  // the gateway's

    std::optional<PayloadType> payload_type;  // as the gateway's description numbers it
    unsigned numbering = 0;                   // PayloadTable's variant: offers of this m-line that were replaced differ in it
    std::string placeholder_format;           // what a rejected m-line writes as its format
    std::vector<SdpExtension> extensions;     // as the gateway's description writes them
    std::vector<std::string> rids;            // a=simulcast:recv, in the client's order
    std::uint64_t bandwidth = 0;              // ours
    bool rtcp_rsize = false;
    bool extmap_allow_mixed = false;  // at either level
    bool mixed_on_line = false;       // the client says so on the m-line, not for the session

    // Drawn when the gateway begins to send here, kept until it stops. Who begins again numbers anew, and under an SSRC that this
    // association has seen a receiver would take the packets for replays, and SRTP reuse its nonces (RFC 3711 section 9.1).
    Ssrc ssrc{};
    Ssrc rtx_ssrc{};
    Msid msid;  // of what the gateway sends

    std::string data_format;  // "webrtc-datachannel", or the port with the old DTLS/SCTP form
    bool sctpmap = false;

    NegotiatedMedia agreed;  // the last result
};

}  // namespace cardea
