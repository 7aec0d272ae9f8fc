// What this host is called and where it can be reached: for the certificate and for the banner.
#pragma once

#include <string>
#include <vector>

#include "base/address.hpp"

namespace cardea::app {

// Of the interfaces that are up, without loopback and link-local; IPv4 first; port 0.
[[nodiscard]] std::vector<SocketAddress> host_addresses();
[[nodiscard]] std::string host_name();

}  // namespace cardea::app
