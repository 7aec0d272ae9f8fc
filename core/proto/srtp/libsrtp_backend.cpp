// The backend on libsrtp2: a fallback for who distrusts ours, and in the tests the reference it is compared with.
#include <arpa/inet.h>
#include <srtp2/srtp.h>

#include <algorithm>

#include "base/assert.hpp"
#include "base/cptr.hpp"
#include "proto/srtp/backend.hpp"
#include "proto/srtp/packet_index.hpp"

namespace cardea {
namespace {

using Session = CPtr<std::remove_pointer_t<srtp_t>, srtp_dealloc>;
// Retransmissions without RTX send old sequence numbers again: the sender's window covers what a packet store holds.
constexpr unsigned long kSendWindow = 4096;

bool init_library() noexcept {
    static const bool ready = srtp_init() == srtp_err_status_ok;
    return ready;
}

void set_suite(SrtpProfile profile, srtp_crypto_policy_t& policy) noexcept {
    switch (profile) {
        case SrtpProfile::aes_cm_128_hmac_sha1_32: return srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy);
        case SrtpProfile::aes_cm_128_hmac_sha1_80: return srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy);
        case SrtpProfile::aead_aes_128_gcm: return srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy);
        case SrtpProfile::aead_aes_256_gcm: return srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy);
    }
}

struct Policy {
    explicit Policy(const SrtpKeys& keys) noexcept {
        set_suite(keys.profile, value.rtp);
        // Its RTCP has the longer tag (RFC 4568 section 6.2.2).
        const bool short_tag = keys.profile == SrtpProfile::aes_cm_128_hmac_sha1_32;
        set_suite(short_tag ? SrtpProfile::aes_cm_128_hmac_sha1_80 : keys.profile, value.rtcp);
        const auto master = keys.master_key();
        const auto salt = keys.master_salt();
        std::copy(master.begin(), master.end(), key_and_salt.bytes().begin());
        std::copy(salt.begin(), salt.end(), key_and_salt.bytes().subspan(master.size()).begin());
    }
    Policy(const Policy&) = default;
    Policy& operator=(const Policy&) = default;
    [[nodiscard]] const srtp_policy_t* get() noexcept {
        value.key = key_and_salt.bytes().data();
        return &value;
    }
    srtp_policy_t value{};
    SecretBytes<SrtpKeys::kMaxKey + SrtpKeys::kMaxSalt> key_and_salt;
};

SrtpErrc errc_of(srtp_err_status_t status) noexcept {
    switch (status) {
        case srtp_err_status_auth_fail: return SrtpErrc::auth;
        case srtp_err_status_replay_fail: return SrtpErrc::replay;
        case srtp_err_status_replay_old: return SrtpErrc::old;
        case srtp_err_status_cant_check: return SrtpErrc::unencrypted;
        case srtp_err_status_key_expired: return SrtpErrc::exhausted;
        case srtp_err_status_bad_param:
        case srtp_err_status_parse_err: return SrtpErrc::truncated;
        default: return SrtpErrc::internal;
    }
}

struct Nothing {};

class LibsrtpIn final : public SrtpInBackend {
  public:
    explicit LibsrtpIn(const SrtpKeys& keys) : trailer_{sizes_of(keys.profile).tag}, rtcp_trailer_{sizes_of(keys.profile).rtcp_tag + kSrtcpIndexSize} {
        CARDEA_ASSERT(init_library());
        Policy policy{keys};
        policy.value.ssrc.type = ssrc_any_inbound;
        policy.value.window_size = ReplayWindow::kSize;
        srtp_t session = nullptr;
        CARDEA_ASSERT(srtp_create(&session, policy.get()) == srtp_err_status_ok);
        session_.reset(session);
    }

    SrtpSize open_rtp(MutableBytes packet, const RtpHead& head) noexcept override {
        if (packet.size() < head.size + trailer_) return tl::unexpected{SrtpErrc::truncated};
        return open(packet, head.ssrc, rtp_streams_, srtp_unprotect);
    }
    SrtpSize open_rtcp(MutableBytes packet, std::uint32_t ssrc) noexcept override {
        if (packet.size() < kRtcpHeadSize + rtcp_trailer_) return tl::unexpected{SrtpErrc::truncated};
        return open(packet, ssrc, rtcp_streams_, srtp_unprotect_rtcp);
    }
    void forget(std::uint32_t ssrc) noexcept override {
        rtp_streams_.erase(ssrc);
        rtcp_streams_.erase(ssrc);
        // Alone among libsrtp2's calls this one wants the SSRC in network order. It may find nothing: that is fine.
        static_cast<void>(srtp_remove_stream(session_.get(), htonl(ssrc)));
    }

