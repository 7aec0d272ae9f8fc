#include "api/envelope.hpp"

#include <algorithm>

#include "api/errors.hpp"

namespace cardea::api {
namespace {

std::string lower(std::string_view text) {
    std::string result{text};
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

constexpr HandleId kNobody{~std::uint64_t{0}};  // ids have 53 bits

// Of ids and inside of a jsep, JSON null counts as absent.
bool is_there(const Json& value) { return value && !value.is_null(); }

// As Janus reads ids: what is no integer is none, and a negative one is of nobody.
std::uint64_t session_in(const Json& message) { return static_cast<std::uint64_t>(message["session_id"].integer()); }

std::uint64_t handle_in(const Json& message) {
    const auto value = message["handle_id"];
    if (!is_there(value)) return 0;
    return value.is_integer() ? static_cast<std::uint64_t>(value.integer()) : kNobody.value;
}

Result<std::string> required_text(const Json& message, const char* name) {
    const auto value = message[name];
    if (!is_there(value)) return missing(name);
    if (!value.is_string()) return wrong_type(name, "a string");
    return std::string{value.text()};
}

}  // namespace

tl::expected<Envelope, BadEnvelope> parse_envelope(const Json& message) {
    const auto bad = [](Error error, std::optional<std::string> transaction = std::nullopt) {
        return tl::unexpected{BadEnvelope{std::move(error), std::move(transaction)}};
    };
    if (!message.is_object()) return bad({invalid_json_object, "JSON error: not an object"});
    auto transaction = required_text(message, "transaction");
    if (!transaction) return bad(transaction.error());
    const auto verb = required_text(message, "janus");
    if (!verb) return bad(verb.error(), *transaction);
    return Envelope{lower(*verb), *transaction, SessionId{session_in(message)}, HandleId{handle_in(message)}, message};
}

Json error_reply(const Error& error, SessionId session, const std::optional<std::string>& transaction) {
    Json json{{"janus", "error"}};
    if (session.is_set()) json.set("session_id", session.value);
    if (transaction) json.set("transaction", *transaction);
    return json.set("error", Json{{"code", error.code}, {"reason", error.detail}});
}

MessageText reply(std::string_view kind, const Envelope& request) {
    MessageText message{kind};
    if (request.session.is_set()) message.id("session_id", request.session);
    message.text("transaction", request.transaction);
    return message;
}

Result<void> check_jsep(const Json& jsep) {
    const auto type = required_text(jsep, "type");
    if (!type) return tl::unexpected{type.error()};
    if (*type != "offer" && *type != "answer") return fail(jsep_unknown_type, "JSEP error: unknown message type '" + *type + "'");
    const auto sdp = required_text(jsep, "sdp");
    if (!sdp) return tl::unexpected{sdp.error()};
    for (const auto* flag : {"trickle", "e2ee", "force_relay"})
        if (is_there(jsep[flag]) && !jsep[flag].is_bool()) return wrong_type(flag, "a boolean");
    if (is_there(jsep["rid_order"]) && !jsep["rid_order"].is_string()) return wrong_type("rid_order", "a string");
    return {};
}

Result<void> check_trickle(const Json& request) {
    const bool one = request.has("candidate");
    const bool many = request.has("candidates");
    if (!one && !many) return fail(missing_mandatory_element, "Missing mandatory element (candidate|candidates)");
    if (one && many) return fail(invalid_json, "Can't have both candidate and candidates");
    if (many && !request["candidates"].is_array()) return wrong_type("candidates", "an array");
    // Null, a non-object and "completed" all end the candidates. One entry of an array may be wrong; a lone one may not.
    const auto candidate = request["candidate"];
    if (!candidate.is_object() || candidate.has("completed")) return {};
    if (!is_there(candidate["candidate"])) return fail(missing_mandatory_element, "Trickle error: missing mandatory element (candidate)");
    if (!candidate["candidate"].is_string()) return fail(invalid_element_type, "Trickle error: invalid element type (candidate should be a string)");
    if (!is_there(candidate["sdpMid"]) && !is_there(candidate["sdpMLineIndex"]))
        return fail(missing_mandatory_element, "Trickle error: missing mandatory element (sdpMid or sdpMLineIndex)");
    return {};
}

}  // namespace cardea::api
