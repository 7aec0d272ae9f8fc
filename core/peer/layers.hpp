// Layers, talking and playout delay as the control side and the workers speak of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/strong_id.hpp"

namespace cardea {

// Upper bounds of what a sink gets; what is not set stays as it was.
struct LayerWish {
    std::optional<std::uint8_t> substream;  // 0 is the lowest
    std::optional<std::uint8_t> spatial;
    std::optional<std::uint8_t> temporal;
    std::optional<Duration> fallback;
    friend bool operator==(const LayerWish&, const LayerWish&) = default;
};

// A sink has switched; only what has changed is set.
struct LayersEvent {
    std::string mid;
    SinkId sink;
    bool simulcast = false;
    std::optional<std::uint8_t> substream;
    std::optional<std::uint8_t> spatial;
    std::optional<std::uint8_t> temporal;
};

// Called on the worker.
class LayersObserver {
  public:
    virtual void on_layers(const LayersEvent& event) = 0;

  protected:
    ~LayersObserver() = default;
};

// An average of so many audio levels below `level` (-dBov) is talking. packets 0: nobody wants to know.
struct TalkingRule {
    std::uint32_t packets = 0;
    std::uint32_t level = 25;
};
struct TalkingEvent {
    std::string mid;
    SourceId source;
    bool talking = false;
    double level = 0;
};

}  // namespace cardea
