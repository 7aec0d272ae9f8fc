#include "modules/layer_json.hpp"

#include <limits>

namespace cardea {
namespace {

constexpr std::int64_t kHighestLayer = 2;
constexpr std::int64_t kLongestDelay = 4095;  // twelve bits of the extension
constexpr std::int64_t kMaxLevel = 127;       // RFC 6464

// A member that is absent is no mistake, and leaves `value` as it is.
template <class T>
bool read(const Json& json, const char* name, std::int64_t highest, std::optional<T>& value) {
    const auto member = json[name];
    if (!member) return true;
    const auto number = member.integer(-1);
    if (!member.is_integer() || number < 0 || number > highest) return false;
    value = static_cast<T>(number);
    return true;
}

}  // namespace

std::optional<LayerWish> layer_wish(const Json& json) {
    LayerWish wish;
    std::optional<std::int64_t> microseconds;
    if (!json.is_object() || !read(json, "substream", kHighestLayer, wish.substream) || !read(json, "temporal", kHighestLayer, wish.temporal) ||
        !read(json, "spatial_layer", kHighestLayer, wish.spatial) || !read(json, "temporal_layer", kHighestLayer, wish.temporal) ||
        !read(json, "fallback", std::numeric_limits<std::int32_t>::max(), microseconds))
        return std::nullopt;
    if (microseconds) wish.fallback = std::chrono::microseconds{*microseconds};
    return wish;
}

std::optional<PlayoutDelay> playout_delay(const Json& json) {
    std::optional<std::uint16_t> min;
    std::optional<std::uint16_t> max;
    if (!read(json, "min", kLongestDelay, min) || !read(json, "max", kLongestDelay, max) || !min || !max || *min > *max) return std::nullopt;
    return PlayoutDelay{*min, *max};
}

std::optional<TalkingRule> talking_rule(const Json& json) {
    std::optional<std::uint32_t> packets;
    std::optional<std::uint32_t> level;
    if (!json.is_object() || !read(json, "packets", std::numeric_limits<std::int32_t>::max(), packets) || !read(json, "level", kMaxLevel, level))
        return std::nullopt;
    TalkingRule rule;
    rule.packets = packets.value_or(100);
    rule.level = level.value_or(rule.level);
    return rule;
}

Json layers_json(const LayersEvent& event) {
    Json json{{"mid", event.mid}, {"sink", event.sink.value}};
    if (event.substream) json.set("substream", unsigned{*event.substream});
    if (event.spatial) json.set("spatial_layer", unsigned{*event.spatial});
    if (event.temporal) json.set(event.simulcast ? "temporal" : "temporal_layer", unsigned{*event.temporal});
    return json;
}

Json talking_json(const TalkingEvent& event) {
    return {{"mid", event.mid}, {"source", event.source.value}, {"talking", event.talking}, {"level", event.level}};
}

}  // namespace cardea
