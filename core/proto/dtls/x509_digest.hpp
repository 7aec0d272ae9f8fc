// The fingerprint of a certificate as OpenSSL holds it.
#pragma once

#include <openssl/x509.h>

#include <vector>

#include "proto/dtls/fingerprint.hpp"

namespace cardea {

[[nodiscard]] std::vector<std::uint8_t> x509_digest(const X509& certificate, FingerprintHash hash);  // empty: OpenSSL refused

}  // namespace cardea
