#include "srtp_packets.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace cardea::testing {
namespace {

std::mt19937& shared_random() {
    static std::mt19937 random{7};
    return random;
}

void append_random(Packet& packet, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) packet.push_back(static_cast<std::uint8_t>(shared_random()()));
}

}  // namespace

std::string name_of(const Setup& setup) {
    const auto backend = setup.backend == SrtpBackend::openssl ? "_openssl" : setup.backend == SrtpBackend::libsrtp2 ? "_libsrtp2" : "_ipsec_mb";
    return std::string{to_text(setup.profile)} + backend;
}

std::vector<Setup> setups_of(std::initializer_list<SrtpBackend> backends) {
    std::vector<Setup> setups;
    for (const auto profile : kAllProfiles)
        for (const auto backend : backends) setups.push_back({profile, backend});
    return setups;
}

bool is_missing(SrtpBackend backend) { return backend == SrtpBackend::ipsec_mb && !ipsec_mb_problem().empty(); }
SrtpBackend usable(SrtpBackend backend) { return is_missing(backend) ? SrtpBackend::openssl : backend; }

Packet hex(std::string_view digits) {
    Packet bytes;
    int high = -1;
    for (const char c : digits) {
        if (c == ' ' || c == '\n') continue;
        const int value = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
        if (high < 0) {
            high = value;
        } else {
            bytes.push_back(static_cast<std::uint8_t>(high * 16 + value));
            high = -1;
        }
    }
    return bytes;
}

SrtpKeys keys_of(SrtpProfile profile, unsigned seed) {
    std::mt19937 random{seed};
    const auto sizes = sizes_of(profile);
    Packet key(sizes.key);
    Packet salt(sizes.salt);
    for (auto& byte : key) byte = static_cast<std::uint8_t>(random());
    for (auto& byte : salt) byte = static_cast<std::uint8_t>(random());
    return SrtpKeys::from(profile, key, salt);
}

Packet rtp_packet(const RtpShape& shape) {
    const std::size_t extension = shape.extension ? 4 + 4 * shape.extension_words : 0;
    Packet packet(12 + 4 * shape.csrcs + extension);
    ByteWriter writer{packet};
    writer.be(static_cast<std::uint8_t>(0x80U | (shape.extension ? 0x10U : 0U) | shape.csrcs));
    writer.be(std::uint8_t{96});
    writer.be(shape.sequence);
    writer.be(std::uint32_t{0x01020304});
    writer.be(shape.ssrc);
    for (std::size_t i = 0; i < shape.csrcs; ++i) writer.be(static_cast<std::uint32_t>(0xc0000000U + i));
    if (shape.extension) {
        writer.be(std::uint16_t{0xbede});
        writer.be(static_cast<std::uint16_t>(shape.extension_words));
        writer.zeros(4 * shape.extension_words);
    }
    append_random(packet, shape.payload);
    return packet;
}

Packet rtcp_packet(std::size_t size, std::uint32_t ssrc) {
    Packet packet(8);
    ByteWriter writer{packet};
    writer.be(std::uint8_t{0x80});
    writer.be(std::uint8_t{200});
    writer.be(static_cast<std::uint16_t>(size / 4 - 1));
    writer.be(ssrc);
    append_random(packet, size - 8);
    return packet;
}

namespace {
Packet sized(Packet packet, SrtpSize size) {
    EXPECT_TRUE(size.has_value()) << (size ? "" : to_text(size.error()));
    packet.resize(size.value_or(0));
    return packet;
}
}  // namespace

Packet protect(SrtpOut& out, Packet packet, std::uint32_t roc) {
    const auto plain = packet.size();
    packet.resize(plain + kSrtpMaxOverhead);
    const auto size = out.protect_rtp(packet, plain, roc);
    return sized(std::move(packet), size);
}

Packet protect_rtcp(SrtpOut& out, Packet packet) {
    const auto plain = packet.size();
    packet.resize(plain + kSrtcpMaxOverhead);
    const auto size = out.protect_rtcp(packet, plain);
    return sized(std::move(packet), size);
}

tl::expected<Packet, SrtpErrc> unprotect(SrtpIn& in, Packet packet) {
    const auto size = in.unprotect_rtp(packet);
    if (!size) return tl::unexpected{size.error()};
    packet.resize(*size);
    return packet;
}

tl::expected<Packet, SrtpErrc> unprotect_rtcp(SrtpIn& in, Packet packet) {
    const auto size = in.unprotect_rtcp(packet);
    if (!size) return tl::unexpected{size.error()};
    packet.resize(*size);
    return packet;
}

Reference::Reference(const SrtpKeys& keys, Direction direction) {
    // Asking for it initialises libsrtp2, which takes that only once a process.
    EXPECT_TRUE(srtp_supports(SrtpBackend::libsrtp2, keys.profile));
    srtp_policy_t policy{};
    for (auto* crypto : {&policy.rtp, &policy.rtcp}) {
        switch (keys.profile) {
            case SrtpProfile::aes_cm_128_hmac_sha1_80: srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(crypto); break;
            // RFC 4568 section 6.2.2: its RTCP has the longer tag.
            case SrtpProfile::aes_cm_128_hmac_sha1_32:
                if (crypto == &policy.rtp) srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(crypto);
                else srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(crypto);
                break;
            case SrtpProfile::aead_aes_128_gcm: srtp_crypto_policy_set_aes_gcm_128_16_auth(crypto); break;
            case SrtpProfile::aead_aes_256_gcm: srtp_crypto_policy_set_aes_gcm_256_16_auth(crypto); break;
        }
    }
    Packet key(keys.master_key().begin(), keys.master_key().end());
    key.insert(key.end(), keys.master_salt().begin(), keys.master_salt().end());
    policy.key = key.data();
    policy.ssrc.type = direction == Direction::in ? ssrc_any_inbound : ssrc_any_outbound;
    policy.window_size = 128;
    EXPECT_EQ(srtp_create(&session_, &policy), srtp_err_status_ok);
}
Reference::~Reference() { srtp_dealloc(session_); }

namespace {
template <class Call>
Packet run(Call&& call, srtp_t session, Packet packet) {
    int size = static_cast<int>(packet.size());
    packet.resize(packet.size() + SRTP_MAX_TRAILER_LEN + 4);
    if (call(session, packet.data(), &size) != srtp_err_status_ok) return {};
    packet.resize(static_cast<std::size_t>(size));
    return packet;
}
}  // namespace

Packet Reference::protect(Packet packet) { return run(srtp_protect, session_, std::move(packet)); }
Packet Reference::protect_rtcp(Packet packet) { return run(srtp_protect_rtcp, session_, std::move(packet)); }
Packet Reference::unprotect(Packet packet) { return run(srtp_unprotect, session_, std::move(packet)); }
Packet Reference::unprotect_rtcp(Packet packet) { return run(srtp_unprotect_rtcp, session_, std::move(packet)); }

}  // namespace cardea::testing
