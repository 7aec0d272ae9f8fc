#include "dtls.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <array>

#include "base/assert.hpp"

namespace cardea::testpeer {
namespace {

constexpr long kMtu = 1172;
constexpr std::string_view kExporterLabel = "EXTRACTOR-dtls_srtp";  // RFC 5764 section 4.2

struct ProfileSizes {
    std::string_view name;
    std::size_t key;
    std::size_t salt;
};
constexpr std::array<ProfileSizes, 3> kProfiles{{
    {"SRTP_AEAD_AES_256_GCM", 32, 12},
    {"SRTP_AEAD_AES_128_GCM", 16, 12},
    {"SRTP_AES128_CM_SHA1_80", 16, 14},
}};

std::string last_openssl_error() {
    std::array<char, 256> text{};
    ERR_error_string_n(ERR_get_error(), text.data(), text.size());
    return text.data();
}

int accept_any_certificate(int, X509_STORE_CTX*) { return 1; }  // the SDP's fingerprint decides, after the handshake

}  // namespace

// One write is one datagram, one read returns exactly one: a memory BIO would glue them together.
struct DtlsSession::Bio {
    static DtlsSession& session(BIO* bio) { return *static_cast<DtlsSession*>(BIO_get_data(bio)); }
    static int write(BIO* bio, const char* data, int size) {
        session(bio).send_(as_bytes({data, static_cast<std::size_t>(size)}));
        return size;
    }
    static int read(BIO* bio, char* to, int size) {
        auto& queue = session(bio).incoming_;
        BIO_clear_retry_flags(bio);
        if (queue.empty()) {
            BIO_set_retry_read(bio);
            return -1;
        }
        const auto datagram = std::move(queue.front());
        queue.pop_front();
        const auto taken = std::min(datagram.size(), static_cast<std::size_t>(size));
        const auto text = as_text(Bytes{datagram}.first(taken));
        std::copy(text.begin(), text.end(), to);
        return static_cast<int>(taken);
    }
    static long control(BIO*, int command, long, void*) {
        switch (command) {
            case BIO_CTRL_FLUSH:
                return 1;
            case BIO_CTRL_DGRAM_QUERY_MTU:
                return kMtu + 28;
            case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
                return 28;
            default:
                return 0;
        }
    }
    static int create(BIO* bio) {
        BIO_set_init(bio, 1);
        return 1;
    }
    static BIO_METHOD* method() {
        static const CPtr<BIO_METHOD, BIO_meth_free> made = [] {
            CPtr<BIO_METHOD, BIO_meth_free> m{BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "test peer datagrams")};
            BIO_meth_set_write(m.get(), write);
            BIO_meth_set_read(m.get(), read);
            BIO_meth_set_ctrl(m.get(), control);
            BIO_meth_set_create(m.get(), create);
            return m;
        }();
        return made.get();
    }
};

DtlsContext::DtlsContext(const Certificate& certificate, const std::string& profiles) : context_{SSL_CTX_new(DTLS_method())} {
    auto* raw = context_.get();
    CARDEA_ASSERT(raw != nullptr);
    CARDEA_ASSERT(SSL_CTX_use_certificate(raw, certificate.x509.get()) == 1);
    CARDEA_ASSERT(SSL_CTX_use_PrivateKey(raw, certificate.key.get()) == 1);
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any_certificate);
    SSL_CTX_set_options(raw, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET);
    CARDEA_ASSERT(SSL_CTX_set_tlsext_use_srtp(raw, profiles.c_str()) == 0);
}

