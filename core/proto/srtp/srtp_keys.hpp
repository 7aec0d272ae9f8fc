// What a DTLS-SRTP handshake yields for one direction (RFC 5764 section 4.2) and what SrtpIn and SrtpOut start from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"

namespace cardea {

// The one with 32 bits is not offered in DTLS; RTP forwarders and remote publishers know it (RFC 4568 section 6.2.2).
enum class SrtpProfile : std::uint8_t { aes_cm_128_hmac_sha1_80, aes_cm_128_hmac_sha1_32, aead_aes_128_gcm, aead_aes_256_gcm };

struct SrtpProfileSizes {
    std::size_t key, salt, tag;  // octets
    std::size_t rtcp_tag;
    bool aead;
};
[[nodiscard]] constexpr SrtpProfileSizes sizes_of(SrtpProfile profile) noexcept {
    switch (profile) {
        case SrtpProfile::aead_aes_128_gcm: return {16, 12, 16, 16, true};
        case SrtpProfile::aead_aes_256_gcm: return {32, 12, 16, 16, true};
        case SrtpProfile::aes_cm_128_hmac_sha1_32: return {16, 14, 4, 10, false};
        case SrtpProfile::aes_cm_128_hmac_sha1_80: break;
    }
    return {16, 14, 10, 10, false};
}

// The names of the IANA registry, as the configuration and the admin API use them: "AEAD_AES_256_GCM".
[[nodiscard]] std::string_view to_text(SrtpProfile profile) noexcept;
[[nodiscard]] std::optional<SrtpProfile> srtp_profile_of(std::string_view name) noexcept;

// An array that is wiped when it goes.
template <std::size_t N>
class SecretBytes {
  public:
    SecretBytes() noexcept = default;
    SecretBytes(const SecretBytes&) noexcept = default;
    SecretBytes& operator=(const SecretBytes&) noexcept = default;
    ~SecretBytes() { wipe(); }
    [[nodiscard]] MutableBytes bytes() noexcept { return bytes_; }
    [[nodiscard]] Bytes bytes() const noexcept { return bytes_; }
    [[nodiscard]] Bytes first(std::size_t size) const noexcept { return Bytes{bytes_}.first(size); }
    [[nodiscard]] MutableBytes first(std::size_t size) noexcept { return MutableBytes{bytes_}.first(size); }

  private:
    void wipe() noexcept;
    std::array<std::uint8_t, N> bytes_{};
};
void wipe_secret(MutableBytes secret) noexcept;
template <std::size_t N>
void SecretBytes<N>::wipe() noexcept {
    wipe_secret(bytes_);
}

struct SrtpKeys {
    static constexpr std::size_t kMaxKey = 32;
    static constexpr std::size_t kMaxSalt = 14;

    SrtpProfile profile = SrtpProfile::aead_aes_256_gcm;
    SecretBytes<kMaxKey> key;
    SecretBytes<kMaxSalt> salt;

    // key and salt must be as long as the profile says.
    [[nodiscard]] static SrtpKeys from(SrtpProfile profile, Bytes key, Bytes salt) noexcept;
    [[nodiscard]] Bytes master_key() const noexcept { return key.first(sizes_of(profile).key); }
    [[nodiscard]] Bytes master_salt() const noexcept { return salt.first(sizes_of(profile).salt); }
};

}  // namespace cardea
