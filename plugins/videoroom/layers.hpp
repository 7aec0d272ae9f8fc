// What a subscriber wishes of one m-line beside whether it flows: layers (as an upper bound) and playout delay.
#pragma once

#include <cardea/json.hpp>

#include <cstdint>
#include <optional>

namespace cardea::videoroom {

struct LayerWish {
    std::optional<std::uint64_t> substream, temporal;              // simulcast
    std::optional<std::uint64_t> spatial_layer, temporal_layer;    // SVC
    std::optional<std::uint64_t> fallback;                         // microseconds

    // Takes what the entry names, and keeps the rest.
    void take(const Json& entry);
    [[nodiscard]] Json to_json() const;  // as sdk::Host::set_layers wants it
    [[nodiscard]] bool empty() const noexcept { return !substream && !temporal && !spatial_layer && !temporal_layer && !fallback; }
};

struct PlayoutDelay {
    std::optional<std::uint64_t> min, max;  // units of 10 ms

    void take(const Json& entry);
    [[nodiscard]] bool is_set() const noexcept { return min.has_value() && max.has_value(); }
    [[nodiscard]] Json to_json() const;  // as sdk::Host::set_playout_delay wants it
};

// Layers end at 2: 430. A playout delay has 12 bits.
void check_layers(const Json& entry);

}  // namespace cardea::videoroom
