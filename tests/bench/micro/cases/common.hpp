// What the cases of the media path share: a time to begin with, keys, an output that only counts.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "media/send_batch.hpp"
#include "proto/srtp/srtp.hpp"

namespace cardea::bench {

inline constexpr Instant kBegin = instant_of_ns(1'000'000'000'000);
inline constexpr std::size_t kVideoPayload = 1100;
inline constexpr std::size_t kAudioPayload = 80;

inline SrtpKeys random_keys(SrtpProfile profile = SrtpProfile::aead_aes_256_gcm) {
    std::array<std::uint8_t, SrtpKeys::kMaxKey + SrtpKeys::kMaxSalt> raw{};
    random_bytes(raw);
    const auto sizes = sizes_of(profile);
    return SrtpKeys::from(profile, Bytes{raw}.first(sizes.key), Bytes{raw}.last(sizes.salt));
}

inline Path path_of(std::size_t peer) {
    return {0, *SocketAddress::parse("192.0.2." + std::to_string(1 + peer % 250), static_cast<std::uint16_t>(10'000 + peer / 250))};
}

class CountingOutput final : public DatagramOutput {
  public:
    void send(std::span<const Datagram> datagrams) override { sent += datagrams.size(); }
    std::size_t sent = 0;
};

}  // namespace cardea::bench
