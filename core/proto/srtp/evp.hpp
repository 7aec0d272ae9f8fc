// OpenSSL's ciphers, fetched once a process: an implicit fetch per initialisation is the known slowness of OpenSSL 3.
#pragma once

#include <openssl/evp.h>

#include "base/cptr.hpp"

namespace cardea {

using EvpCipher = CPtr<EVP_CIPHER, EVP_CIPHER_free>;
using EvpCipherCtx = CPtr<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

class EvpCiphers {
  public:
    [[nodiscard]] static const EvpCiphers& instance();
    [[nodiscard]] const EVP_CIPHER& gcm128() const noexcept { return *gcm128_; }
    [[nodiscard]] const EVP_CIPHER& gcm256() const noexcept { return *gcm256_; }
    [[nodiscard]] const EVP_CIPHER& ctr128() const noexcept { return *ctr128_; }
    [[nodiscard]] const EVP_CIPHER& ctr256() const noexcept { return *ctr256_; }

  private:
    EvpCiphers();
    EvpCipher gcm128_, gcm256_, ctr128_, ctr256_;
};

}  // namespace cardea
