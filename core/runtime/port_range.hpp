// "20000-20999" of the configuration, both ends included.
#pragma once

#include <cstdint>

namespace cardea {

struct PortRange {
    std::uint16_t low = 20000;
    std::uint16_t high = 20999;
    [[nodiscard]] bool contains(std::uint16_t port) const noexcept { return port >= low && port <= high; }
};

}  // namespace cardea
