#include "proto/sdp/redacted.hpp"

#include <array>

namespace cardea {

std::string redacted(std::string_view sdp) {
    static constexpr std::array<std::string_view, 3> kSecrets{"a=ice-pwd:", "a=crypto:", "k="};
    std::string out;
    out.reserve(sdp.size());
    while (!sdp.empty()) {
        const auto end = sdp.find_first_of("\r\n");
        const auto line = sdp.substr(0, end);
        std::string_view kept = line;
        for (const auto secret : kSecrets)
            if (line.starts_with(secret)) kept = secret;
        out += kept;
        if (kept.size() != line.size()) out += "...";
        if (end == std::string_view::npos) break;
        out += sdp[end];
        sdp.remove_prefix(end + 1);
    }
    return out;
}

}  // namespace cardea
