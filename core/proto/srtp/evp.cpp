#include "proto/srtp/evp.hpp"

#include "base/assert.hpp"

namespace cardea {

EvpCiphers::EvpCiphers()
    : gcm128_{EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr)},
      gcm256_{EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)},
      ctr128_{EVP_CIPHER_fetch(nullptr, "AES-128-CTR", nullptr)},
      ctr256_{EVP_CIPHER_fetch(nullptr, "AES-256-CTR", nullptr)} {
    CARDEA_ASSERT(gcm128_ && gcm256_ && ctr128_ && ctr256_);
}

const EvpCiphers& EvpCiphers::instance() {
    static const EvpCiphers ciphers;
    return ciphers;
}

}  // namespace cardea
