// Why a worker threw something away. A packet never logs: it counts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cardea {

enum class Drop : std::uint8_t {
    unknown_kind,      // first byte is none of STUN, DTLS, RTP, RTCP
    unchecked_path,    // media or DTLS from an address no authenticated check has confirmed
    stun_malformed,
    stun_unknown_ufrag,
    stun_unauthentic,
    no_keys,           // media before DTLS was done
    srtp_auth,
    srtp_replay,
    rtp_malformed,
    rtp_unknown_stream,
    rtcp_malformed,
    too_large,
    pool_exhausted,
    send_full,         // the socket took no more
    send_error,
    handshake_backlog, // more DTLS waits than a worker gets done
    foreign_sender,    // on a remote publisher's port, but not from where it sends
    worker_behind,     // a mirror source's worker did not keep up
    recording_full,    // the disk did not keep up: missing in a recording, not in the call
    count
};

[[nodiscard]] constexpr std::string_view to_text(Drop drop) noexcept {
    constexpr std::array<std::string_view, static_cast<std::size_t>(Drop::count)> kNames{
        "unknown_kind", "unchecked_path", "stun_malformed", "stun_unknown_ufrag", "stun_unauthentic", "no_keys",
        "srtp_auth", "srtp_replay", "rtp_malformed", "rtp_unknown_stream", "rtcp_malformed", "too_large",
        "pool_exhausted", "send_full", "send_error", "handshake_backlog", "foreign_sender", "worker_behind", "recording_full"};
    return kNames[static_cast<std::size_t>(drop)];
}

struct DropCounters {
    std::array<std::uint64_t, static_cast<std::size_t>(Drop::count)> by_reason{};
    void add(Drop drop) noexcept { ++by_reason[static_cast<std::size_t>(drop)]; }
    [[nodiscard]] std::uint64_t of(Drop drop) const noexcept { return by_reason[static_cast<std::size_t>(drop)]; }
};

}  // namespace cardea
