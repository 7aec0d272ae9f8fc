// One DTLS association (RFC 6347, RFC 5764), sans-IO: datagrams and time go in, datagrams are polled out. Comes after the ICE check
// that confirmed the path (so no cookie exchange is needed), hands the SRTP keys on, later carries SCTP. OpenSSL does the handshake; its
// object goes when that is done, and records are DtlsRecordLayer's.
//
// After every call that changes something (start, on_datagram, on_timeout, send, close): poll_transmit() until it is empty, look at
// state(), and arm a timer for next_timeout().
//
// Clock: OpenSSL times its retransmissions by gettimeofday and takes no other clock. Instants given here decide when OpenSSL is asked,
// OpenSSL decides whether it is due. Tests that invent time give OpenSSL the same one: tests/support/openssl_clock.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "proto/dtls/dtls_context.hpp"
#include "proto/dtls/dtls_role.hpp"
#include "proto/dtls/fingerprint.hpp"
#include "proto/dtls/record_layer.hpp"
#include "proto/dtls/sent_records.hpp"
#include "proto/srtp/srtp_keys.hpp"

struct ssl_st;

namespace cardea {

enum class DtlsFailure : std::uint8_t {
    timeout,               // the handshake's deadline passed
    fingerprint_mismatch,  // the certificate is not the one the SDP named
    no_srtp_profile,       // no SRTP profile in common
    alert,                 // the peer refused
    protocol,              // what the peer sent is not acceptable DTLS 1.2
};
[[nodiscard]] std::string_view to_text(DtlsFailure failure) noexcept;

struct DtlsIdle {};
struct DtlsHandshaking {
    Instant deadline;
};
struct DtlsConnected {
    SrtpKeys local;   // for SrtpOut
    SrtpKeys remote;  // for SrtpIn
};
struct DtlsClosed {};  // close_notify came, or close() was called
struct DtlsFailed {
    DtlsFailure reason;
    std::uint8_t alert = 0;  // RFC 5246 section 7.2, when reason is alert
};
using DtlsState = std::variant<DtlsIdle, DtlsHandshaking, DtlsConnected, DtlsClosed, DtlsFailed>;

// Datagrams in one buffer: allocation-free once it has grown, bounded, emptied as a whole.
class DatagramQueue {
  public:
    explicit DatagramQueue(std::size_t limit) noexcept : limit_{limit} {}
    bool push(Bytes datagram);  // false: full, dropped as a network would
    [[nodiscard]] std::optional<Bytes> pop() noexcept;
    [[nodiscard]] bool empty() const noexcept { return next_ == sizes_.size(); }
    void shrink() noexcept;

  private:
    std::size_t limit_;
    std::vector<std::uint8_t> bytes_;
    std::vector<std::size_t> sizes_;
    std::size_t next_ = 0;
    std::size_t offset_ = 0;
};

class DtlsTransport {
  public:
    struct Config {
        DtlsRole role = DtlsRole::server;
        Fingerprint remote;  // of the peer's certificate, from its SDP
        Duration timeout = 20s;
    };
    static constexpr std::size_t kMtu = 1172;  // largest datagram we send: 1200 with IP and UDP headers
    static constexpr std::size_t kMaxData = kMtu - 64;  // largest application message: one record of one datagram

    DtlsTransport(DtlsContext& context, Config config);
    ~DtlsTransport();
    DtlsTransport(const DtlsTransport&) = delete;
    DtlsTransport& operator=(const DtlsTransport&) = delete;

    void start(Instant now);  // the client's first flight leaves here; a server waits
    void on_datagram(Instant now, Bytes datagram);
    void on_timeout(Instant now);
    // Instant::max(): none.
    [[nodiscard]] Instant next_timeout() const noexcept { return next_timeout_; }
    // The next datagram to send; valid until the next call that changes something.
    [[nodiscard]] std::optional<Bytes> poll_transmit() noexcept { return out_.pop(); }

    [[nodiscard]] const DtlsState& state() const noexcept { return state_; }
    [[nodiscard]] const DtlsConnected* connected() const noexcept { return std::get_if<DtlsConnected>(&state_); }
    [[nodiscard]] bool is_over() const noexcept { return state_.index() >= 3; }  // closed or failed

    // Application data, one message a datagram. False: not connected, too large, or nobody has polled for 64 KiB.
    [[nodiscard]] bool send(Bytes data);
    [[nodiscard]] std::optional<Bytes> poll_data() noexcept { return in_.pop(); }

    void close();  // queues close_notify; the state becomes closed
    // Gives back the memory of the queues, which the handshake and the last data have left. Does nothing while a datagram waits.
    void trim();

  private:
    struct Free {
        void operator()(ssl_st* object) const noexcept;
    };
    friend struct DtlsCallbacks;

    void handshake();
    void finish_handshake();
    void read_first_data();
    void read_records(Bytes datagram);
    void on_alert(Bytes alert);
    [[nodiscard]] bool send_record(DtlsContent type, Bytes content);
    void fail(DtlsFailure reason);
    void update_timeout(Instant now);

    Config config_;
    DtlsState state_;
    Bytes input_;                // the one datagram that OpenSSL may read
    DatagramQueue out_;
    DatagramQueue in_;
    Instant next_timeout_ = Instant::max();
    std::uint8_t alert_ = 0;     // last fatal alert of the peer
    bool verified_ = false;      // the peer's certificate has the fingerprint of its SDP
    bool mismatch_ = false;
    SentRecords sent_;
    std::unique_ptr<ssl_st, Free> ssl_;  // until the handshake is done
    std::optional<DtlsRecordLayer> records_;  // from then on
};

}  // namespace cardea
