// AES_CM_128_HMAC_SHA1_80 and _32 for SRTP and SRTCP: RFC 3711 sections 4.1.1 and 4.2.1.
#pragma once

#include <array>
#include <cstddef>

#include "proto/srtp/evp.hpp"
#include "proto/srtp/hmac_sha1.hpp"
#include "proto/srtp/key_derivation.hpp"
#include "proto/srtp/transform.hpp"

namespace cardea {

// RtpTag: octets of the tag on RTP. The tag on RTCP has 80 bits with either (RFC 4568 section 6.2.2).
template <std::size_t RtpTag>
class CounterTransform {
  public:
    static constexpr std::size_t kTag = RtpTag;
    static constexpr std::size_t kRtcpTag = 10;

    CounterTransform(const SrtpSessionKeys& keys, CryptDirection direction);  // counter mode is its own inverse

    [[nodiscard]] static constexpr std::size_t tag_size() noexcept { return kTag; }
    [[nodiscard]] static constexpr std::size_t rtcp_tag_size() noexcept { return kRtcpTag; }
    // Where the E|index word stands: before the tag.
    [[nodiscard]] static constexpr std::size_t srtcp_index_offset(std::size_t packet_size) noexcept {
        return packet_size - kRtcpTag - kSrtcpIndexSize;
    }

    [[nodiscard]] bool seal_rtp(const RtpSealJob& job) noexcept;
    [[nodiscard]] bool open_rtp(const RtpOpenJob& job) noexcept;
    [[nodiscard]] bool seal_rtcp(const RtcpSealJob& job) noexcept;
    [[nodiscard]] bool open_rtcp(const RtcpOpenJob& job) noexcept;

  private:
    [[nodiscard]] bool begin(std::uint32_t ssrc, std::uint64_t index) noexcept;
    [[nodiscard]] bool crypt(Bytes in, std::uint8_t* out) noexcept;

    EvpCipherCtx context_;
    HmacSha1 hmac_;
    std::array<std::uint8_t, 14> salt_{};
};

extern template class CounterTransform<10>;
extern template class CounterTransform<4>;

}  // namespace cardea
