// AEAD_AES_128_GCM and AEAD_AES_256_GCM for SRTP and SRTCP: RFC 7714.
#pragma once

#include <cstddef>
#include <cstdint>

#include "proto/srtp/evp_aead.hpp"
#include "proto/srtp/key_derivation.hpp"
#include "proto/srtp/transform.hpp"

namespace cardea {

class AeadTransform {
  public:
    static constexpr std::size_t kTag = EvpAead::kTag;

    // keys: of RTP or of RTCP; an object serves the one it was given, in one direction.
    AeadTransform(const SrtpSessionKeys& keys, CryptDirection direction);

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

    EvpAead aead_;
    EvpAead::Nonce salt_{};
};

}  // namespace cardea
