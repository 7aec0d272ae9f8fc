#include "proto/stun/stun_server.hpp"

#include <stun/stunagent.h>
#include <stun/usages/ice.h>

#include <array>

#include "proto/stun/attribute_scan.hpp"

namespace cardea {
namespace {

// What the codec must know to not call it an unknown mandatory attribute. Zero ends the list.
constexpr std::array<std::uint16_t, 8> kKnownAttributes{
    STUN_ATTRIBUTE_USERNAME,      STUN_ATTRIBUTE_MESSAGE_INTEGRITY, STUN_ATTRIBUTE_PRIORITY,        STUN_ATTRIBUTE_USE_CANDIDATE,
    STUN_ATTRIBUTE_FINGERPRINT, STUN_ATTRIBUTE_ICE_CONTROLLED,    STUN_ATTRIBUTE_ICE_CONTROLLING, 0};

// The codec's interface is not const-correct; it only reads the password and the list.
std::uint8_t* codec_bytes(std::string_view text) noexcept { return const_cast<std::uint8_t*>(as_bytes(text).data()); }

bool give_password(StunAgent*, StunMessage*, std::uint8_t*, std::uint16_t, std::uint8_t** password, size_t* size, void* context) {
    const auto& ours = *static_cast<const std::string_view*>(context);
    *password = codec_bytes(ours);
    *size = ours.size();
    return true;
}

StunDrop drop_of(StunValidationStatus status) noexcept {
    switch (status) {
        case STUN_VALIDATION_UNAUTHORIZED: return StunDrop::bad_integrity;
        case STUN_VALIDATION_UNAUTHORIZED_BAD_REQUEST: return StunDrop::missing_integrity;
        case STUN_VALIDATION_BAD_REQUEST: return StunDrop::bad_fingerprint;
        default: return StunDrop::malformed;
    }
}

}  // namespace

// Two agents: libnice either insists on FINGERPRINT or ignores it, while RFC 8489 section 7.3 leaves it to the sender and wants a
// present one verified. An agent (12.8 KB) is only its settings here: it tracks nothing for requests that come in.
struct StunServer::Codec {
    Codec() noexcept {
        auto* known = const_cast<std::uint16_t*>(kKnownAttributes.data());
        const auto credentials = static_cast<unsigned>(STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS);
        const auto both = credentials | static_cast<unsigned>(STUN_AGENT_USAGE_USE_FINGERPRINT);
        stun_agent_init(&strict, known, STUN_COMPATIBILITY_RFC5389, static_cast<StunAgentUsageFlags>(both));
        stun_agent_init(&lenient, known, STUN_COMPATIBILITY_RFC5389, static_cast<StunAgentUsageFlags>(credentials));
    }
    StunAgent strict{};
    StunAgent lenient{};
};

std::string_view to_text(StunDrop drop) noexcept {
    switch (drop) {
        case StunDrop::malformed: return "malformed";
        case StunDrop::not_a_request: return "not_a_request";
        case StunDrop::not_binding: return "not_binding";
        case StunDrop::missing_username: return "missing_username";
        case StunDrop::missing_integrity: return "missing_integrity";
        case StunDrop::bad_integrity: return "bad_integrity";
        case StunDrop::bad_fingerprint: return "bad_fingerprint";
        case StunDrop::no_room: break;
    }
    return "no_room";
}

StunServer::StunServer() : codec_{std::make_unique<Codec>()} {}
StunServer::StunServer(StunServer&&) noexcept = default;
StunServer& StunServer::operator=(StunServer&&) noexcept = default;
StunServer::~StunServer() = default;

tl::expected<StunUsername, StunDrop> StunServer::peek_username(Bytes datagram) noexcept {
    const auto scan = scan_binding_request(datagram);
    if (!scan) return tl::unexpected{scan.error()};
    const auto colon = scan->username.find(':');
    if (colon == std::string_view::npos || colon == 0) return tl::unexpected{StunDrop::missing_username};
    if (!scan->has_integrity) return tl::unexpected{StunDrop::missing_integrity};
    return StunUsername{scan->username.substr(0, colon), scan->username.substr(colon + 1)};
}

tl::expected<StunAnswer, StunDrop> StunServer::answer(Bytes datagram, const SocketAddress& from, std::string_view password,
                                                      MutableBytes reply) noexcept {
    const auto scan = scan_binding_request(datagram);
    if (!scan) return tl::unexpected{scan.error()};
    if (!scan->has_integrity) return tl::unexpected{StunDrop::missing_integrity};
    // libnice checks no HMAC at all under an empty key.
    if (password.empty()) return tl::unexpected{StunDrop::bad_integrity};

    StunMessage request{};
    StunMessage response{};
    auto& agent = scan->has_fingerprint ? codec_->strict : codec_->lenient;
    const auto status = stun_agent_validate(&agent, &request, datagram.data(), datagram.size(), give_password, &password);
    // Past this point the sender has proved that it knows the password; only now may it learn what was wrong.
    if (status == STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE) {
        const auto size = stun_agent_build_unknown_attributes_error(&codec_->strict, &response, reply.data(), reply.size(), &request);
        if (size == 0) return tl::unexpected{StunDrop::no_room};
        return StunAnswer{.reply_size = size};
    }
    if (status != STUN_VALIDATION_SUCCESS) return tl::unexpected{drop_of(status)};

    // RFC 8445 section 7.3.1.1 for the lite side: always controlled. With the least tie-breaker the codec answers 487 to a peer that
    // claims to be controlled too.
    auto source = from.raw();
    bool controlling = false;
    auto size = reply.size();
    const auto outcome = stun_usage_ice_conncheck_create_reply(&codec_->strict, &request, &response, reply.data(), &size, &source,
                                                               from.raw_size(), &controlling, 0, STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
    if (size == 0) return tl::unexpected{StunDrop::no_room};
    return StunAnswer{.reply_size = size,
                      .success = outcome == STUN_USAGE_ICE_RETURN_SUCCESS && !controlling,
                      .use_candidate = stun_usage_ice_conncheck_use_candidate(&request),
                      .priority = stun_usage_ice_conncheck_priority(&request)};
}

}  // namespace cardea
