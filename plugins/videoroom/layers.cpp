#include "layers.hpp"

#include <algorithm>
#include <string>
#include <string_view>

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

// One end moves the other along, as in Janus; a negative one takes both back.
void PlayoutDelay::take(const Json& entry) {
    for (const char* name : {"min_delay", "max_delay"}) {
        const auto wish = entry[name];
        if (!wish.is_integer()) continue;
        if (wish.integer() < 0) {
            *this = {};
            continue;
        }
        const auto wished = std::min(wish.unsigned_integer(), kHighestDelay);
        const bool is_min = name == std::string_view{"min_delay"};
        (is_min ? min : max) = wished;
        if (is_min) max = std::max(max.value_or(0), wished);
        if (!is_min && min) min = std::min(*min, wished);
    }
}

Json PlayoutDelay::to_json() const {
    if (!is_set()) return Json::object();
    return {{"min", *min}, {"max", *max}};
}

void check_layers(const Json& entry) {
    for (const char* name : {"substream", "temporal", "spatial_layer", "temporal_layer"})
        if (entry[name].unsigned_integer() > kHighestLayer)
            refuse(kInvalidElement, std::string{"Invalid element ("} + name + " should be between 0 and 2)");
}

}  // namespace cardea::videoroom
