#include "config/address_prefix.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <span>

namespace cardea::config {
namespace {

struct Octets {
    std::array<std::uint8_t, 16> bytes{};
    std::size_t size = 0;
};

Octets octets_of(const SocketAddress& address) noexcept {
    Octets out;
    const auto raw = address.raw();
    if (!address.is_v6()) {
        sockaddr_in v4{};
        std::memcpy(&v4, &raw, sizeof(v4));
        std::memcpy(out.bytes.data(), &v4.sin_addr, out.size = 4);
        return out;
    }
    sockaddr_in6 v6{};
    std::memcpy(&v6, &raw, sizeof(v6));
    std::memcpy(out.bytes.data(), &v6.sin6_addr, out.size = 16);
    // RFC 4291 section 2.5.5.2: ::ffff:0:0/96 holds IPv4.
    static constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (std::equal(kMapped.begin(), kMapped.end(), out.bytes.begin())) {
        std::copy_n(out.bytes.begin() + 12, 4, out.bytes.begin());
        out.size = 4;
    }
    return out;
}

}  // namespace

std::optional<AddressPrefix> AddressPrefix::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto network = SocketAddress::parse(text.substr(0, slash), 0);
    if (!network) return std::nullopt;
    AddressPrefix prefix;
    prefix.network_ = *network;
    const unsigned most = network->is_v6() ? 128 : 32;
    prefix.bits_ = most;
    if (slash == std::string_view::npos) return prefix;
    const auto digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix.bits_);
    if (error != std::errc{} || end != digits.data() + digits.size() || prefix.bits_ > most) return std::nullopt;
    return prefix;
}

bool AddressPrefix::contains(const SocketAddress& address) const noexcept {
    if (!address.is_set()) return false;
    const auto mine = octets_of(network_);
    const auto other = octets_of(address);
    if (mine.size != other.size || bits_ > mine.size * 8) return false;
    const std::size_t whole = bits_ / 8;
    if (!std::equal(mine.bytes.begin(), mine.bytes.begin() + static_cast<std::ptrdiff_t>(whole), other.bytes.begin())) return false;
    const unsigned rest = bits_ % 8;
    return rest == 0 || (mine.bytes[whole] ^ other.bytes[whole]) >> (8 - rest) == 0;
}

bool contains(const std::vector<AddressPrefix>& prefixes, const SocketAddress& address) noexcept {
    return std::any_of(prefixes.begin(), prefixes.end(), [&](const AddressPrefix& prefix) { return prefix.contains(address); });
}

}  // namespace cardea::config
