#include "link_model.hpp"

#include <algorithm>

namespace cardea::link {
namespace {

// RFC 5764 section 5.1.2 and RFC 8489 section 5: first byte 0..3, and the magic cookie.
bool is_stun(Bytes datagram) noexcept {
    ByteReader in{datagram};
    const auto type = in.be<std::uint16_t>();
    in.skip(2);
    return in.be<std::uint32_t>() == 0x2112a442 && in.ok() && type < 0x0400;
}

Duration milliseconds(double value) { return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>{value}); }

}  // namespace

// The bits of the generator are used directly: std's distributions differ between libraries, a seed must not.
bool LinkModel::happens(double probability) {
    const double drawn = static_cast<double>(random_() >> 11U) * 0x1.0p-53;
    return drawn < probability;
}

Duration LinkModel::jitter() {
    if (settings_.jitter <= Duration{}) return Duration{};
    return Duration{static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(settings_.jitter.count()))};
}

std::optional<Instant> LinkModel::through_queue(std::size_t size, Instant now) {
    if (settings_.kbps <= 0) return now;
    const auto start = std::max(now, line_free_);
    if (start - now > settings_.queue) return std::nullopt;
    line_free_ = start + milliseconds(static_cast<double>(size) * 8 / settings_.kbps);
    return line_free_;
}

std::optional<Fate> LinkModel::admit(Bytes datagram, Instant now) {
    ++counters_.offered;
    if (settings_.blocked) return ++counters_.blocked, std::nullopt;
    if (settings_.drops_stun && is_stun(datagram)) return ++counters_.stun, std::nullopt;
    if (happens(settings_.loss)) return ++counters_.lost, std::nullopt;
    const auto sent = through_queue(datagram.size(), now);
    if (!sent) return ++counters_.queue_full, std::nullopt;
    Fate fate{*sent + settings_.delay, std::nullopt};
    if (happens(settings_.reorder)) {
        ++counters_.held_back;
        fate.at += kHoldBack;
    } else {
        fate.at = std::max(fate.at + jitter(), last_delivery_);
        last_delivery_ = fate.at;
    }
    if (happens(settings_.duplicate)) {
        ++counters_.duplicated;
        fate.again = fate.at + 1ms;
    }
    ++counters_.delivered;
    return fate;
}

bool change(LinkSettings& settings, std::string_view key, double value) {
    if (!(value >= 0)) return false;
    const auto share = [value](double& to) { return value <= 1 ? (to = value, true) : false; };
    if (key == "loss") return share(settings.loss);
    if (key == "reorder") return share(settings.reorder);
    if (key == "duplicate") return share(settings.duplicate);
    if (key == "rate") return settings.kbps = value, true;
    if (key == "delay") return settings.delay = milliseconds(value), true;
    if (key == "jitter") return settings.jitter = milliseconds(value), true;
    if (key == "queue") return settings.queue = milliseconds(value), true;
    return false;
}

}  // namespace cardea::link
