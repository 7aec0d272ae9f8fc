// Which addresses the workers listen on, and what is announced for them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"
#include "runtime/media_engine.hpp"

namespace cardea {

// The configured addresses, or every address of the host but loopback, link-local and those of container bridges. Port 0.
[[nodiscard]] Result<std::vector<SocketAddress>> listen_addresses(const std::vector<std::string>& configured);

// The first address of the network interface of that name, IPv4 before IPv6. Port 0.
[[nodiscard]] std::optional<SocketAddress> address_of_interface(const std::string& name);

// What the candidates of a socket say: the announced addresses that fit, else the local one.
[[nodiscard]] std::vector<SocketAddress> announced_for(const SocketAddress& local, const std::vector<AnnounceRule>& rules);

}  // namespace cardea
