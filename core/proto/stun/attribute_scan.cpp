#include "proto/stun/attribute_scan.hpp"

namespace cardea {
namespace {

// RFC 8489 sections 5 and 14.
constexpr std::size_t kHeaderSize = 20;
constexpr std::uint32_t kMagicCookie = 0x2112a442;
constexpr std::uint16_t kClassMask = 0x0110;
constexpr std::uint16_t kBindingRequest = 0x0001;
constexpr std::uint16_t kUsername = 0x0006;
constexpr std::uint16_t kMessageIntegrity = 0x0008;
constexpr std::uint16_t kFingerprint = 0x8028;
constexpr std::size_t kMaxUsername = 513;
constexpr std::size_t kIntegritySize = 20;
constexpr std::size_t kFingerprintSize = 4;

tl::expected<void, StunDrop> scan_header(ByteReader& reader, std::size_t size) noexcept {
    const auto type = reader.be<std::uint16_t>();
    const auto length = reader.be<std::uint16_t>();
    const auto cookie = reader.be<std::uint32_t>();
    reader.skip(12);
    if (!reader.ok() || (type & 0xc000U) != 0 || cookie != kMagicCookie || length % 4 != 0 || length + kHeaderSize != size)
        return tl::unexpected{StunDrop::malformed};
    if ((type & kClassMask) != 0) return tl::unexpected{StunDrop::not_a_request};
    if (type != kBindingRequest) return tl::unexpected{StunDrop::not_binding};
    return {};
}

// False: not acceptable at this place.
bool note(StunScan& scan, std::uint16_t type, Bytes value) noexcept {
    if (scan.has_fingerprint) return false;  // RFC 8489 section 14.7: FINGERPRINT is the last one
    switch (type) {
        case kMessageIntegrity:
            if (scan.has_integrity || value.size() != kIntegritySize) return false;
            scan.has_integrity = true;
            return true;
        case kFingerprint:
            scan.has_fingerprint = true;
            return value.size() == kFingerprintSize;
        case kUsername:
            if (scan.has_integrity) return true;  // section 14.5: what follows MESSAGE-INTEGRITY is ignored
            if (!scan.username.empty() || value.empty() || value.size() > kMaxUsername) return false;
            scan.username = as_text(value);
            return true;
        default: return true;
    }
}

}  // namespace

tl::expected<StunScan, StunDrop> scan_binding_request(Bytes datagram) noexcept {
    ByteReader reader{datagram};
    if (const auto header = scan_header(reader, datagram.size()); !header) return tl::unexpected{header.error()};
    StunScan scan;
    while (reader.left() > 0) {
        const auto type = reader.be<std::uint16_t>();
        const std::size_t size = reader.be<std::uint16_t>();
        const auto value = reader.take(size);
        reader.skip((4 - size % 4) % 4);
        if (!reader.ok() || !note(scan, type, value)) return tl::unexpected{StunDrop::malformed};
    }
    return scan;
}

}  // namespace cardea
