#include "proto/dtls/dtls_transport.hpp"

#include <openssl/err.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.hpp"
#include "proto/dtls/dtls_callbacks.hpp"

namespace cardea {
namespace {

constexpr std::size_t kOutLimit = 64 * 1024;   // a handshake needs 2 KiB; the rest is for data
constexpr std::size_t kInLimit = 256 * 1024;
constexpr std::size_t kMaxDatagram = 4096;     // larger ones are no DTLS of a WebRTC peer
// OpenSSL rounds a remaining time under 15 ms down to nothing; do not come back sooner than it can be due.
constexpr Duration kLeastRetransmit = 1ms;
constexpr std::uint8_t kFinished = 20;  // RFC 5246 section 7.4
constexpr std::uint8_t kWarning = 1;    // section 7.2
constexpr std::uint8_t kFatal = 2;
constexpr std::uint8_t kCloseNotify = 0;

std::optional<SrtpProfile> profile_of(unsigned long id) noexcept {
    switch (id) {
        case SRTP_AEAD_AES_256_GCM: return SrtpProfile::aead_aes_256_gcm;
        case SRTP_AEAD_AES_128_GCM: return SrtpProfile::aead_aes_128_gcm;
        case SRTP_AES128_CM_SHA1_80: return SrtpProfile::aes_cm_128_hmac_sha1_80;
        default: return std::nullopt;
    }
}

// RFC 5764 section 4.2: client key, server key, client salt, server salt.
std::optional<DtlsConnected> export_keys(SSL& ssl, SrtpProfile profile, DtlsRole role) {
    static constexpr std::string_view kLabel = "EXTRACTOR-dtls_srtp";
    const auto sizes = sizes_of(profile);
    SecretBytes<2 * (SrtpKeys::kMaxKey + SrtpKeys::kMaxSalt)> material;
    const auto raw = material.first(2 * (sizes.key + sizes.salt));
    if (SSL_export_keying_material(&ssl, raw.data(), raw.size(), kLabel.data(), kLabel.size(), nullptr, 0, 0) != 1) return std::nullopt;
    const auto salts = raw.subspan(2 * sizes.key);
    const auto client = SrtpKeys::from(profile, raw.first(sizes.key), salts.first(sizes.salt));
    const auto server = SrtpKeys::from(profile, raw.subspan(sizes.key, sizes.key), salts.subspan(sizes.salt));
    if (role == DtlsRole::client) return DtlsConnected{.local = client, .remote = server};
    return DtlsConnected{.local = server, .remote = client};
}

}  // namespace

std::string_view to_text(DtlsFailure failure) noexcept {
    switch (failure) {
        case DtlsFailure::timeout: return "timeout";
        case DtlsFailure::fingerprint_mismatch: return "fingerprint_mismatch";
        case DtlsFailure::no_srtp_profile: return "no_srtp_profile";
        case DtlsFailure::alert: return "alert";
        case DtlsFailure::protocol: break;
    }
    return "protocol";
}

void DtlsTransport::Free::operator()(SSL* object) const noexcept { SSL_free(object); }

DtlsTransport::DtlsTransport(DtlsContext& context, Config config)
    : config_{std::move(config)}, out_{kOutLimit}, in_{kInLimit}, ssl_{SSL_new(context.native())} {
    auto* ssl = ssl_.get();
    CARDEA_ASSERT(ssl != nullptr);
    SSL_set_app_data(ssl, this);
    auto* bio = DtlsCallbacks::make_bio(*this);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_mtu(ssl, static_cast<long>(kMtu));
    DTLS_set_timer_cb(ssl, DtlsCallbacks::retransmit_after);
    if (config_.role == DtlsRole::client)
        SSL_set_connect_state(ssl);
    else
        SSL_set_accept_state(ssl);
}
DtlsTransport::~DtlsTransport() = default;

void DtlsTransport::start(Instant now) {
    if (!std::holds_alternative<DtlsIdle>(state_)) return;
    state_ = DtlsHandshaking{now + config_.timeout};
    handshake();
    update_timeout(now);
}

void DtlsTransport::on_datagram(Instant now, Bytes datagram) {
    if (is_over() || datagram.size() > kMaxDatagram) return;
    if (records_) return read_records(datagram);
    if (std::holds_alternative<DtlsIdle>(state_)) state_ = DtlsHandshaking{now + config_.timeout};
    input_ = datagram;
    handshake();
    input_ = {};
    update_timeout(now);
}

void DtlsTransport::on_timeout(Instant now) {
    const auto* handshaking = std::get_if<DtlsHandshaking>(&state_);
    if (handshaking == nullptr) return;
    if (now >= handshaking->deadline) return fail(DtlsFailure::timeout);
    ERR_clear_error();
    if (DTLSv1_handle_timeout(ssl_.get()) < 0) return fail(DtlsFailure::timeout);
    update_timeout(now);
}

void DtlsTransport::handshake() {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    if (result == 1) return finish_handshake();
    if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ) return;
    if (mismatch_) return fail(DtlsFailure::fingerprint_mismatch);
    fail(alert_ != 0 ? DtlsFailure::alert : DtlsFailure::protocol);
}

