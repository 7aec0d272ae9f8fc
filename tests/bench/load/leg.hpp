// One peer connection of the load: a socket, ICE, DTLS, SRTP. It shares the gateway's SRTP (OpenSSL) because that is cheap; the
// tests have foreign stacks for the question whether it is right.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "certificate.hpp"
#include "data.hpp"
#include "dtls.hpp"
#include "ice.hpp"
#include "latencies.hpp"
#include "media.hpp"
#include "proto/srtp/srtp.hpp"
#include "udp.hpp"

namespace cardea::load {

struct Environment {
    const testpeer::Certificate& certificate;
    const testpeer::DtlsContext& dtls;
    std::string bind_address;
    ReceiveBatch& batch;
    Latencies& latencies;
    Latencies& audio_latencies;  // of these, too
    DataStack* data = nullptr;  // none: no data channels
};

// Packets of one SSRC, by the clear part of their headers.
struct StreamCount {
    std::uint32_t ssrc = 0;
    bool video = false;
    std::uint64_t received = 0, reordered = 0;
    std::uint64_t sampled = 0, damaged = 0;
    std::int64_t first = 0, highest = 0;  // extended sequence numbers

    [[nodiscard]] std::uint64_t lost() const noexcept {
        const auto expected = received == 0 ? 0 : static_cast<std::uint64_t>(highest - first + 1);
        return expected > received ? expected - received : 0;
    }
};

class Leg {
  public:
    using Up = std::function<void(Instant)>;
    Leg(Environment environment, Up up);

    [[nodiscard]] int fd() const noexcept { return udp_.fd(); }
    [[nodiscard]] testpeer::SdpLocal local(std::string setup) const;
    enum class Part { offerer, answerer };
    void set_remote(const testpeer::SdpDescription& remote, Part part);

    void on_readable(Instant now);
    void tick(Instant now);  // checks, DTLS retransmissions, reports: every few milliseconds while it comes up, else every 100
    void send_rtp(MutableBytes buffer, std::size_t size) noexcept;
    void send_rtcp(const std::vector<std::uint8_t>& compound);
    bool send_status(std::uint64_t number) { return data_ && data_->send(status_message(number)); }
    void close();

    [[nodiscard]] bool is_up() const noexcept { return out_.has_value(); }
    [[nodiscard]] bool has_failed() const noexcept { return dtls_ && dtls_->status() == testpeer::DtlsStatus::failed; }
    [[nodiscard]] const std::vector<StreamCount>& streams() const noexcept { return streams_; }
    void restart_counts() { streams_.clear(); }
    [[nodiscard]] const DataLink* data() const noexcept { return data_.get(); }
    [[nodiscard]] std::string profile() const { return dtls_ && dtls_->keys() ? dtls_->keys()->profile : std::string{}; }
    [[nodiscard]] std::uint64_t send_failures() const noexcept { return udp_.send_failures(); }
    [[nodiscard]] bool take_keyframe_request() noexcept { return std::exchange(keyframe_requested_, false); }

  private:
    void on_datagram(Instant now, MutableBytes datagram);
    void on_dtls(Instant now, Bytes datagram);
    void start_data();
    void on_rtp(Instant now, MutableBytes packet);
    void on_rtcp(MutableBytes packet);
    [[nodiscard]] StreamCount& stream_of(std::uint32_t ssrc, std::uint8_t payload_type);

    Environment environment_;
    Up up_;
    Udp udp_;
    Ice ice_;
    std::unique_ptr<testpeer::DtlsSession> dtls_;
    std::unique_ptr<DataLink> data_;
    std::optional<DataLink::Config> data_config_;  // both sides want it
    bool dtls_started_ = false;
    std::optional<SrtpIn> in_;
    std::optional<SrtpOut> out_;
    std::vector<StreamCount> streams_;
    std::array<std::uint8_t, 256> payload_kinds_{};  // payload type -> is video
    Instant next_tick_{}, next_report_{};
    std::uint32_t own_ssrc_;
    bool keyframe_requested_ = false;
};

}  // namespace cardea::load
