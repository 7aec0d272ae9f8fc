// What peers of these tests are like before each adds its m-lines, and pictures for them to send.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "world.hpp"

namespace cardea::test {

[[nodiscard]] inline PeerConfig peer_config(std::uint64_t id, const World& world) {
    PeerConfig config;
    config.id = PeerId{id};
    config.local = {"gate" + std::to_string(id), "gatewaypasswordoflength22"};
    config.remote = {"clnt" + std::to_string(id), "clientpasswordoflength222"};
    config.fingerprint_algorithm = "sha-256";
    config.fingerprint.assign(world.certificate.sha256().begin(), world.certificate.sha256().end());
    config.remote_known = true;
    return config;
}

// With everything that a browser agrees to.
[[nodiscard]] inline PayloadType vp8_type() {
    PayloadType type{.number = 96, .codec = Codec::vp8, .clock_rate = 90000, .channels = 1, .fmtp = {}, .rtx = 97};
    type.nack = type.pli = type.fir = type.remb = type.transport_cc = true;
    return type;
}

// VP8: descriptor with the start bit, then a frame header whose lowest bit says "not a keyframe".
[[nodiscard]] inline std::vector<std::uint8_t> vp8_frame(bool keyframe, std::uint8_t stamp) {
    std::vector<std::uint8_t> payload(100, stamp);
    payload[0] = 0x10;
    payload[1] = keyframe ? 0x00 : 0x01;
    if (keyframe) {
        payload[4] = 0x9d;
        payload[5] = 0x01;
        payload[6] = 0x2a;
    }
    return payload;
}

}  // namespace cardea::test
