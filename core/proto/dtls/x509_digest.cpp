#include "proto/dtls/x509_digest.hpp"

#include <openssl/evp.h>

namespace cardea {
namespace {

const EVP_MD* digest_of(FingerprintHash hash) noexcept {
    switch (hash) {
        case FingerprintHash::sha384: return EVP_sha384();
        case FingerprintHash::sha512: return EVP_sha512();
        case FingerprintHash::sha256: break;
    }
    return EVP_sha256();
}

}  // namespace

std::vector<std::uint8_t> x509_digest(const X509& certificate, FingerprintHash hash) {
    std::vector<std::uint8_t> digest(EVP_MAX_MD_SIZE);
    unsigned size = 0;
    if (X509_digest(&certificate, digest_of(hash), digest.data(), &size) != 1) return {};
    digest.resize(size);
    return digest;
}

}  // namespace cardea
