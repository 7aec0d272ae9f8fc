// Certificate fingerprints as SDP carries them (RFC 8122 section 5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace cardea {

enum class FingerprintHash : std::uint8_t { sha256, sha384, sha512 };

// "sha-256" in any case; nullopt for weaker or unknown ones (sha-1, md5), which are refused.
[[nodiscard]] std::optional<FingerprintHash> fingerprint_hash_of(std::string_view name) noexcept;
[[nodiscard]] std::string fingerprint_to_text(Bytes fingerprint);  // "AB:CD:..."

struct Fingerprint {
    FingerprintHash hash = FingerprintHash::sha256;
    std::vector<std::uint8_t> value;
    // nullopt: the hash is refused or the value is not of its size.
    [[nodiscard]] static std::optional<Fingerprint> from(std::string_view algorithm, Bytes value);
};

}  // namespace cardea
