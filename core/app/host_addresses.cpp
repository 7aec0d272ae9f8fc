#include "app/host_addresses.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/cptr.hpp"

namespace cardea::app {
namespace {

using InterfacesPtr = CPtr<ifaddrs, freeifaddrs>;

SocketAddress address_of(const sockaddr* raw) noexcept {
    if (raw == nullptr || (raw->sa_family != AF_INET && raw->sa_family != AF_INET6)) return {};
    sockaddr_storage storage{};
    std::memcpy(&storage, raw, raw->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    return SocketAddress::from(storage);
}

}  // namespace

std::vector<SocketAddress> host_addresses() {
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) return {};
    const InterfacesPtr owner{list};
    std::vector<SocketAddress> out;
    std::vector<SocketAddress> six;
    for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
        const auto address = address_of(one->ifa_addr);
        if ((one->ifa_flags & IFF_UP) == 0 || !address.is_set() || address.is_loopback() || address.is_link_local()) continue;
        auto& list_of_family = address.is_v6() ? six : out;
        if (std::find(list_of_family.begin(), list_of_family.end(), address) == list_of_family.end()) list_of_family.push_back(address);
    }
    out.insert(out.end(), six.begin(), six.end());
    return out;
}

std::string host_name() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return {};
    return name.data();
}

}  // namespace cardea::app
