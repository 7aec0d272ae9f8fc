// "192.0.2.0/24", "2001:db8::/32" or one address: limits.trusted and its kind.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/address.hpp"

namespace cardea::config {

class AddressPrefix {
  public:
    [[nodiscard]] static std::optional<AddressPrefix> parse(std::string_view text);
    // An IPv4 address that arrives on an IPv6 socket (::ffff:192.0.2.1) matches IPv4 prefixes.
    [[nodiscard]] bool contains(const SocketAddress& address) const noexcept;

  private:
    SocketAddress network_;
    unsigned bits_ = 0;
};

[[nodiscard]] bool contains(const std::vector<AddressPrefix>& prefixes, const SocketAddress& address) noexcept;

}  // namespace cardea::config
