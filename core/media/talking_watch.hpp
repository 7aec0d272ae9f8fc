// Talking or not, by the average of a run of audio levels (RFC 6464: -dBov, lower is louder).
#pragma once

#include <cstdint>
#include <optional>

#include "peer/layers.hpp"
#include "proto/rtp/header_extensions.hpp"

namespace cardea {

class TalkingWatch {
  public:
    struct Change {
        bool talking = false;
        double level = 0;
    };

    void set_rule(const TalkingRule& rule) noexcept {
        rule_ = rule;
        sum_ = count_ = 0;
    }
    // Of each packet. A change when a run is complete and its average is on the other side of the level.
    [[nodiscard]] std::optional<Change> on_level(std::uint8_t below_full_scale) noexcept {
        if (rule_.packets == 0) return std::nullopt;
        sum_ += below_full_scale;
        if (++count_ < rule_.packets) return std::nullopt;
        const Change change{static_cast<double>(sum_) / count_ < rule_.level, static_cast<double>(sum_) / count_};
        sum_ = count_ = 0;
        if (change.talking == talking_) return std::nullopt;
        talking_ = change.talking;
        return change;
    }

  private:
    TalkingRule rule_;
    std::uint32_t sum_ = 0;
    std::uint32_t count_ = 0;
    bool talking_ = false;
};

}  // namespace cardea
