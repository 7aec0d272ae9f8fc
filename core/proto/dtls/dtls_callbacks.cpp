#include "proto/dtls/dtls_callbacks.hpp"

#include <openssl/bio.h>
#include <openssl/x509.h>

#include <algorithm>

#include "base/assert.hpp"
#include "base/cptr.hpp"
#include "base/random.hpp"
#include "proto/dtls/x509_digest.hpp"

namespace cardea {
namespace {

// RFC 6347 section 4.2.4.1 starts at one second; WebRTC peers are close by and people are waiting.
constexpr unsigned kFirstRetransmitUs = 100'000;
constexpr unsigned kLongestRetransmitUs = 3'000'000;
constexpr long kIpUdpOverhead = 28;

DtlsTransport& transport_of(const SSL* ssl) { return *static_cast<DtlsTransport*>(SSL_get_app_data(ssl)); }

bool has_fingerprint(const X509& certificate, const Fingerprint& wanted) {
    return !wanted.value.empty() && equal_constant_time(x509_digest(certificate, wanted.hash), wanted.value);
}

}  // namespace

// RFC 8122 section 6.2, RFC 5763 section 5: the certificate's fingerprint replaces the chain; dates and names mean nothing here.
int DtlsCallbacks::verify_certificate(X509_STORE_CTX* store, void*) {
    const auto* ssl = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto& transport = transport_of(ssl);
    const auto* certificate = X509_STORE_CTX_get0_cert(store);
    transport.verified_ = certificate != nullptr && has_fingerprint(*certificate, transport.config_.remote);
    transport.mismatch_ = !transport.verified_;
    X509_STORE_CTX_set_error(store, transport.verified_ ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
    return transport.verified_ ? 1 : 0;
}

unsigned DtlsCallbacks::retransmit_after(SSL*, unsigned previous_us) {
    return previous_us == 0 ? kFirstRetransmitUs : std::min(previous_us * 2, kLongestRetransmitUs);
}

void DtlsCallbacks::on_info(const SSL* ssl, int where, int value) {
    if (where != SSL_CB_READ_ALERT) return;
    const auto level = static_cast<unsigned>(value) >> 8U;
    if (level == SSL3_AL_FATAL) transport_of(ssl).alert_ = static_cast<std::uint8_t>(value);
}

// BIO_s_mem would glue datagrams together, and BIO_s_dgram_mem is OpenSSL 3.2.
struct DtlsCallbacks::Method {
    Method() : method{BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "datagram")} {
        CARDEA_ASSERT(method != nullptr);
        BIO_meth_set_write(method.get(), write);
        BIO_meth_set_read(method.get(), read);
        BIO_meth_set_ctrl(method.get(), control);
    }
    CPtr<BIO_METHOD, BIO_meth_free> method;
};

BIO* DtlsCallbacks::make_bio(DtlsTransport& transport) {
    static const Method method;
    auto* bio = BIO_new(method.method.get());
    CARDEA_ASSERT(bio != nullptr);
    BIO_set_data(bio, &transport);
    BIO_set_init(bio, 1);
    return bio;
}

int DtlsCallbacks::write(BIO* bio, const char* data, int size) {
    auto& transport = *static_cast<DtlsTransport*>(BIO_get_data(bio));
    const auto datagram = as_bytes({data, static_cast<std::size_t>(size)});
    transport.sent_.on_datagram(datagram);
    // A full queue loses the datagram, as a network would: the retransmission timer covers both.
    static_cast<void>(transport.out_.push(datagram));
    return size;
}

int DtlsCallbacks::read(BIO* bio, char* out, int size) {
    auto& input = static_cast<DtlsTransport*>(BIO_get_data(bio))->input_;
    BIO_clear_retry_flags(bio);
    if (input.empty()) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const auto taken = std::min(input.size(), static_cast<std::size_t>(size));
    std::copy_n(input.begin(), taken, out);
    input = {};
    return static_cast<int>(taken);
}

long DtlsCallbacks::control(BIO*, int command, long, void*) {
    switch (command) {
        case BIO_CTRL_FLUSH: return 1;
        case BIO_CTRL_DGRAM_QUERY_MTU: return static_cast<long>(DtlsTransport::kMtu) + kIpUdpOverhead;
        case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD: return kIpUdpOverhead;
        default: return 0;
    }
}

}  // namespace cardea