  private:
    template <class Open>
    SrtpSize open(MutableBytes packet, std::uint32_t ssrc, StreamTable<Nothing>& streams, Open&& unprotect) noexcept {
        const bool known = streams.find(ssrc) != nullptr;
        if (!known && streams.is_full()) return tl::unexpected{SrtpErrc::too_many_streams};
        int size = static_cast<int>(packet.size());
        const auto status = unprotect(session_.get(), packet.data(), &size);
        if (status != srtp_err_status_ok) return tl::unexpected{errc_of(status)};
        if (!known) streams.add(ssrc, {});
        return static_cast<std::size_t>(size);
    }

    std::size_t trailer_;
    std::size_t rtcp_trailer_;
    Session session_;
    StreamTable<Nothing> rtp_streams_{SrtpIn::kMaxStreams};
    StreamTable<Nothing> rtcp_streams_{SrtpIn::kMaxStreams};
};

class LibsrtpOut final : public SrtpOutBackend {
  public:
    explicit LibsrtpOut(const SrtpKeys& keys) : policy_{keys}, tag_{sizes_of(keys.profile).tag}, rtcp_tag_{sizes_of(keys.profile).rtcp_tag} {
        CARDEA_ASSERT(init_library());
        policy_.value.window_size = kSendWindow;
        policy_.value.allow_repeat_tx = 1;
        srtp_t session = nullptr;
        CARDEA_ASSERT(srtp_create(&session, nullptr) == srtp_err_status_ok);
        session_.reset(session);
    }

    SrtpSize seal_rtp(const RtpSealJob& job) noexcept override {
        if (job.clear_size() + tag_ > job.buffer.size()) return tl::unexpected{SrtpErrc::no_room};
        auto* highest = stream(job.ssrc);
        if (highest == nullptr) return tl::unexpected{SrtpErrc::too_many_streams};
        // libsrtp2 guesses the rollover counter itself; it is told only where its guess would differ from what the caller knows.
        if (estimate_index(*highest, static_cast<std::uint16_t>(job.index & 0xffffU)) != job.index &&
            srtp_set_stream_roc(session_.get(), job.ssrc, static_cast<std::uint32_t>(job.index >> 16U)) != srtp_err_status_ok)
            return tl::unexpected{SrtpErrc::internal};
        std::copy(job.payload.begin(), job.payload.end(), job.buffer.subspan(job.written).begin());
        int size = static_cast<int>(job.clear_size());
        const auto status = srtp_protect(session_.get(), job.buffer.data(), &size);
        if (status != srtp_err_status_ok) return tl::unexpected{errc_of(status)};
        *highest = std::max(*highest, job.index);
        return static_cast<std::size_t>(size);
    }

    SrtpSize seal_rtcp(MutableBytes buffer, std::size_t size, std::uint32_t ssrc) noexcept override {
        if (size + rtcp_tag_ + kSrtcpIndexSize > buffer.size()) return tl::unexpected{SrtpErrc::no_room};
        if (stream(ssrc) == nullptr) return tl::unexpected{SrtpErrc::too_many_streams};
        int sealed = static_cast<int>(size);
        const auto status = srtp_protect_rtcp(session_.get(), buffer.data(), &sealed);
        if (status != srtp_err_status_ok) return tl::unexpected{errc_of(status)};
        return static_cast<std::size_t>(sealed);
    }

  private:
    // The highest index of the stream, which is made known to libsrtp2 first; nullptr when there is no place for it.
    std::uint64_t* stream(std::uint32_t ssrc) noexcept {
        if (auto* known = streams_.find(ssrc); known != nullptr) return known;
        if (streams_.is_full()) return nullptr;
        policy_.value.ssrc = {ssrc_specific, ssrc};
        if (srtp_add_stream(session_.get(), policy_.get()) != srtp_err_status_ok) return nullptr;
        return &streams_.add(ssrc, 0);
    }

    Policy policy_;
    std::size_t tag_;
    std::size_t rtcp_tag_;
    Session session_;
    StreamTable<std::uint64_t> streams_{kMaxStreams};
};

}  // namespace

bool libsrtp_supports(SrtpProfile profile) noexcept {
    if (!init_library()) return false;
    SrtpKeys keys;
    keys.profile = profile;
    Policy policy{keys};
    policy.value.ssrc.type = ssrc_any_inbound;
    srtp_t raw = nullptr;
    const bool supported = srtp_create(&raw, policy.get()) == srtp_err_status_ok;
    const Session session{raw};
    return supported;
}

std::unique_ptr<SrtpInBackend> make_libsrtp_in(const SrtpKeys& keys) { return std::make_unique<LibsrtpIn>(keys); }
std::unique_ptr<SrtpOutBackend> make_libsrtp_out(const SrtpKeys& keys) { return std::make_unique<LibsrtpOut>(keys); }

}  // namespace cardea
