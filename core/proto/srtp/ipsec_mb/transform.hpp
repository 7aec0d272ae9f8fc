// AEAD_AES_128_GCM and AEAD_AES_256_GCM for SRTP and SRTCP (RFC 7714) by libipsec-mb: one call a packet.
#pragma once

#include <array>
#include <cstddef>

#include "proto/srtp/ipsec_mb/library.hpp"
#include "proto/srtp/key_derivation.hpp"
#include "proto/srtp/transform.hpp"

namespace cardea {

class IpsecMbTransform {
  public:
    static constexpr std::size_t kTag = 16;

    // keys: of RTP or of RTCP. The same schedule seals and opens.
    IpsecMbTransform(const SrtpSessionKeys& keys, CryptDirection direction);
    IpsecMbTransform(const IpsecMbTransform&) = delete;
    IpsecMbTransform& operator=(const IpsecMbTransform&) = delete;
    ~IpsecMbTransform();  // wipes

    [[nodiscard]] static constexpr std::size_t tag_size() noexcept { return kTag; }
    [[nodiscard]] static constexpr std::size_t rtcp_tag_size() noexcept { return kTag; }
    // Where the E|index word stands: at the end.
    [[nodiscard]] static constexpr std::size_t srtcp_index_offset(std::size_t packet_size) noexcept { return packet_size - kSrtcpIndexSize; }

    [[nodiscard]] bool seal_rtp(const RtpSealJob& job) noexcept;
    [[nodiscard]] bool open_rtp(const RtpOpenJob& job) noexcept;
    [[nodiscard]] bool seal_rtcp(const RtcpSealJob& job) noexcept;
    [[nodiscard]] bool open_rtcp(const RtcpOpenJob& job) noexcept;

  private:
    static constexpr std::size_t kIv = 12;
    [[nodiscard]] std::array<std::uint8_t, kIv> iv_of(std::uint32_t ssrc, std::uint64_t index) const noexcept;

    // 1 KiB, most of it powers of the hash key; the library wants cache lines, and declares it only where LINUX is defined.
    alignas(64) gcm_key_data key_;
    const IpsecMbGcm& gcm_;
    std::array<std::uint8_t, kIv> salt_{};
};

}  // namespace cardea
