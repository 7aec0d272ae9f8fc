// What the media plane has to know to choose a worker: which group a peer belongs to, and what it will send and receive.
#pragma once

#include <cstdint>
#include <string>

#include "cardea/json.hpp"
#include "runtime/media_control.hpp"

namespace cardea {

[[nodiscard]] inline std::string group_text(const Json& group) { return group.is_string() ? std::string{group.text()} : group.dump(); }

// Packets per second of m-lines that were only declared: [{"kind": "audio|video|data"}].
[[nodiscard]] inline std::uint32_t load_of(const Json& media) {
    std::uint32_t load = 0;
    media.for_each([&](const Json& line) {
        if (line["kind"].text() == "video") load += kVideoLoad;
        if (line["kind"].text() == "audio") load += kAudioLoad;
    });
    return load;
}

}  // namespace cardea
