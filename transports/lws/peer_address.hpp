// The remote end of a connected socket, for people and budgets.
#pragma once

#include <string>

namespace cardea::net {

// "192.0.2.1:5000", "[2001:db8::1]:5000"; an IPv4 client of an IPv6 socket in its IPv4 form; "unix"; "unknown".
[[nodiscard]] std::string peer_address(int fd);

}  // namespace cardea::net
