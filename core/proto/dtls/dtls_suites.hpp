// The cipher suites, the only place where they are listed: what a handshake may agree on, and how its records are protected then.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace cardea {

enum class RecordCipher : std::uint8_t { chacha20_poly1305, aes_256_gcm, aes_128_gcm };

struct DtlsSuite {
    std::uint16_t id;  // of the IANA registry
    const char* name;  // OpenSSL's
    RecordCipher cipher;
    const char* prf_digest;  // RFC 5246 section 5, RFC 5289 section 3
};

// Browsers offer no AES-256-GCM in DTLS 1.2, so that CHACHA20 first gives 256-bit records with them too. RSA: for a peer that is the
// server. All AEAD: DtlsRecordLayer knows no others.
inline constexpr std::array<DtlsSuite, 6> kDtlsSuites{{
    {0xcca9, "ECDHE-ECDSA-CHACHA20-POLY1305", RecordCipher::chacha20_poly1305, "SHA256"},
    {0xcca8, "ECDHE-RSA-CHACHA20-POLY1305", RecordCipher::chacha20_poly1305, "SHA256"},
    {0xc02c, "ECDHE-ECDSA-AES256-GCM-SHA384", RecordCipher::aes_256_gcm, "SHA384"},
    {0xc030, "ECDHE-RSA-AES256-GCM-SHA384", RecordCipher::aes_256_gcm, "SHA384"},
    {0xc02b, "ECDHE-ECDSA-AES128-GCM-SHA256", RecordCipher::aes_128_gcm, "SHA256"},
    {0xc02f, "ECDHE-RSA-AES128-GCM-SHA256", RecordCipher::aes_128_gcm, "SHA256"},
}};

}  // namespace cardea
