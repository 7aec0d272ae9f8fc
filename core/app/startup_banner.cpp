#include "app/startup_banner.hpp"

#include <algorithm>

namespace cardea::app {
namespace {

// Enough to find one that works; a container host has dozens.
constexpr std::size_t kMostUrls = 4;

}  // namespace

std::string startup_banner(const Reachability& host) {
    std::string out;
    if (host.http_port) out += "Demo pages on this machine:      http://localhost:" + std::to_string(*host.http_port) + "/\n";
    if (host.https_port) {
        const auto shown = std::min(host.addresses.size(), kMostUrls);
        for (std::size_t i = 0; i < shown; ++i)
            out += "Demo pages from other machines:  https://" + host.addresses[i].with_port(*host.https_port).to_text() + "/\n";
        if (shown != 0)
            out +=
                "  Browsers give no camera or microphone to plain http from another machine, so use https there.\n"
                "  With the self-signed certificate the browser asks once whether to go on.\n";
    }
    return out;
}

std::optional<std::string> reachability_warning(const Reachability& host) {
    if (host.announces || host.addresses.empty()) return std::nullopt;
    const bool only_private =
        std::all_of(host.addresses.begin(), host.addresses.end(), [](const SocketAddress& one) { return one.is_private(); });
    if (!only_private) return std::nullopt;
    return "This host has private addresses only: clients outside of its network will get no audio and video. If it is reached through a "
           "NAT, "
           "say how: --set 'media.announce=[{\"local\":\"" +
           host.addresses.front().ip() + "\",\"public\":[\"YOUR.PUBLIC.ADDRESS\"]}]'";
}

}  // namespace cardea::app
