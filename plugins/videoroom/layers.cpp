#include "layers.hpp"

#include <algorithm>
#include <string>

#include "errors.hpp"

namespace cardea::videoroom {
namespace {

constexpr std::uint64_t kHighestLayer = 2;
constexpr std::uint64_t kHighestDelay = 4095;

void take_number(std::optional<std::uint64_t>& into, const Json& number) {
    if (number.is_integer() && number.integer() >= 0) into = number.unsigned_integer();
}

}  // namespace

void LayerWish::take(const Json& entry) {
    take_number(substream, entry["substream"]);
    take_number(temporal, entry["temporal"]);
    take_number(spatial_layer, entry["spatial_layer"]);
    take_number(temporal_layer, entry["temporal_layer"]);
    take_number(fallback, entry["fallback"]);
}

Json LayerWish::to_json() const {
    auto json = Json::object();
    const auto set = [&](const char* name, const std::optional<std::uint64_t>& number) {
        if (number) json.set(name, *number);
    };
    set("substream", substream);
    set("temporal", temporal);
    set("spatial_layer", spatial_layer);
    set("temporal_layer", temporal_layer);
    set("fallback", fallback);
    return json;
}

void PlayoutDelay::take(const Json& entry) {
    take_number(min, entry["min_delay"]);
    take_number(max, entry["max_delay"]);
}

Json PlayoutDelay::to_json() const {
    if (!is_set()) return Json::object();
    return {{"min", std::min(*min, kHighestDelay)}, {"max", std::min(*max, kHighestDelay)}};
}

void check_layers(const Json& entry) {
    for (const char* name : {"substream", "temporal", "spatial_layer", "temporal_layer"})
        if (entry[name].unsigned_integer() > kHighestLayer)
            refuse(kInvalidElement, std::string{"Invalid element ("} + name + " should be between 0 and 2)");
}

}  // namespace cardea::videoroom
