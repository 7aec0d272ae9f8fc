// Layers, playout delay and talking as they cross the boundary to plugins.
#pragma once

#include <optional>

#include "cardea/json.hpp"
#include "peer/layers.hpp"
#include "proto/rtp/header_extensions.hpp"

namespace cardea {

// None: a member is of the wrong type or out of range.
[[nodiscard]] std::optional<LayerWish> layer_wish(const Json& json);
[[nodiscard]] std::optional<PlayoutDelay> playout_delay(const Json& json);
[[nodiscard]] std::optional<TalkingRule> talking_rule(const Json& json);

[[nodiscard]] Json layers_json(const LayersEvent& event);
[[nodiscard]] Json talking_json(const TalkingEvent& event);

}  // namespace cardea
