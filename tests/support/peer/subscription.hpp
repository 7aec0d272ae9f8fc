// The receiving half of a participant: one PeerConnection with the streams of one feed or of all of them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connection.hpp"
#include "stream_receiver.hpp"

namespace cardea::testpeer {

class Subscription {
  public:
    Subscription(const Connection::Environment& environment, Instant now);

    // The answer to the gateway's offer. `streams` is what the API says about the m-lines.
    [[nodiscard]] std::string answer(const std::string& offer, const Json& streams, Instant now);
    void tick(Instant now);
    void close() { connection_.close(); }
    void vanish() { connection_.vanish(); }
    [[nodiscard]] const Connection& connection() const noexcept { return connection_; }
    [[nodiscard]] Json report(Instant now) const;

  private:
    struct Route {
        std::string mid;
        bool repair = false;
    };
    void adopt_streams(const Json& streams, Instant now);
    void adopt_sources();
    void on_rtp(Bytes data);
    void on_rtcp(Bytes compound);
    [[nodiscard]] const SdpMedia* media_of(const RtpPacket& packet) const;
    [[nodiscard]] std::vector<ReportBlock> report_blocks(Instant now);

    Connection connection_;
    SdpDescription offer_;
    std::map<std::string, StreamReceiver> streams_;  // by mid
    std::vector<StreamReceiver> finished_;           // their m-line was given to another feed
    std::map<std::uint32_t, Route> routes_;          // by SSRC, from the SDP or learnt
    std::uint32_t own_ssrc_;
    unsigned mid_extension_ = 0;
    std::optional<Instant> report_at_;
    std::uint64_t unroutable_ = 0;
    std::uint64_t malformed_ = 0;
};

}  // namespace cardea::testpeer
