// An IPv4 or IPv6 address with a port: what a path is made of.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace cardea {

class SocketAddress {
  public:
    SocketAddress() noexcept = default;
    // Numeric addresses only; nullopt for anything else. "::1" and "[::1]" both parse.
    [[nodiscard]] static std::optional<SocketAddress> parse(std::string_view ip, std::uint16_t port);
    [[nodiscard]] static SocketAddress from(const sockaddr_storage& raw) noexcept;

    [[nodiscard]] sockaddr_storage raw() const noexcept;
    [[nodiscard]] socklen_t raw_size() const noexcept { return is_v6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in); }
    [[nodiscard]] bool is_v6() const noexcept { return family_ == AF_INET6; }
    [[nodiscard]] bool is_set() const noexcept { return family_ != 0; }
    [[nodiscard]] bool is_loopback() const noexcept;
    [[nodiscard]] bool is_link_local() const noexcept;
    [[nodiscard]] bool is_private() const noexcept;   // RFC 1918, RFC 6598, RFC 4193
    [[nodiscard]] bool is_wildcard() const noexcept;
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] SocketAddress with_port(std::uint16_t port) const noexcept;
    [[nodiscard]] std::string ip() const;       // without port and brackets
    [[nodiscard]] std::string to_text() const;  // 192.0.2.1:5000, [2001:db8::1]:5000
    [[nodiscard]] std::size_t hash() const noexcept;

    friend bool operator==(const SocketAddress& a, const SocketAddress& b) noexcept {
        return a.family_ == b.family_ && a.port_ == b.port_ && a.scope_ == b.scope_ && std::memcmp(a.ip_, b.ip_, sizeof(a.ip_)) == 0;
    }

  private:
    std::uint8_t ip_[16]{};  // network order; an IPv4 address fills the first four
    std::uint32_t scope_ = 0;
    std::uint16_t port_ = 0;
    sa_family_t family_ = 0;
};

}  // namespace cardea

template <>
struct std::hash<cardea::SocketAddress> {
    std::size_t operator()(const cardea::SocketAddress& a) const noexcept { return a.hash(); }
};
