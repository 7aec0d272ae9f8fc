// What a person who just started the gateway wants to know: where the pages are, and what would go wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"

namespace cardea::app {

struct Reachability {
    std::vector<SocketAddress> addresses;    // of this host
    std::optional<std::uint16_t> http_port;  // of the pages; absent: off
    std::optional<std::uint16_t> https_port;
    bool announces = false;  // media.announce has an entry
};

// Lines for standard output, with the final newline.
[[nodiscard]] std::string startup_banner(const Reachability& host);

// Only private addresses and nothing announced: clients from elsewhere get no media. One line with the remedy.
[[nodiscard]] std::optional<std::string> reachability_warning(const Reachability& host);

}  // namespace cardea::app
