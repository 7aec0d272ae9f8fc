// The error codes of the Janus core API.
#pragma once

#include <string>

#include "base/result.hpp"

namespace cardea::api {

enum ErrorCode : int {
    unauthorized = 403,
    unauthorized_plugin = 405,
    transport_specific = 450,
    missing_request = 452,
    unknown_request = 453,
    invalid_json = 454,
    invalid_json_object = 455,
    missing_mandatory_element = 456,
    invalid_request_path = 457,
    session_not_found = 458,
    handle_not_found = 459,
    plugin_not_found = 460,
    plugin_attach = 461,
    plugin_message = 462,
    plugin_detach = 463,
    jsep_unknown_type = 464,
    jsep_invalid_sdp = 465,
    trickle_invalid_stream = 466,
    invalid_element_type = 467,
    session_conflict = 468,
    unexpected_answer = 469,
    token_not_found = 470,
    webrtc_state = 471,
    not_accepting_sessions = 472,
    unknown = 490
};

[[nodiscard]] inline tl::unexpected<Error> missing(const std::string& name) {
    return fail(missing_mandatory_element, "Missing mandatory element (" + name + ")");
}
[[nodiscard]] inline tl::unexpected<Error> wrong_type(const std::string& name, const std::string& should_be) {
    return fail(invalid_element_type, "Invalid element type (" + name + " should be " + should_be + ")");
}

}  // namespace cardea::api
