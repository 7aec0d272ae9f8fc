#include "ice.hpp"

#include <stun/usages/ice.h>

#include <algorithm>

#include "base/random.hpp"

namespace cardea::load {
namespace {

constexpr std::array<std::uint16_t, 10> kKnownAttributes{
    STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, STUN_ATTRIBUTE_ERROR_CODE,
    STUN_ATTRIBUTE_USERNAME,    STUN_ATTRIBUTE_MESSAGE_INTEGRITY, STUN_ATTRIBUTE_PRIORITY,        STUN_ATTRIBUTE_USE_CANDIDATE,
    STUN_ATTRIBUTE_FINGERPRINT, STUN_ATTRIBUTE_ICE_CONTROLLED,    STUN_ATTRIBUTE_ICE_CONTROLLING, 0};
constexpr std::uint32_t kPriority = 0x6e0001ff;  // of a peer-reflexive candidate, RFC 8445 section 7.1.1
constexpr Duration kCheckInterval = 50ms;
constexpr Duration kConsentInterval = 4s;

const std::uint8_t* bytes_of(const std::string& text) noexcept { return as_bytes(text).data(); }

bool give_password(StunAgent*, StunMessage*, std::uint8_t*, std::uint16_t, std::uint8_t** password, size_t* size, void* context) {
    const auto& ours = *static_cast<const std::string*>(context);
    *password = const_cast<std::uint8_t*>(bytes_of(ours));  // the codec's interface is not const-correct; it only reads
    *size = ours.size();
    return true;
}

}  // namespace

Ice::Ice() : local_{random_ice_text(8), random_ice_text(24)}, tie_breaker_{random_u64()} {
    const auto flags = static_cast<unsigned>(STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS) | static_cast<unsigned>(STUN_AGENT_USAGE_USE_FINGERPRINT);
    stun_agent_init(&agent_, const_cast<std::uint16_t*>(kKnownAttributes.data()), STUN_COMPATIBILITY_RFC5389,
                    static_cast<StunAgentUsageFlags>(flags));
}

void Ice::set_remote(const testpeer::IceCredentials& remote, bool controlling) {
    remote_ = remote;
    controlling_ = controlling;
}

Bytes Ice::poll_check(Instant now) {
    if (!has_remote() || now < next_check_) return {};
    next_check_ = now + (connected_ ? kConsentInterval : kCheckInterval);
    const auto username = remote_.ufrag + ":" + local_.ufrag;
    StunMessage message{};
    const auto size = stun_usage_ice_conncheck_create(&agent_, &message, out_.data(), out_.size(), bytes_of(username), username.size(),
                                                      bytes_of(remote_.password), remote_.password.size(), controlling_, controlling_,
                                                      kPriority, tie_breaker_, nullptr, STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
    return Bytes{out_}.first(size);
}

Bytes Ice::on_datagram(Bytes datagram, const SocketAddress& from) {
    if (datagram.size() > in_.size() - 64) return {};
    std::copy(datagram.begin(), datagram.end(), in_.begin());
    StunMessage message{};
    const auto status = stun_agent_validate(&agent_, &message, in_.data(), datagram.size(), give_password, &local_.password);
    if (status != STUN_VALIDATION_SUCCESS) return {};
    if (stun_message_get_class(&message) == STUN_REQUEST) return answer(message, from);
    if (stun_message_get_class(&message) == STUN_RESPONSE) connected_ = true;
    return {};
}

Bytes Ice::answer(StunMessage& request, const SocketAddress& from) {
    StunMessage response{};
    auto source = from.raw();
    bool controlling = controlling_;
    auto size = out_.size();
    stun_usage_ice_conncheck_create_reply(&agent_, &request, &response, out_.data(), &size, &source, from.raw_size(), &controlling, tie_breaker_,
                                          STUN_USAGE_ICE_COMPATIBILITY_RFC5245);
    controlling_ = controlling;  // a role conflict has been settled
    return Bytes{out_}.first(size);
}

}  // namespace cardea::load
