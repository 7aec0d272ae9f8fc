#include "certificate.hpp"

#include <openssl/ec.h>

#include <array>

#include "base/assert.hpp"
#include "base/bytes.hpp"

namespace cardea::testpeer {

std::string fingerprint_of(const X509* certificate) {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    CARDEA_ASSERT(X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1);
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string text;
    for (const auto byte : Bytes{digest}.first(size)) {
        if (!text.empty()) text += ':';
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 0x0fU];
    }
    return text;
}

Certificate make_certificate() {
    Certificate made{CPtr<EVP_PKEY, EVP_PKEY_free>{EVP_EC_gen("P-256")}, CPtr<X509, X509_free>{X509_new()}, {}};
    CARDEA_ASSERT(made.key && made.x509);
    X509* x509 = made.x509.get();
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 86400);
    X509_set_pubkey(x509, made.key.get());
    auto* name = X509_get_subject_name(x509);
    const auto common = as_bytes("test peer");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common.data(), static_cast<int>(common.size()), -1, 0);
    X509_set_issuer_name(x509, name);
    CARDEA_ASSERT(X509_sign(x509, made.key.get(), EVP_sha256()) > 0);
    made.fingerprint = fingerprint_of(x509);
    return made;
}

}  // namespace cardea::testpeer
