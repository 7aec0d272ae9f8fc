// One direction of a link: what happens to a datagram, decided by a seeded generator and the time given. No socket, no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string_view>

#include "base/bytes.hpp"
#include "base/clock.hpp"

namespace cardea::link {

struct LinkSettings {
    double loss = 0;         // share of datagrams lost, 0..1
    double reorder = 0;      // share of datagrams held back by kHoldBack, so that later ones overtake
    double duplicate = 0;    // share of datagrams delivered twice
    Duration delay{};        // one way
    Duration jitter{};       // at most this much more, without overtaking
    double kbps = 0;         // 0: no limit
    Duration queue = 200ms;  // a datagram that would wait longer for the line is dropped
    bool blocked = false;
    bool drops_stun = false;  // connectivity checks alone are lost
};

constexpr Duration kHoldBack = 15ms;

struct LinkCounters {
    std::uint64_t offered = 0, delivered = 0, lost = 0, queue_full = 0, blocked = 0, stun = 0, held_back = 0, duplicated = 0;
};

struct Fate {
    Instant at;
    std::optional<Instant> again;  // a duplicate
};

class LinkModel {
  public:
    LinkModel(LinkSettings settings, std::uint64_t seed) : settings_{settings}, random_{seed} {}

    // When the datagram reaches the far end; nothing when it doesn't.
    [[nodiscard]] std::optional<Fate> admit(Bytes datagram, Instant now);
    [[nodiscard]] LinkSettings& settings() noexcept { return settings_; }
    [[nodiscard]] const LinkCounters& counters() const noexcept { return counters_; }

  private:
    [[nodiscard]] bool happens(double probability);
    [[nodiscard]] std::optional<Instant> through_queue(std::size_t size, Instant now);
    [[nodiscard]] Duration jitter();

    LinkSettings settings_;
    std::mt19937_64 random_;
    LinkCounters counters_;
    Instant line_free_{};
    Instant last_delivery_{};
};

// "loss", "delay" (ms), "jitter" (ms), "reorder", "duplicate", "rate" (kbit/s), "queue" (ms); false for an unknown key or a bad value.
[[nodiscard]] bool change(LinkSettings& settings, std::string_view key, double value);

}  // namespace cardea::link
