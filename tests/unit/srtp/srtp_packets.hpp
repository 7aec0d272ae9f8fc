// Packets and keys for the SRTP tests, and libsrtp2 called directly as the reference.
#pragma once

#include <srtp2/srtp.h>

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "proto/srtp/srtp.hpp"

namespace cardea::testing {

using Packet = std::vector<std::uint8_t>;

inline constexpr SrtpProfile kAllProfiles[]{SrtpProfile::aes_cm_128_hmac_sha1_80, SrtpProfile::aes_cm_128_hmac_sha1_32,
                                              SrtpProfile::aead_aes_128_gcm, SrtpProfile::aead_aes_256_gcm};

// A profile by a backend: what the tests of both are run with. As a name: "AEAD_AES_256_GCM_ipsec_mb".
struct Setup {
    SrtpProfile profile;
    SrtpBackend backend;
};
[[nodiscard]] std::string name_of(const Setup& setup);
// Every profile by the given ones.
[[nodiscard]] std::vector<Setup> setups_of(std::initializer_list<SrtpBackend> backends);
// libipsec-mb may be missing: its tests are skipped then, one by one, and their fixtures are built with OpenSSL.
[[nodiscard]] bool is_missing(SrtpBackend backend);
[[nodiscard]] SrtpBackend usable(SrtpBackend backend);
#define CARDEA_SKIP_IF_MISSING(backend) \
    if (::cardea::testing::is_missing(backend)) GTEST_SKIP() << "libipsec-mb is not usable: " << ipsec_mb_problem()

[[nodiscard]] Packet hex(std::string_view digits);  // blanks are skipped
[[nodiscard]] SrtpKeys keys_of(SrtpProfile profile, unsigned seed = 1);

struct RtpShape {
    std::uint16_t sequence = 1;
    std::uint32_t ssrc = 0x11223344;
    std::size_t payload = 100;
    std::size_t csrcs = 0;
    std::size_t extension_words = 0;
    bool extension = false;
};
[[nodiscard]] Packet rtp_packet(const RtpShape& shape);
[[nodiscard]] Packet rtcp_packet(std::size_t size = 28, std::uint32_t ssrc = 0x11223344);  // a sender report, random inside

// With what our own classes give; the packet grows by the overhead.
[[nodiscard]] Packet protect(SrtpOut& out, Packet packet, std::uint32_t roc = 0);
[[nodiscard]] Packet protect_rtcp(SrtpOut& out, Packet packet);
// The plain packet, or the error.
[[nodiscard]] tl::expected<Packet, SrtpErrc> unprotect(SrtpIn& in, Packet packet);
[[nodiscard]] tl::expected<Packet, SrtpErrc> unprotect_rtcp(SrtpIn& in, Packet packet);

// libsrtp2 as its own documentation has it used, for one direction.
class Reference {
  public:
    enum class Direction : std::uint8_t { in, out };
    Reference(const SrtpKeys& keys, Direction direction);
    ~Reference();
    Reference(const Reference&) = delete;
    Reference& operator=(const Reference&) = delete;
    [[nodiscard]] Packet protect(Packet packet);
    [[nodiscard]] Packet protect_rtcp(Packet packet);
    // Empty: refused.
    [[nodiscard]] Packet unprotect(Packet packet);
    [[nodiscard]] Packet unprotect_rtcp(Packet packet);

  private:
    srtp_t session_ = nullptr;
};

}  // namespace cardea::testing
