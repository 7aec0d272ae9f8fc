// Session keys from master keys: RFC 3711 section 4.3, with the 96-bit salts of RFC 7714 section 11.
#pragma once

#include "proto/srtp/srtp_keys.hpp"

namespace cardea {

struct SrtpSessionKeys {
    SrtpProfile profile = SrtpProfile::aead_aes_256_gcm;
    SecretBytes<32> key;
    SecretBytes<14> salt;
    SecretBytes<20> auth;  // HMAC-SHA1, where the profile is not AEAD
};

[[nodiscard]] SrtpSessionKeys derive_rtp_keys(const SrtpKeys& master);
[[nodiscard]] SrtpSessionKeys derive_rtcp_keys(const SrtpKeys& master);

}  // namespace cardea
