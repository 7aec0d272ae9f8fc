// DTLS-SRTP (RFC 5764) of the test peer: datagrams in, datagrams out, SRTP keys when done, SCTP packets of data channels beside
// them (RFC 8261). Either role.
#pragma once

#include <openssl/ssl.h>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/cptr.hpp"
#include "certificate.hpp"

namespace cardea::testpeer {

// The profiles by their names in OpenSSL, colon separated, in order of preference.
class DtlsContext {
  public:
    DtlsContext(const Certificate& certificate, const std::string& profiles);
    [[nodiscard]] SSL_CTX* raw() const noexcept { return context_.get(); }

  private:
    CPtr<SSL_CTX, SSL_CTX_free> context_;
};

struct SrtpKeys {
    std::string profile;
    std::vector<std::uint8_t> local;  // key, then salt
    std::vector<std::uint8_t> remote;
};

enum class DtlsRole { client, server };
enum class DtlsStatus { handshaking, connected, closed, failed };

class DtlsSession {
  public:
    using Send = std::function<void(Bytes)>;
    using Receive = std::function<void(Bytes)>;
    DtlsSession(const DtlsContext& context, DtlsRole role, std::string remote_fingerprint, Send send);
    ~DtlsSession();
    DtlsSession(const DtlsSession&) = delete;
    DtlsSession& operator=(const DtlsSession&) = delete;

    void start();
    void receive(Bytes datagram);
    void retransmit_if_due();
    void on_data(Receive receive) { on_data_ = std::move(receive); }
    void send_data(Bytes packet);  // lost when not connected, as a datagram may be
    void close();  // sends close_notify
    [[nodiscard]] DtlsStatus status() const noexcept { return status_; }
    [[nodiscard]] const std::optional<SrtpKeys>& keys() const noexcept { return keys_; }
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
    [[nodiscard]] SSL* raw() const noexcept { return ssl_.get(); }

  private:
    struct Bio;
    void advance();
    void read_records();
    void finish_handshake();
    void fail(std::string problem);

    DtlsRole role_;
    std::string remote_fingerprint_;
    Send send_;
    Receive on_data_;
    std::deque<std::vector<std::uint8_t>> incoming_;
    CPtr<SSL, SSL_free> ssl_;
    DtlsStatus status_ = DtlsStatus::handshaking;
    std::optional<SrtpKeys> keys_;
    std::string problem_;
};

}  // namespace cardea::testpeer
