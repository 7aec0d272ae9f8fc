// What a finished handshake leaves for its records: from OpenSSL's SSL object to keys (RFC 5246 section 6.3).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "proto/dtls/dtls_role.hpp"
#include "proto/dtls/dtls_suites.hpp"
#include "proto/srtp/srtp_keys.hpp"

struct ssl_st;
struct evp_cipher_st;

namespace cardea {

struct DtlsSecrets {
    static constexpr std::size_t kMaster = 48;  // RFC 5246 section 8.1
    static constexpr std::size_t kRandom = 32;

    const DtlsSuite* suite = nullptr;
    DtlsRole role = DtlsRole::server;  // ours
    SecretBytes<kMaster> master;
    std::array<std::uint8_t, kRandom> client_random{};
    std::array<std::uint8_t, kRandom> server_random{};
};

// Of a finished handshake. None: not one of kDtlsSuites.
[[nodiscard]] std::optional<DtlsSecrets> secrets_of(ssl_st& ssl, DtlsRole role);

// One direction. AES-GCM's salt is 4 octets (RFC 5288 section 3), ChaCha20-Poly1305's 12 (RFC 7905 section 2).
struct DtlsWriteKeys {
    SecretBytes<32> key;
    SecretBytes<12> salt;
};
struct DtlsKeys {
    DtlsWriteKeys ours;
    DtlsWriteKeys theirs;
};
struct RecordCipherSizes {
    std::size_t key, salt, explicit_nonce;  // octets
};
[[nodiscard]] constexpr RecordCipherSizes sizes_of(RecordCipher cipher) noexcept {
    switch (cipher) {
        case RecordCipher::aes_256_gcm:
            return {32, 4, 8};
        case RecordCipher::aes_128_gcm:
            return {16, 4, 8};
        case RecordCipher::chacha20_poly1305:
            break;
    }
    return {32, 12, 0};
}
[[nodiscard]] DtlsKeys derive_keys(const DtlsSecrets& secrets);

// Fetched once; lives as long as the process.
[[nodiscard]] const evp_cipher_st& evp_cipher_of(RecordCipher cipher);

}  // namespace cardea
