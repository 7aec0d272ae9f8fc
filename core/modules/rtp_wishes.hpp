// What a plugin wishes of RTP outside of peer connections, out of its JSON. Errors: a cardea_status.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cardea/json.hpp"
#include "modules/peer_session.hpp"
#include "runtime/plain_rtp_control.hpp"

namespace cardea {

// {"suite":80|32,"key": base64 of a master key and salt (RFC 4568 section 6.1)}; absent: plain RTP.
[[nodiscard]] Result<std::optional<SrtpKeys>> srtp_wish(const Json& json);
// As cardea_plugin_host.forward_rtp; the ids are the caller's.
[[nodiscard]] Result<ForwardWish> forward_wish(const Json& json);

// One entry of "streams" of cardea_plugin_host.open_remote.
struct RemoteStream {
    ReceiveTrack track;
    PayloadType payload_type;
};
[[nodiscard]] Result<std::vector<RemoteStream>> remote_streams(const Json& json);
// But for id and sources.
[[nodiscard]] Result<RemoteWish> remote_wish(const Json& json);

}  // namespace cardea
