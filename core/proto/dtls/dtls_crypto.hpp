// The part of OpenSSL that a DTLS handshake needs, as a library context of its own.
#pragma once

struct ossl_lib_ctx_st;

namespace cardea {

// OpenSSL 3.0 looks through every decoder and every kind of key it has whenever it reads a certificate: a third of a handshake. This
// context has the same algorithms of the default provider, but decodes public keys of certificates only, of the kinds that peers have
// (EC, RSA, RSA-PSS, Ed25519). Made at the first call and kept; null, which is OpenSSL's own context, when it cannot be made. Any thread.
[[nodiscard]] ossl_lib_ctx_st* dtls_crypto();

}  // namespace cardea
