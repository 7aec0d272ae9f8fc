// A self-signed P-256 certificate for DTLS and its fingerprint (RFC 8122).
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <string>

#include "base/cptr.hpp"

namespace cardea::testpeer {

struct Certificate {
    CPtr<EVP_PKEY, EVP_PKEY_free> key;
    CPtr<X509, X509_free> x509;
    std::string fingerprint;  // SHA-256, upper case, colons
};
[[nodiscard]] Certificate make_certificate();
[[nodiscard]] std::string fingerprint_of(const X509* certificate);

}  // namespace cardea::testpeer
