// A Binding request as a browser sends it (RFC 8489, RFC 8445 section 7.1), written without the gateway's own STUN code.
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace cardea::test {

struct CheckOptions {
    std::string local_ufrag, remote_ufrag, password;  // local: the gateway's
    bool nominate = true;
};

inline std::vector<std::uint8_t> binding_request(const CheckOptions& options) {
    std::vector<std::uint8_t> out(512);
    ByteWriter writer{out};
    writer.be<std::uint16_t>(0x0001);
    writer.be<std::uint16_t>(0);
    writer.be<std::uint32_t>(0x2112a442);
    writer.bytes(as_bytes("transaction1"));
    const auto attribute = [&](std::uint16_t type, Bytes value) {
        writer.be<std::uint16_t>(type);
        writer.be<std::uint16_t>(static_cast<std::uint16_t>(value.size()));
        writer.bytes(value);
        writer.zeros((4 - value.size() % 4) % 4);
    };
    attribute(0x0006, as_bytes(options.local_ufrag + ":" + options.remote_ufrag));  // USERNAME
    attribute(0x0024, std::array<std::uint8_t, 4>{0x6e, 0, 1, 0xff});               // PRIORITY
    attribute(0x802a, std::array<std::uint8_t, 8>{1, 2, 3, 4, 5, 6, 7, 8});         // ICE-CONTROLLING
    if (options.nominate) attribute(0x0025, {});                                    // USE-CANDIDATE
    // The length field counts MESSAGE-INTEGRITY already when the HMAC is taken.
    const auto before = writer.size();
    const auto length = static_cast<std::uint16_t>(before - 20 + 24);
    out[2] = static_cast<std::uint8_t>(length >> 8U);
    out[3] = static_cast<std::uint8_t>(length);
    std::array<std::uint8_t, 20> mac{};
    unsigned mac_size = mac.size();
    HMAC(EVP_sha1(), options.password.data(), static_cast<int>(options.password.size()), out.data(), before, mac.data(), &mac_size);
    attribute(0x0008, mac);
    out.resize(writer.size());
    return out;
}

}  // namespace cardea::test
