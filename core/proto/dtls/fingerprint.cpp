#include "proto/dtls/fingerprint.hpp"

#include <algorithm>
#include <array>

namespace cardea {
namespace {

struct Hash {
    std::string_view name;
    FingerprintHash hash;
    std::size_t size;
};
constexpr std::array<Hash, 3> kHashes{{
    {"sha-256", FingerprintHash::sha256, 32},
    {"sha-384", FingerprintHash::sha384, 48},
    {"sha-512", FingerprintHash::sha512, 64},
}};

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::optional<FingerprintHash> fingerprint_hash_of(std::string_view name) noexcept {
    for (const auto& known : kHashes)
        if (equal_ignoring_case(known.name, name)) return known.hash;
    return std::nullopt;
}

std::string fingerprint_to_text(Bytes fingerprint) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string text;
    text.reserve(fingerprint.size() * 3);
    for (const auto byte : fingerprint) {
        if (!text.empty()) text += ':';
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 0x0fU];
    }
    return text;
}

std::optional<Fingerprint> Fingerprint::from(std::string_view algorithm, Bytes value) {
    const auto hash = fingerprint_hash_of(algorithm);
    if (!hash || value.size() != kHashes[static_cast<std::size_t>(*hash)].size) return std::nullopt;
    return Fingerprint{*hash, {value.begin(), value.end()}};
}

}  // namespace cardea
