// What the two transforms (AEAD and counter mode) have in common: the jobs they are given. Sizes and room have been checked.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "proto/srtp/crypt_direction.hpp"

namespace cardea {

// Seal: buffer = header, the clear bytes already there up to `written`, then room for the payload and the trailer.
struct RtpSealJob {
    MutableBytes buffer;
    std::size_t header_size;
    std::size_t written;
    Bytes payload;  // appended; may be empty
    std::uint32_t ssrc;
    std::uint64_t index;  // rtp_index()
    [[nodiscard]] std::size_t clear_size() const noexcept { return written + payload.size(); }
};
struct RtpOpenJob {
    MutableBytes packet;
    std::size_t header_size;
    std::uint32_t ssrc;
    std::uint64_t index;
};

// The E bit and the 31-bit SRTCP index share a word.
inline constexpr std::uint32_t kSrtcpEncrypted = 0x80000000U;
inline constexpr std::size_t kSrtcpIndexSize = 4;
struct RtcpSealJob {
    MutableBytes buffer;
    std::size_t size;
    std::uint32_t ssrc;
    std::uint32_t index;
};
struct RtcpOpenJob {
    MutableBytes packet;
    std::uint32_t ssrc;
    std::uint32_t index;
};

[[nodiscard]] constexpr std::array<std::uint8_t, 4> word_bytes(std::uint32_t word) noexcept {
    return {static_cast<std::uint8_t>(word >> 24U), static_cast<std::uint8_t>(word >> 16U), static_cast<std::uint8_t>(word >> 8U),
            static_cast<std::uint8_t>(word)};
}
[[nodiscard]] constexpr std::uint32_t word_of(Bytes four) noexcept { return ByteReader{four}.be<std::uint32_t>(); }

// SSRC and 48-bit index (an SRTCP index is 31 bits of it) one after the other, XORed over the salt from `offset` on. This is the IV of
// RFC 7714 sections 8.1 and 9.1 with offset 2, and of RFC 3711 section 4.1.1 with offset 4.
template <std::size_t N>
constexpr void mix_into_iv(std::array<std::uint8_t, N>& iv, std::size_t offset, std::uint32_t ssrc, std::uint64_t index) noexcept {
    for (std::size_t i = 0; i < 4; ++i)
        iv[offset + i] = static_cast<std::uint8_t>(iv[offset + i] ^ static_cast<std::uint8_t>(ssrc >> (24 - 8 * i)));
    for (std::size_t i = 0; i < 6; ++i)
        iv[offset + 4 + i] = static_cast<std::uint8_t>(iv[offset + 4 + i] ^ static_cast<std::uint8_t>(index >> (40 - 8 * i)));
}

}  // namespace cardea
