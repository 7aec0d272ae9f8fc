// The certificate of the TLS listeners when the admin gave none: ECDSA P-256, made at first start, kept in the state
// directory, so that whoever accepted it once is not asked again after a restart.
#pragma once

#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace cardea::app {

struct CertificateFiles {
    std::string certificate;  // PEM
    std::string key;          // PEM, mode 0600
};

struct CertificateNames {
    std::string host;
    std::vector<SocketAddress> addresses;
};

// The files in `folder`; made when one is missing, they do not belong together, or less than a day is left.
[[nodiscard]] Result<CertificateFiles> ensure_self_signed(const std::string& folder, const CertificateNames& names, WallTime now);

}  // namespace cardea::app
