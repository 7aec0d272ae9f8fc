// Whether an answer is for the offer that waits for one, or a late one for an offer that was replaced before. SDP carries no
// reference to the offer (RFC 3264 section 6), but an answer repeats enough of it: its m-lines, mids, directions and payload
// type numbers, and new ICE credentials after a restart (RFC 8839 section 4.4.1.1.1). Two offers that differ in none of these
// are the same to whoever answers, and either answer serves both.
#pragma once

#include <optional>
#include <vector>

#include "proto/sdp/media_line.hpp"
#include "proto/sdp/session_description.hpp"

namespace cardea {

struct ReplacedOffer {
    std::vector<MediaLine> lines;
    bool restart = false;
};

namespace sdp {

// agreed: of the client, before this offer. True when every m-line is answered just as it was offered.
[[nodiscard]] bool answers_exactly(const SessionDescription& answer, const ReplacedOffer& offer, const std::optional<RemoteTransport>& agreed);

}  // namespace sdp
}  // namespace cardea
