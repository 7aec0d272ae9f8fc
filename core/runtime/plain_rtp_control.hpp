// What the control side says and hears about RTP outside of peer connections.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "media/forward_config.hpp"
#include "peer/peer_config.hpp"
#include "proto/srtp/srtp_keys.hpp"

namespace cardea {

enum class AddressFamily : std::uint8_t { any, ipv4, ipv6 };

struct ForwardWish {
    ForwardConfig config;  // but for socket and addresses
    std::string host;      // an address or a name
    AddressFamily family = AddressFamily::any;
    std::uint16_t port = 0;
    std::uint16_t rtcp_port = 0;  // 0: none
};
struct ForwardRoute {
    std::uint16_t local_port = 0;  // packets come from here, feedback goes here
};

struct RemoteWish {
    RemoteId id;
    std::string address;  // to listen on, or the interface that has it; empty: remote.address
    std::optional<SocketAddress> sender;
    std::uint16_t port = 0;  // 0: any of remote.ports
    std::uint16_t rtcp_port = 0;
    std::optional<SrtpKeys> keys;
    std::vector<SourceConfig> sources;
};
struct RemotePorts {
    std::string ip;  // as announced
    std::uint16_t port = 0;
    std::uint16_t rtcp_port = 0;
};

}  // namespace cardea
