// The frame around every request of the Janus API, checked in the reference's order, and the frames of the replies.
#pragma once

#include <optional>
#include <string>

#include "api/message_text.hpp"
#include "base/result.hpp"
#include "base/strong_id.hpp"
#include "cardea/json.hpp"

namespace cardea::api {

struct Envelope {
    std::string verb;  // lower case: verbs compare without regard to case
    std::string transaction;
    SessionId session;
    HandleId handle;
    Json json;  // all of it
};

struct BadEnvelope {
    Error error;
    std::optional<std::string> transaction;
};
[[nodiscard]] tl::expected<Envelope, BadEnvelope> parse_envelope(const Json& message);

// {"janus":"error","session_id"?,"transaction"?,"error":{...}}
[[nodiscard]] Json error_reply(const Error& error, SessionId session, const std::optional<std::string>& transaction);
// {"janus":kind,"session_id"?,"transaction"
[[nodiscard]] MessageText reply(std::string_view kind, const Envelope& request);

// A jsep as far as the API looks into it: type and sdp. 456, 464 or 467.
[[nodiscard]] Result<void> check_jsep(const Json& jsep);
// What a trickle carries: "candidate" xor "candidates".
[[nodiscard]] Result<void> check_trickle(const Json& request);

}  // namespace cardea::api
