#include "runtime/local_addresses.hpp"

#include <ifaddrs.h>
#include <net/if.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "base/cptr.hpp"

namespace cardea {
namespace {

using IfAddrs = CPtr<ifaddrs, freeifaddrs>;

bool is_container_bridge(std::string_view name) {
    return name.starts_with("docker") || name.starts_with("br-") || name.starts_with("virbr") || name.starts_with("vmnet");
}

Result<std::vector<SocketAddress>> scan() {
    ifaddrs* raw = nullptr;
    if (getifaddrs(&raw) != 0) return fail(0, "cannot list the addresses of this host");
    const IfAddrs owner{raw};
    std::vector<SocketAddress> found;
    for (const ifaddrs* entry = raw; entry != nullptr; entry = entry->ifa_next) {
        if (entry->ifa_addr == nullptr || (entry->ifa_flags & IFF_UP) == 0 || is_container_bridge(entry->ifa_name)) continue;
        const int family = entry->ifa_addr->sa_family;
        if (family != AF_INET && family != AF_INET6) continue;
        sockaddr_storage storage{};
        std::memcpy(&storage, entry->ifa_addr, family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
        const auto address = SocketAddress::from(storage).with_port(0);
        if (address.is_loopback() || address.is_link_local()) continue;
        if (std::find(found.begin(), found.end(), address) == found.end()) found.push_back(address);
    }
    return found;
}

}  // namespace

std::optional<SocketAddress> address_of_interface(const std::string& name) {
    ifaddrs* raw = nullptr;
    if (getifaddrs(&raw) != 0) return std::nullopt;
    const IfAddrs owner{raw};
    for (const int family : {AF_INET, AF_INET6}) {
        for (const ifaddrs* entry = raw; entry != nullptr; entry = entry->ifa_next) {
            if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != family || name != entry->ifa_name) continue;
            sockaddr_storage storage{};
            std::memcpy(&storage, entry->ifa_addr, family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
            return SocketAddress::from(storage).with_port(0);
        }
    }
    return std::nullopt;
}

Result<std::vector<SocketAddress>> listen_addresses(const std::vector<std::string>& configured) {
    if (configured.empty()) {
        auto found = scan();
        // A host without a network still runs the demo pages in its own browser.
        if (found && found->empty()) found->push_back(*SocketAddress::parse("127.0.0.1", 0));
        return found;
    }
    std::vector<SocketAddress> out;
    for (const auto& text : configured) {
        const auto address = SocketAddress::parse(text, 0);
        if (!address) return fail(0, "media.addresses: not a numeric address: " + text);
        out.push_back(*address);
    }
    return out;
}

std::vector<SocketAddress> announced_for(const SocketAddress& local, const std::vector<AnnounceRule>& rules) {
    std::vector<SocketAddress> out;
    for (const auto& rule : rules) {
        const bool same_port = rule.local.port() == 0 || rule.local.port() == local.port();
        if (!same_port || (!rule.local.is_wildcard() && rule.local.with_port(0) != local.with_port(0))) continue;
        if (rule.local.is_v6() != local.is_v6()) continue;
        for (const auto& announced : rule.announced)
            out.push_back(announced.port() == 0 ? announced.with_port(local.port()) : announced);
    }
    if (out.empty()) out.push_back(local);
    return out;
}

}  // namespace cardea