void DtlsTransport::finish_handshake() {
    // The verify callback has run and agreed, or OpenSSL would not have come here; keys depend on it, so look again.
    if (!verified_) return fail(DtlsFailure::fingerprint_mismatch);
    const auto* selected = SSL_get_selected_srtp_profile(ssl_.get());
    const auto profile = selected == nullptr ? std::nullopt : profile_of(selected->id);
    if (!profile) {
        close();
        return fail(DtlsFailure::no_srtp_profile);
    }
    auto keys = export_keys(*ssl_, *profile, config_.role);
    const auto secrets = secrets_of(*ssl_, config_.role);
    if (!keys || !secrets || !sent_.protected_ones()) return fail(DtlsFailure::protocol);
    state_ = std::move(*keys);
    read_first_data();
    // Alerts may have gone out meanwhile: the numbers are those of now.
    records_.emplace(*secrets, *sent_.protected_ones());
    ssl_.reset();
}

// What came along with the end of the handshake, or before it: OpenSSL has it. Should one of these records be repeated to the record
// layer, that is the duplicate of a datagram, which SCTP knows.
void DtlsTransport::read_first_data() {
    std::array<std::uint8_t, kMaxDatagram> buffer;
    for (;;) {
        ERR_clear_error();
        const int size = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
        if (size > 0) {
            static_cast<void>(in_.push(Bytes{buffer}.first(static_cast<std::size_t>(size))));
            continue;
        }
        switch (SSL_get_error(ssl_.get(), size)) {
            case SSL_ERROR_WANT_READ:
            case SSL_ERROR_WANT_WRITE: return;
            case SSL_ERROR_ZERO_RETURN:
                SSL_shutdown(ssl_.get());  // RFC 5246 section 7.2.1: answer close_notify with our own
                state_ = DtlsClosed{};
                return;
            default: return fail(alert_ != 0 ? DtlsFailure::alert : DtlsFailure::protocol);
        }
    }
}

void DtlsTransport::read_records(Bytes datagram) {
    std::array<std::uint8_t, kMaxDatagram> buffer;
    ByteReader reader{datagram};
    while (connected() != nullptr) {
        const auto record = records_->open(reader, buffer);
        if (!record) return;
        switch (record->type) {
            case DtlsContent::application_data:
                // A full queue loses the message; SCTP above will ask for it again.
                if (!record->content.empty()) static_cast<void>(in_.push(record->content));
                break;
            case DtlsContent::alert: on_alert(record->content); break;
            case DtlsContent::handshake:
                // A client repeats its last flight: ours was lost. A wish to renegotiate meets silence.
                if (config_.role == DtlsRole::server && !record->content.empty() && record->content[0] == kFinished)
                    static_cast<void>(out_.push(sent_.last_flight()));
                break;
            case DtlsContent::change_cipher_spec: break;
        }
    }
}

// RFC 5246 section 7.2.
void DtlsTransport::on_alert(Bytes alert) {
    ByteReader reader{alert};
    const auto level = reader.be<std::uint8_t>();
    const auto description = reader.be<std::uint8_t>();
    if (!reader.ok()) return;
    if (description == kCloseNotify) return close();
    if (level != kFatal) return;
    alert_ = description;
    fail(DtlsFailure::alert);
}

bool DtlsTransport::send(Bytes data) {
    if (connected() == nullptr || data.empty() || data.size() > kMaxData) return false;
    return send_record(DtlsContent::application_data, data);
}

bool DtlsTransport::send_record(DtlsContent type, Bytes content) {
    std::array<std::uint8_t, kMtu> buffer;
    const auto record = records_->seal(type, content, buffer);
    return !record.empty() && out_.push(record);
}

void DtlsTransport::close() {
    if (is_over()) return;
    if (records_)
        static_cast<void>(send_record(DtlsContent::alert, std::array{kWarning, kCloseNotify}));
    else if (SSL_is_init_finished(ssl_.get()) == 1)
        SSL_shutdown(ssl_.get());
    state_ = DtlsClosed{};
    next_timeout_ = Instant::max();
}

void DtlsTransport::trim() {
    out_.shrink();
    in_.shrink();
}

void DtlsTransport::fail(DtlsFailure reason) {
    state_ = DtlsFailed{reason, reason == DtlsFailure::alert ? alert_ : std::uint8_t{0}};
    next_timeout_ = Instant::max();
}

void DtlsTransport::update_timeout(Instant now) {
    const auto* handshaking = std::get_if<DtlsHandshaking>(&state_);
    next_timeout_ = handshaking == nullptr ? Instant::max() : handshaking->deadline;
    if (handshaking == nullptr) return;
    timeval left{};
    if (DTLSv1_get_timeout(ssl_.get(), &left) != 1) return;
    const Duration remaining = std::chrono::seconds{left.tv_sec} + std::chrono::microseconds{left.tv_usec};
    next_timeout_ = std::min(next_timeout_, now + std::max(remaining, kLeastRetransmit));
}

}  // namespace cardea
