// What OpenSSL calls back: certificate check, retransmission timer, alerts, and the BIO that carries one datagram a time.
#pragma once

#include <openssl/ssl.h>

#include "proto/dtls/dtls_transport.hpp"

namespace cardea {

struct DtlsCallbacks {
    [[nodiscard]] static int verify_certificate(X509_STORE_CTX* store, void*);
    [[nodiscard]] static unsigned retransmit_after(SSL* ssl, unsigned previous_us);
    static void on_info(const SSL* ssl, int where, int value);
    // For SSL_set_bio: reads from and writes to this transport.
    [[nodiscard]] static BIO* make_bio(DtlsTransport& transport);

  private:
    struct Method;
    static int write(BIO* bio, const char* data, int size);
    static int read(BIO* bio, char* out, int size);
    static long control(BIO* bio, int command, long number, void* pointer);
};

}  // namespace cardea