DtlsSession::DtlsSession(const DtlsContext& context, DtlsRole role, std::string remote_fingerprint, Send send)
    : role_{role}, remote_fingerprint_{std::move(remote_fingerprint)}, send_{std::move(send)}, ssl_{SSL_new(context.raw())} {
    CARDEA_ASSERT(ssl_ != nullptr);
    BIO* bio = BIO_new(Bio::method());
    BIO_set_data(bio, this);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_mtu(ssl_.get(), kMtu);
    // As browsers do it: a gateway that was not ready for the first flight must not cost a second.
    DTLS_set_timer_cb(ssl_.get(), [](SSL*, unsigned microseconds) { return microseconds == 0 ? 50'000U : std::min(2 * microseconds, 3'200'000U); });
    if (role_ == DtlsRole::client) {
        SSL_set_connect_state(ssl_.get());
    } else {
        SSL_set_accept_state(ssl_.get());
    }
}
DtlsSession::~DtlsSession() = default;

void DtlsSession::start() {
    if (role_ == DtlsRole::client) advance();
}

void DtlsSession::receive(Bytes datagram) {
    incoming_.emplace_back(datagram.begin(), datagram.end());
    advance();
}

void DtlsSession::retransmit_if_due() {
    if (status_ == DtlsStatus::handshaking) DTLSv1_handle_timeout(ssl_.get());
}

void DtlsSession::close() {
    if (status_ == DtlsStatus::connected) SSL_shutdown(ssl_.get());
}

void DtlsSession::advance() {
    if (status_ == DtlsStatus::failed || status_ == DtlsStatus::closed) return;
    ERR_clear_error();
    if (status_ == DtlsStatus::handshaking) {
        const int done = SSL_do_handshake(ssl_.get());
        if (done == 1) {
            finish_handshake();
        } else if (SSL_get_error(ssl_.get(), done) != SSL_ERROR_WANT_READ) {
            fail("handshake: " + last_openssl_error());
        }
        return;
    }
    read_records();
}

void DtlsSession::read_records() {
    std::array<std::uint8_t, 2048> record{};
    for (;;) {
        const int got = SSL_read(ssl_.get(), record.data(), static_cast<int>(record.size()));
        if (got <= 0) {
            if (SSL_get_error(ssl_.get(), got) == SSL_ERROR_ZERO_RETURN) status_ = DtlsStatus::closed;
            return;
        }
        if (on_data_) on_data_(Bytes{record}.first(static_cast<std::size_t>(got)));
    }
}

void DtlsSession::send_data(Bytes packet) {
    if (status_ == DtlsStatus::connected) SSL_write(ssl_.get(), packet.data(), static_cast<int>(packet.size()));
}

void DtlsSession::finish_handshake() {
    const CPtr<X509, X509_free> peer{SSL_get1_peer_certificate(ssl_.get())};
    if (!peer || fingerprint_of(peer.get()) != remote_fingerprint_) return fail("fingerprint differs from the SDP's");
    const auto* chosen = SSL_get_selected_srtp_profile(ssl_.get());
    if (chosen == nullptr) return fail("no SRTP profile in common");
    const auto* const sizes = std::find_if(kProfiles.begin(), kProfiles.end(), [&](const auto& each) { return each.name == chosen->name; });
    if (sizes == kProfiles.end()) return fail("unexpected SRTP profile");

    std::vector<std::uint8_t> material(2 * (sizes->key + sizes->salt));
    SSL_export_keying_material(ssl_.get(), material.data(), material.size(), kExporterLabel.data(), kExporterLabel.size(), nullptr, 0, 0);
    ByteReader in{material};
    const auto client_key = in.take(sizes->key);
    const auto server_key = in.take(sizes->key);
    const auto client_salt = in.take(sizes->salt);
    const auto server_salt = in.take(sizes->salt);
    const auto join = [](Bytes key, Bytes salt) {
        std::vector<std::uint8_t> both{key.begin(), key.end()};
        both.insert(both.end(), salt.begin(), salt.end());
        return both;
    };
    const bool client = role_ == DtlsRole::client;
    keys_ = SrtpKeys{chosen->name, join(client ? client_key : server_key, client ? client_salt : server_salt),
                     join(client ? server_key : client_key, client ? server_salt : client_salt)};
    status_ = DtlsStatus::connected;
}

void DtlsSession::fail(std::string problem) {
    status_ = DtlsStatus::failed;
    problem_ = std::move(problem);
}

}  // namespace cardea::testpeer
