#include "srtp.hpp"

#include "base/assert.hpp"

namespace cardea::testpeer {
namespace {

void set_profile(srtp_policy_t& policy, const std::string& name) {
    if (name == "SRTP_AEAD_AES_256_GCM") {
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp);
    } else if (name == "SRTP_AEAD_AES_128_GCM") {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
    }
}

srtp_t create(const std::string& profile, std::vector<std::uint8_t> key, srtp_ssrc_type_t direction) {
    srtp_policy_t policy{};
    set_profile(policy, profile);
    policy.ssrc.type = direction;
    policy.key = key.data();
    policy.window_size = 1024;
    policy.allow_repeat_tx = 1;  // a NACK without RTX is answered with the same packet
    srtp_t made = nullptr;
    CARDEA_ASSERT(srtp_create(&made, &policy) == srtp_err_status_ok);
    return made;
}

template <class Transform>
bool transform(srtp_t context, std::vector<std::uint8_t>& packet, Transform apply) {
    int size = static_cast<int>(packet.size());
    packet.resize(packet.size() + SRTP_MAX_TRAILER_LEN + 4);
    const bool ok = apply(context, packet.data(), &size) == srtp_err_status_ok;
    packet.resize(ok ? static_cast<std::size_t>(size) : 0);
    return ok;
}

}  // namespace

SrtpSession::SrtpSession(const SrtpKeys& keys) {
    static const bool ready = srtp_init() == srtp_err_status_ok;
    CARDEA_ASSERT(ready);
    out_.reset(create(keys.profile, keys.local, ssrc_any_outbound));
    in_.reset(create(keys.profile, keys.remote, ssrc_any_inbound));
}

bool SrtpSession::protect_rtp(std::vector<std::uint8_t>& packet) { return transform(out_.get(), packet, srtp_protect); }
bool SrtpSession::protect_rtcp(std::vector<std::uint8_t>& packet) { return transform(out_.get(), packet, srtp_protect_rtcp); }
bool SrtpSession::unprotect_rtp(std::vector<std::uint8_t>& packet) { return transform(in_.get(), packet, srtp_unprotect); }
bool SrtpSession::unprotect_rtcp(std::vector<std::uint8_t>& packet) { return transform(in_.get(), packet, srtp_unprotect_rtcp); }

}  // namespace cardea::testpeer
