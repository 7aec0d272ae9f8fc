// What all DTLS transports of one worker share: policy (version, ciphers, groups, SRTP profiles) and certificate, as one SSL_CTX.
#pragma once

#include <memory>
#include <vector>

#include "proto/dtls/dtls_certificate.hpp"
#include "proto/srtp/srtp_keys.hpp"

struct ssl_ctx_st;

namespace cardea {

struct DtlsOptions {
    // In order of preference; the server side picks. A strict site leaves only one.
    std::vector<SrtpProfile> profiles{SrtpProfile::aead_aes_256_gcm, SrtpProfile::aead_aes_128_gcm, SrtpProfile::aes_cm_128_hmac_sha1_80};
};

class DtlsContext {
  public:
    explicit DtlsContext(DtlsCertificate certificate, const DtlsOptions& options = {});
    ~DtlsContext();
    DtlsContext(const DtlsContext&) = delete;
    DtlsContext& operator=(const DtlsContext&) = delete;

    [[nodiscard]] const DtlsCertificate& certificate() const noexcept { return certificate_; }
    [[nodiscard]] ssl_ctx_st* native() noexcept { return context_.get(); }  // for DtlsTransport

  private:
    struct Free {
        void operator()(ssl_ctx_st* object) const noexcept;
    };
    DtlsCertificate certificate_;
    std::unique_ptr<ssl_ctx_st, Free> context_;
};

}  // namespace cardea
