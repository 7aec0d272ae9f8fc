#include "proto/srtp/srtp_keys.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace cardea {
namespace {
constexpr std::array<std::pair<std::string_view, SrtpProfile>, 4> kNames{{
    {"AEAD_AES_256_GCM", SrtpProfile::aead_aes_256_gcm},
    {"AEAD_AES_128_GCM", SrtpProfile::aead_aes_128_gcm},
    {"AES_CM_128_HMAC_SHA1_80", SrtpProfile::aes_cm_128_hmac_sha1_80},
    {"AES_CM_128_HMAC_SHA1_32", SrtpProfile::aes_cm_128_hmac_sha1_32},
}};
}  // namespace

std::string_view to_text(SrtpProfile profile) noexcept {
    const auto found = std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) { return entry.second == profile; });
    return found == kNames.end() ? std::string_view{} : found->first;
}

std::optional<SrtpProfile> srtp_profile_of(std::string_view name) noexcept {
    const auto found = std::find_if(kNames.begin(), kNames.end(), [&](const auto& entry) { return entry.first == name; });
    if (found == kNames.end()) return std::nullopt;
    return found->second;
}

void wipe_secret(MutableBytes secret) noexcept { OPENSSL_cleanse(secret.data(), secret.size()); }

SrtpKeys SrtpKeys::from(SrtpProfile profile, Bytes key, Bytes salt) noexcept {
    CARDEA_ASSERT(key.size() == sizes_of(profile).key && salt.size() == sizes_of(profile).salt);
    SrtpKeys keys;
    keys.profile = profile;
    std::copy(key.begin(), key.end(), keys.key.bytes().begin());
    std::copy(salt.begin(), salt.end(), keys.salt.bytes().begin());
    return keys;
}

}  // namespace cardea
