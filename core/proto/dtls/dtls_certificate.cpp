#include "proto/dtls/dtls_certificate.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>

#include "base/assert.hpp"
#include "base/cptr.hpp"
#include "base/random.hpp"
#include "proto/dtls/dtls_crypto.hpp"
#include "proto/dtls/x509_digest.hpp"

namespace cardea {
namespace {

constexpr long kSecondsPerDay = 24 * 60 * 60;

// RFC 5280 section 4.1.2.2: positive, at most 20 octets, not to be guessed.
void set_random_serial(X509& certificate) {
    std::array<std::uint8_t, 16> raw{};
    random_bytes(raw);
    raw[0] = static_cast<std::uint8_t>((raw[0] & 0x7fU) | 0x40U);
    const CPtr<BIGNUM, BN_free> number{BN_bin2bn(raw.data(), static_cast<int>(raw.size()), nullptr)};
    CARDEA_ASSERT(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr);
}

// The name says nothing about the host: peers check the fingerprint alone.
void set_name(X509& certificate) {
    static constexpr std::array<std::uint8_t, 6> kName{'W', 'e', 'b', 'R', 'T', 'C'};
    auto* name = X509_get_subject_name(&certificate);
    CARDEA_ASSERT(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, kName.data(), static_cast<int>(kName.size()), -1, 0) == 1);
    CARDEA_ASSERT(X509_set_issuer_name(&certificate, name) == 1);
}

}  // namespace

void DtlsCertificate::FreeX509::operator()(X509* object) const noexcept { X509_free(object); }
void DtlsCertificate::FreeKey::operator()(EVP_PKEY* object) const noexcept { EVP_PKEY_free(object); }

DtlsCertificate::DtlsCertificate() noexcept = default;
DtlsCertificate::DtlsCertificate(DtlsCertificate&&) noexcept = default;
DtlsCertificate& DtlsCertificate::operator=(DtlsCertificate&&) noexcept = default;
DtlsCertificate::~DtlsCertificate() = default;

DtlsCertificate::DtlsCertificate(const DtlsCertificate& other)
    : certificate_{other.certificate_.get()}, key_{other.key_.get()}, sha256_{other.sha256_} {
    if (certificate_ != nullptr) X509_up_ref(certificate_.get());
    if (key_ != nullptr) EVP_PKEY_up_ref(key_.get());
}
DtlsCertificate& DtlsCertificate::operator=(const DtlsCertificate& other) { return *this = DtlsCertificate{other}; }

DtlsCertificate DtlsCertificate::generate(WallTime now) {
    DtlsCertificate made;
    made.key_.reset(EVP_PKEY_Q_keygen(dtls_crypto(), nullptr, "EC", "P-256"));
    made.certificate_.reset(X509_new_ex(dtls_crypto(), nullptr));
    CARDEA_ASSERT(made.key_ != nullptr && made.certificate_ != nullptr);
    auto& certificate = *made.certificate_;
    CARDEA_ASSERT(X509_set_version(&certificate, X509_VERSION_3) == 1);
    set_random_serial(certificate);
    set_name(certificate);
    // A day back: peers with a slow clock exist.
    const time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    CARDEA_ASSERT(ASN1_TIME_set(X509_getm_notBefore(&certificate), seconds - kSecondsPerDay) != nullptr);
    CARDEA_ASSERT(ASN1_TIME_set(X509_getm_notAfter(&certificate), seconds + 365 * kSecondsPerDay) != nullptr);
    CARDEA_ASSERT(X509_set_pubkey(&certificate, made.key_.get()) == 1);
    CARDEA_ASSERT(X509_sign(&certificate, made.key_.get(), EVP_sha256()) > 0);
    const auto digest = x509_digest(certificate, FingerprintHash::sha256);
    CARDEA_ASSERT(digest.size() == made.sha256_.size());
    std::copy(digest.begin(), digest.end(), made.sha256_.begin());
    return made;
}

Fingerprint DtlsCertificate::fingerprint(FingerprintHash hash) const { return {hash, x509_digest(*certificate_, hash)}; }
std::string DtlsCertificate::sha256_text() const { return fingerprint_to_text(sha256_); }

}  // namespace cardea
