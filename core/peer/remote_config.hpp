// What the control side tells a worker about a publisher of another gateway.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "base/strong_id.hpp"
#include "peer/peer_config.hpp"
#include "proto/srtp/srtp_keys.hpp"

namespace cardea {

struct RemoteConfig {
    RemoteId id;
    std::optional<SocketAddress> sender;  // the only address to accept, whatever its port; else whoever is permitted comes first
    std::function<bool(const SocketAddress&)> permitted;  // asked when a sender is new, not for each packet
    std::optional<SrtpKeys> keys;
    std::vector<SourceConfig> sources;  // each encoding with its SSRC
};

}  // namespace cardea
