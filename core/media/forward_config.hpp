// What the control side tells a worker about one RTP forwarder.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.hpp"
#include "base/strong_id.hpp"
#include "proto/srtp/srtp_keys.hpp"

namespace cardea {

struct ForwardConfig {
    ForwarderId id;
    SourceId source;
    std::uint32_t socket = 0;  // of the worker: packets leave by it, feedback comes back to it
    SocketAddress rtp;
    SocketAddress rtcp;                        // not set: no reports, no feedback
    std::optional<std::uint8_t> payload_type;  // else as the source has it
    std::optional<Ssrc> ssrc;                  // else drawn
    std::optional<std::uint8_t> encoding;      // of simulcast, 0 is the lowest; else the best that arrives
    std::optional<SrtpKeys> keys;
};

}  // namespace cardea
