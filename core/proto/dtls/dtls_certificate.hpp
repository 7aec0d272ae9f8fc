// The self-signed ECDSA P-256 certificate by which the gateway identifies itself to peers. Made in the process, never stored.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "proto/dtls/fingerprint.hpp"

struct x509_st;
struct evp_pkey_st;

namespace cardea {

class DtlsCertificate {
  public:
    [[nodiscard]] static DtlsCertificate generate(WallTime now);  // valid from a day before now, for a year
    DtlsCertificate(const DtlsCertificate&);                      // shares key and certificate
    DtlsCertificate& operator=(const DtlsCertificate&);
    DtlsCertificate(DtlsCertificate&&) noexcept;
    DtlsCertificate& operator=(DtlsCertificate&&) noexcept;
    ~DtlsCertificate();

    [[nodiscard]] Bytes sha256() const noexcept { return sha256_; }
    [[nodiscard]] Fingerprint fingerprint(FingerprintHash hash) const;
    [[nodiscard]] std::string sha256_text() const;  // "AB:CD:...", for a=fingerprint:sha-256

  private:
    friend class DtlsContext;
    struct FreeX509 {
        void operator()(x509_st* object) const noexcept;
    };
    struct FreeKey {
        void operator()(evp_pkey_st* object) const noexcept;
    };
    DtlsCertificate() noexcept;

    std::unique_ptr<x509_st, FreeX509> certificate_;
    std::unique_ptr<evp_pkey_st, FreeKey> key_;
    std::array<std::uint8_t, 32> sha256_{};
};

}  // namespace cardea
