#include "proto/dtls/dtls_context.hpp"

#include <openssl/ssl.h>

#include <string>
#include <string_view>

#include "base/assert.hpp"
#include "proto/dtls/dtls_callbacks.hpp"
#include "proto/dtls/dtls_crypto.hpp"
#include "proto/dtls/dtls_suites.hpp"

namespace cardea {
namespace {

// The version and group policy; the suites are in dtls_suites.hpp. OpenSSL 3.0 has no DTLS 1.3; peers that offer it fall back.
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr long kMaxCertificateChain = 16 * 1024;
constexpr std::uint64_t kOptions =
    SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION;

std::string_view openssl_name(SrtpProfile profile) noexcept {
    switch (profile) {
        case SrtpProfile::aead_aes_256_gcm: return "SRTP_AEAD_AES_256_GCM";
        case SrtpProfile::aead_aes_128_gcm: return "SRTP_AEAD_AES_128_GCM";
        case SrtpProfile::aes_cm_128_hmac_sha1_32: return "SRTP_AES128_CM_SHA1_32";
        case SrtpProfile::aes_cm_128_hmac_sha1_80: break;
    }
    return "SRTP_AES128_CM_SHA1_80";
}

std::string_view openssl_name(const DtlsSuite& suite) noexcept { return suite.name; }

std::string join(const auto& list) {
    std::string names;
    for (const auto& each : list) {
        if (!names.empty()) names += ':';
        names += openssl_name(each);
    }
    return names;
}

}  // namespace

void DtlsContext::Free::operator()(SSL_CTX* object) const noexcept { SSL_CTX_free(object); }

DtlsContext::DtlsContext(DtlsCertificate certificate, const DtlsOptions& options)
    : certificate_{std::move(certificate)}, context_{SSL_CTX_new_ex(dtls_crypto(), nullptr, DTLS_method())} {
    auto* context = context_.get();
    CARDEA_ASSERT(context != nullptr && !options.profiles.empty());
    CARDEA_ASSERT(SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1);
    // A later OpenSSL may know more, DtlsRecordLayer does not.
    CARDEA_ASSERT(SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1);
    SSL_CTX_set_options(context, kOptions);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(context, kMaxCertificateChain);
    // A record never exceeds a datagram; buffers shrink accordingly.
    SSL_CTX_set_max_send_fragment(context, 1200);
    CARDEA_ASSERT(SSL_CTX_set_cipher_list(context, join(kDtlsSuites).c_str()) == 1);
    CARDEA_ASSERT(SSL_CTX_set1_groups_list(context, kGroups) == 1);
    // This one call of the family returns 0 for success.
    CARDEA_ASSERT(SSL_CTX_set_tlsext_use_srtp(context, join(options.profiles).c_str()) == 0);
    CARDEA_ASSERT(SSL_CTX_use_certificate(context, certificate_.certificate_.get()) == 1);
    CARDEA_ASSERT(SSL_CTX_use_PrivateKey(context, certificate_.key_.get()) == 1);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(context, DtlsCallbacks::verify_certificate, nullptr);
    SSL_CTX_set_info_callback(context, DtlsCallbacks::on_info);
}
DtlsContext::~DtlsContext() = default;

}  // namespace cardea
