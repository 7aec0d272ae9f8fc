#include "base/address.hpp"

#include <arpa/inet.h>

#include <array>

#include "base/random.hpp"

namespace cardea {

std::optional<SocketAddress> SocketAddress::parse(std::string_view ip, std::uint16_t port) {
    if (ip.size() >= 2 && ip.front() == '[' && ip.back() == ']') ip = ip.substr(1, ip.size() - 2);
    const std::string text{ip};
    SocketAddress out;
    out.port_ = port;
    if (inet_pton(AF_INET, text.c_str(), out.ip_) == 1) {
        out.family_ = AF_INET;
        return out;
    }
    if (inet_pton(AF_INET6, text.c_str(), out.ip_) == 1) {
        out.family_ = AF_INET6;
        return out;
    }
    return std::nullopt;
}

SocketAddress SocketAddress::from(const sockaddr_storage& raw) noexcept {
    SocketAddress out;
    if (raw.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &raw, sizeof(v4));
        std::memcpy(out.ip_, &v4.sin_addr, 4);
        out.port_ = ntohs(v4.sin_port);
        out.family_ = AF_INET;
    } else if (raw.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &raw, sizeof(v6));
        std::memcpy(out.ip_, &v6.sin6_addr, 16);
        out.port_ = ntohs(v6.sin6_port);
        out.scope_ = v6.sin6_scope_id;
        out.family_ = AF_INET6;
    }
    return out;
}

sockaddr_storage SocketAddress::raw() const noexcept {
    sockaddr_storage out{};
    if (is_v6()) {
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port_);
        v6.sin6_scope_id = scope_;
        std::memcpy(&v6.sin6_addr, ip_, 16);
        std::memcpy(&out, &v6, sizeof(v6));
    } else {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port_);
        std::memcpy(&v4.sin_addr, ip_, 4);
        std::memcpy(&out, &v4, sizeof(v4));
    }
    return out;
}

bool SocketAddress::is_loopback() const noexcept {
    static constexpr std::array<std::uint8_t, 16> kLoopback6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return is_v6() ? std::memcmp(ip_, kLoopback6.data(), 16) == 0 : ip_[0] == 127;
}
bool SocketAddress::is_link_local() const noexcept {
    return is_v6() ? ip_[0] == 0xfe && (ip_[1] & 0xc0U) == 0x80 : ip_[0] == 169 && ip_[1] == 254;
}
bool SocketAddress::is_private() const noexcept {
    if (is_v6()) return (ip_[0] & 0xfeU) == 0xfc;
    return ip_[0] == 10 || (ip_[0] == 172 && (ip_[1] & 0xf0U) == 16) || (ip_[0] == 192 && ip_[1] == 168) ||
           (ip_[0] == 100 && (ip_[1] & 0xc0U) == 64);
}
bool SocketAddress::is_wildcard() const noexcept {
    for (const auto byte : ip_)
        if (byte != 0) return false;
    return true;
}

SocketAddress SocketAddress::with_port(std::uint16_t port) const noexcept {
    auto copy = *this;
    copy.port_ = port;
    return copy;
}

std::string SocketAddress::ip() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (inet_ntop(family_, ip_, text.data(), text.size()) == nullptr) return {};
    return text.data();
}
std::string SocketAddress::to_text() const {
    return is_v6() ? "[" + ip() + "]:" + std::to_string(port_) : ip() + ":" + std::to_string(port_);
}

std::size_t SocketAddress::hash() const noexcept {
    // Seeded: a sender chooses its address, and must not be able to choose its bucket.
    static const std::uint64_t seed = random_u64() | 1U;
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::memcpy(&low, ip_, 8);
    std::memcpy(&high, ip_ + 8, 8);
    std::uint64_t h = (low ^ seed) * 0x9e3779b97f4a7c15U;
    h ^= h >> 29U;
    h = (h ^ high ^ (static_cast<std::uint64_t>(port_) << 32U) ^ seed) * 0xbf58476d1ce4e5b9U;
    h ^= h >> 32U;
    return static_cast<std::size_t>(h * (seed | 1U) >> 1U);
}

}  // namespace cardea
