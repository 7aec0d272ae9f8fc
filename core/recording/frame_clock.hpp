// When a frame was captured, by our clock: from the sender's reports once they are there, from arrivals until then. Time never
// runs backwards, and a correction is spread over what follows, so that players hear no step. One per recorded track.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace cardea {

class FrameClock {
  public:
    struct Sample {
        std::uint32_t timestamp = 0;
        std::uint32_t clock_rate = 90000;
        std::uint32_t epoch = 0;  // another one: timestamps start anew
        Instant arrival{};
        std::optional<Instant> capture;  // as the sender's reports say
    };
    [[nodiscard]] Instant on_frame(const Sample& sample) noexcept;

  private:
    [[nodiscard]] Instant begin(const Sample& sample, std::optional<Instant> reported) const noexcept;
    [[nodiscard]] Instant go_on(const Sample& sample, std::optional<Instant> reported) const noexcept;

    bool has_started_ = false;
    std::uint32_t epoch_ = 0;
    std::uint32_t timestamp_ = 0;
    Instant last_{};
    Duration transit_{};  // from the time given to the arrival, of the last frame
};

}  // namespace cardea
