// What must hold for a client's offer or answer before a gateway with one transport can use it, and what is read from it.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "proto/sdp/negotiation_types.hpp"
#include "proto/sdp/sdp_parser.hpp"

namespace cardea::sdp {

// Distinct mids; one BUNDLE for all active m-lines (RFC 8843) where there is more than one; rtcp-mux (RFC 8834 section 4.5);
// ICE credentials, a fingerprint that is not SHA-1 and a DTLS role for the transport. 465 with the reason.
[[nodiscard]] Result<void> check_offer(const SessionDescription& offer);
[[nodiscard]] Result<void> check_answer(const SessionDescription& answer);

// Per m-line: active and part of the bundle. Others can only be refused.
[[nodiscard]] std::vector<bool> bundled_lines(const SessionDescription& description);

// The credentials of a m-line, its own or the session's; empty where neither has any.
[[nodiscard]] SdpTransport transport_on(const SessionDescription& description, std::size_t index);
// The transport of the bundle: that of the first of these m-lines that has one (RFC 8843 section 7.3.1). local_setup is what
// the other side's a=setup leaves us.
[[nodiscard]] Result<RemoteTransport> transport_of(const SessionDescription& description, const std::vector<bool>& lines);

}  // namespace cardea::sdp
