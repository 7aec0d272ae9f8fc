// The remote end of a connected socket as text.
#include "lws/peer_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

namespace cardea::net {
namespace {

std::string with_port(const char* host, in_port_t port) { return std::string{host} + ":" + std::to_string(ntohs(port)); }

std::string ipv4_text(const in_addr& address, in_port_t port) {
    char text[INET_ADDRSTRLEN] = {};
    inet_ntop(AF_INET, &address, text, sizeof(text));
    return with_port(text, port);
}

std::string ipv6_text(const sockaddr_in6& address) {
    if (IN6_IS_ADDR_V4MAPPED(&address.sin6_addr)) {
        in_addr mapped{};
        std::memcpy(&mapped, &address.sin6_addr.s6_addr[12], sizeof(mapped));
        return ipv4_text(mapped, address.sin6_port);
    }
    char text[INET6_ADDRSTRLEN] = {};
    inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof(text));
    return with_port(("[" + std::string{text} + "]").c_str(), address.sin6_port);
}

}  // namespace

std::string peer_address(int fd) {
    sockaddr_storage storage{};
    socklen_t size = sizeof(storage);
    if (::getpeername(fd, static_cast<sockaddr*>(static_cast<void*>(&storage)), &size) != 0) return "unknown";
    if (storage.ss_family == AF_UNIX) return "unix";
    if (storage.ss_family == AF_INET) {
        sockaddr_in address{};
        std::memcpy(&address, &storage, sizeof(address));
        return ipv4_text(address.sin_addr, address.sin_port);
    }
    if (storage.ss_family != AF_INET6) return "unknown";
    sockaddr_in6 address{};
    std::memcpy(&address, &storage, sizeof(address));
    return ipv6_text(address);
}

}  // namespace cardea::net
