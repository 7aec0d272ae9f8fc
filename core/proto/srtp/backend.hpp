// Behind SrtpIn and SrtpOut: one virtual call a packet, and then no more branches on profile or library.
#pragma once

#include <memory>

#include "proto/srtp/packet_head.hpp"
#include "proto/srtp/srtp.hpp"
#include "proto/srtp/stream_table.hpp"
#include "proto/srtp/transform.hpp"

namespace cardea {

class SrtpInBackend {
  public:
    virtual ~SrtpInBackend() = default;
    [[nodiscard]] virtual SrtpSize open_rtp(MutableBytes packet, const RtpHead& head) noexcept = 0;
    [[nodiscard]] virtual SrtpSize open_rtcp(MutableBytes packet, std::uint32_t ssrc) noexcept = 0;
    virtual void forget(std::uint32_t ssrc) noexcept = 0;
};

class SrtpOutBackend {
  public:
    static constexpr std::size_t kMaxStreams = 4096;  // a bound against a caller's error; ours to choose

    virtual ~SrtpOutBackend() = default;
    [[nodiscard]] virtual SrtpSize seal_rtp(const RtpSealJob& job) noexcept = 0;
    [[nodiscard]] virtual SrtpSize seal_rtcp(MutableBytes buffer, std::size_t size, std::uint32_t ssrc) noexcept = 0;
    [[nodiscard]] StreamTable<std::uint64_t>& tracked() noexcept { return tracked_; }  // SSRC -> highest index

  private:
    StreamTable<std::uint64_t> tracked_{kMaxStreams};
};

[[nodiscard]] std::unique_ptr<SrtpInBackend> make_evp_in(const SrtpKeys& keys);
[[nodiscard]] std::unique_ptr<SrtpOutBackend> make_evp_out(const SrtpKeys& keys);
[[nodiscard]] std::unique_ptr<SrtpInBackend> make_libsrtp_in(const SrtpKeys& keys);
[[nodiscard]] std::unique_ptr<SrtpOutBackend> make_libsrtp_out(const SrtpKeys& keys);
[[nodiscard]] bool libsrtp_supports(SrtpProfile profile) noexcept;
// The profiles of RFC 7714; the caller has seen that ipsec_mb_problem() is empty.
[[nodiscard]] std::unique_ptr<SrtpInBackend> make_ipsec_mb_in(const SrtpKeys& keys);
[[nodiscard]] std::unique_ptr<SrtpOutBackend> make_ipsec_mb_out(const SrtpKeys& keys);

}  // namespace cardea
