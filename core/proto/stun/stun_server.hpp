// The server side of ICE-lite (RFC 8445, RFC 8489) on libnice's STUN codec: answers connectivity checks, never sends any.
// Comes first for a datagram of kind STUN: peek_username() finds the peer, answer() authenticates and writes the reply.
// Nothing unauthenticated is ever answered, so the port cannot be used to reflect traffic. One per worker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <tl/expected.hpp>

#include "base/address.hpp"
#include "base/bytes.hpp"

namespace cardea {

enum class StunDrop : std::uint8_t {
    malformed,          // length, cookie, attribute framing, MESSAGE-INTEGRITY that is not 20 bytes, FINGERPRINT that is not last
    not_a_request,      // a response or an indication; ours to ignore
    not_binding,
    missing_username,   // or not of the form local:remote
    missing_integrity,
    bad_integrity,
    bad_fingerprint,
    no_room,            // the reply buffer is too small
};
[[nodiscard]] std::string_view to_text(StunDrop drop) noexcept;

// RFC 8445 section 7.2.2: the receiver's fragment first. Views into the datagram.
struct StunUsername {
    std::string_view local_ufrag;
    std::string_view remote_ufrag;
};

struct StunAnswer {
    std::size_t reply_size = 0;  // send that much of the reply buffer back where the request came from
    bool success = false;        // false: an authenticated error (487 role conflict, 420 unknown attribute), the path is not confirmed
    bool use_candidate = false;  // the peer nominates this path
    std::uint32_t priority = 0;
};

class StunServer {
  public:
    static constexpr std::size_t kSlack = 32;      // readable bytes that must follow each datagram given to answer()
    static constexpr std::size_t kReplyRoom = 640;  // a reply buffer of this size is always enough: replies repeat the user name

    StunServer();
    StunServer(StunServer&&) noexcept;
    StunServer& operator=(StunServer&&) noexcept;
    ~StunServer();

    // Checks the framing of a Binding request without any cryptography; what it accepts, the codec parses within bounds.
    [[nodiscard]] static tl::expected<StunUsername, StunDrop> peek_username(Bytes datagram) noexcept;
    // password: ours, of the ICE generation whose ufrag the user name carries.
    [[nodiscard]] tl::expected<StunAnswer, StunDrop> answer(Bytes datagram, const SocketAddress& from, std::string_view password,
                                                            MutableBytes reply) noexcept;

  private:
    struct Codec;
    std::unique_ptr<Codec> codec_;
};

}  // namespace cardea
