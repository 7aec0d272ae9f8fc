// One PeerConnection of the test peer: ICE, then DTLS, then SRTP. SDP and what the packets mean are the owner's business.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "dtls.hpp"
#include "ice.hpp"
#include "sdp.hpp"
#include "srtp.hpp"

namespace cardea::testpeer {

enum class ConnectionStatus { starting, up, closed, failed };

class Connection {
  public:
    struct Environment {
        const Certificate* certificate;
        const DtlsContext* dtls;
        std::string bind_address;
    };
    struct Events {
        std::function<void(Bytes)> on_rtp;
        std::function<void(Bytes)> on_rtcp;
    };
    Connection(Environment environment, Events events, Instant now);

    [[nodiscard]] SdpLocal local(std::string setup);
    enum class Part { offerer, answerer };
    // The remote description; new ICE credentials in a later one mean an ICE restart (RFC 8839 section 4.4.1.1.1).
    void set_remote(const SdpDescription& remote, Part part);
    void restart_ice() { ice_->restart(); }
    void send_rtp(std::vector<std::uint8_t> packet);
    void send_rtcp(std::vector<std::uint8_t> packet);
    void tick(Instant now);
    void close();   // with close_notify
    void vanish();  // without a word

    [[nodiscard]] ConnectionStatus status() const noexcept { return status_; }
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
    [[nodiscard]] std::string profile() const;
    [[nodiscard]] std::optional<Duration> setup_time() const noexcept { return setup_time_; }
    [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }

  private:
    void on_datagram(Bytes datagram);
    void start_srtp();
    void fail(std::string problem);

    Environment environment_;
    Events events_;
    std::unique_ptr<IceSocket> ice_;
    std::unique_ptr<DtlsSession> dtls_;
    std::optional<SrtpSession> srtp_;
    std::optional<IceCredentials> remote_ice_;
    ConnectionStatus status_ = ConnectionStatus::starting;
    std::string problem_;
    bool ice_connected_ = false;
    bool dtls_started_ = false;
    unsigned version_ = 0;
    Instant born_;
    std::optional<Duration> setup_time_;
    std::uint64_t refused_ = 0;  // packets libsrtp2 didn't accept
    std::vector<std::uint8_t> scratch_;
};

}  // namespace cardea::testpeer
