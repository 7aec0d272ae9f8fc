// SRTP and SRTCP (RFC 3711, RFC 7714) of one peer: SrtpIn for what it sends us, SrtpOut for what we send it. Comes after DTLS,
// before RTP parsing on the way in; after header rewriting, before the send batch on the way out.
// No packet allocates; only the first authenticated packet of a new SSRC may grow a table. One object, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <tl/expected.hpp>

#include "base/bytes.hpp"
#include "base/strong_id.hpp"
#include "proto/srtp/srtp_keys.hpp"

namespace cardea {

enum class SrtpErrc : std::uint8_t {
    truncated,         // shorter than its own header, or than header and tag
    malformed,         // not RTP or RTCP version 2
    auth,              // the tag is wrong
    replay,            // this index was seen already
    old,               // behind the replay window
    unencrypted,       // SRTCP without the E bit: WebRTC always encrypts (RFC 8827 section 6.5)
    too_many_streams,  // a new SSRC past SrtpIn::kMaxStreams
    no_room,           // the buffer cannot hold the overhead
    exhausted,         // the key's last SRTCP index is used up (RFC 3711 section 9.2)
    internal,          // the crypto library refused
};
[[nodiscard]] std::string_view to_text(SrtpErrc error) noexcept;

// Debian's libsrtp2 slows down with the number of sessions; it is the reference and the fallback. libipsec-mb is faster than OpenSSL with
// the profiles of RFC 7714 (the others stay with OpenSSL), and need not be there: ask srtp_supports() before.
enum class SrtpBackend : std::uint8_t { openssl, libsrtp2, ipsec_mb };
[[nodiscard]] bool srtp_supports(SrtpBackend backend, SrtpProfile profile) noexcept;
// Why libipsec-mb cannot be used here; empty: it can. The first call opens it.
[[nodiscard]] std::string_view ipsec_mb_problem();

using SrtpSize = tl::expected<std::size_t, SrtpErrc>;

inline constexpr std::size_t kSrtpMaxOverhead = 16;   // an AEAD tag
inline constexpr std::size_t kSrtcpMaxOverhead = 20;  // an AEAD tag and the E|index word

class SrtpInBackend;
class SrtpOutBackend;

class SrtpIn {
  public:
    static constexpr std::size_t kMaxStreams = 64;  // SSRCs, of RTP and of RTCP each

    explicit SrtpIn(const SrtpKeys& keys, SrtpBackend backend = SrtpBackend::openssl);
    SrtpIn(SrtpIn&&) noexcept;
    SrtpIn& operator=(SrtpIn&&) noexcept;
    ~SrtpIn();

    // Decrypts in place and gives the plain size. State moves only when the packet is authentic; after an error the bytes of the packet
    // are undefined.
    [[nodiscard]] SrtpSize unprotect_rtp(MutableBytes packet) noexcept;
    [[nodiscard]] SrtpSize unprotect_rtcp(MutableBytes packet) noexcept;
    // Frees the stream's place in the table. Its old packets could then be replayed: only for a stream whose source is gone.
    void forget(Ssrc ssrc) noexcept;

  private:
    std::unique_ptr<SrtpInBackend> backend_;
};

class SrtpOut {
  public:
    explicit SrtpOut(const SrtpKeys& keys, SrtpBackend backend = SrtpBackend::openssl);
    SrtpOut(SrtpOut&&) noexcept;
    SrtpOut& operator=(SrtpOut&&) noexcept;
    ~SrtpOut();

    // The packet is the first `size` bytes of the buffer, which has room for kSrtpMaxOverhead more; gives the size to send.
    // roc: how often this stream's sequence number has wrapped. Whoever writes the sequence numbers knows it.
    [[nodiscard]] SrtpSize protect_rtp(MutableBytes buffer, std::size_t size, std::uint32_t roc) noexcept;
    // The same for one who does not: the rollover counter is tracked per SSRC (RFC 3711 section 3.3.1).
    [[nodiscard]] SrtpSize protect_rtp(MutableBytes buffer, std::size_t size) noexcept;
    // Fan-out: the first `header_size` bytes of destination (RTP header and, if any, a rewritten codec prefix) are written already;
    // the shared payload follows them, encrypted on the way. The two must not overlap.
    [[nodiscard]] SrtpSize protect_rtp_from(MutableBytes destination, std::size_t header_size, Bytes payload, std::uint32_t roc) noexcept;
    // Room for kSrtcpMaxOverhead more.
    [[nodiscard]] SrtpSize protect_rtcp(MutableBytes buffer, std::size_t size) noexcept;

  private:
    std::unique_ptr<SrtpOutBackend> backend_;
};

}  // namespace cardea
