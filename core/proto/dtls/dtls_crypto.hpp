// The part of OpenSSL that a DTLS handshake needs, as a library context of its own.
#pragma once

struct ossl_lib_ctx_st;

namespace cardea {

// OpenSSL 3.0 looks through every algorithm it has in use, every decoder and every kind of key whenever it reads a certificate: a third of
// a handshake. This context has the default provider's algorithms, but no ciphers and digests beside those of the suites, and decodes
// public keys of certificates only, of the kinds that peers have (EC, RSA, RSA-PSS, Ed25519). Made at the first call and kept; null, which
// is OpenSSL's own context, when it cannot be made. Any thread.
[[nodiscard]] ossl_lib_ctx_st* dtls_crypto();

}  // namespace cardea
