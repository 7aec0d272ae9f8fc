// AEAD_AES_128_GCM and AEAD_AES_256_GCM for SRTP and SRTCP: RFC 7714.
#pragma once

#include <array>
#include <cstddef>

#include "proto/srtp/evp.hpp"
#include "proto/srtp/key_derivation.hpp"
#include "proto/srtp/transform.hpp"

namespace cardea {

class AeadTransform {
  public:
    static constexpr std::size_t kTag = 16;

    // keys: of RTP or of RTCP; an object serves the one it was given, in one direction.
    AeadTransform(const SrtpSessionKeys& keys, SrtpDirection direction);

    [[nodiscard]] static constexpr std::size_t tag_size() noexcept { return kTag; }
    [[nodiscard]] static constexpr std::size_t rtcp_tag_size() noexcept { return kTag; }
    // Where the E|index word stands: at the end.
    [[nodiscard]] static constexpr std::size_t srtcp_index_offset(std::size_t packet_size) noexcept { return packet_size - kSrtcpIndexSize; }

    [[nodiscard]] bool seal_rtp(const RtpSealJob& job) noexcept;
    [[nodiscard]] bool open_rtp(const RtpOpenJob& job) noexcept;
    [[nodiscard]] bool seal_rtcp(const RtcpSealJob& job) noexcept;
    [[nodiscard]] bool open_rtcp(const RtcpOpenJob& job) noexcept;

  private:
    [[nodiscard]] bool begin(std::uint32_t ssrc, std::uint64_t index) noexcept;
    [[nodiscard]] bool add(Bytes associated) noexcept;
    [[nodiscard]] bool crypt(Bytes in, std::uint8_t* out) noexcept;
    [[nodiscard]] bool finish_seal(std::uint8_t* tag) noexcept;
    [[nodiscard]] bool finish_open(std::uint8_t* tag) noexcept;

    EvpCipherCtx context_;
    std::array<std::uint8_t, 12> salt_{};
};

}  // namespace cardea
