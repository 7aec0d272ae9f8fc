// Who takes part in a run: a publisher with what it sends, a subscriber. Private to run*.cpp.
#pragma once

#include <memory>
#include <optional>

#include "base/random.hpp"
#include "run.hpp"

namespace cardea::load {

struct SentTrack {
    std::uint32_t ssrc = random_u32() | 1U;
    std::uint16_t sequence = static_cast<std::uint16_t>(random_u32() & 0x3fffU);
    std::uint32_t packets = 0, octets = 0, timestamp = 0;
};

// What one schedule sends: an encoding of a publisher's video, and with the first of them the audio.
struct Run::Flow {
    Publisher* publisher = nullptr;
    SentTrack video{};
    std::optional<Schedule> schedule{};
    std::uint16_t picture = 0;
};

struct Run::Publisher {
    unsigned index = 0;
    testpeer::HandleId handle = 0;
    Json room, feed;
    std::unique_ptr<Leg> leg;
    SentTrack audio;
    std::vector<Flow> flows;  // one, or the encodings of simulcast, the lowest first; they stay where they are
    std::uint64_t counter = 0;
    Instant next_report{};
    bool announced = false;  // the gateway has seen it come up, too
};

struct Run::Subscriber {
    testpeer::HandleId handle = 0;
    Instant asked{};
    std::unique_ptr<Leg> leg;
};

}  // namespace cardea::load
