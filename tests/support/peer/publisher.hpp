// The sending half of a participant: one PeerConnection with Opus and VP8.
#pragma once

#include <memory>
#include <vector>

#include "connection.hpp"
#include "options.hpp"
#include "track_sender.hpp"

namespace cardea::testpeer {

class Publisher {
  public:
    Publisher(const Connection::Environment& environment, const PeerOptions& options, unsigned hue, Instant now);

    [[nodiscard]] std::string offer();
    void accept_answer(const std::string& sdp);
    void restart_ice() { connection_.restart_ice(); }
    void tick(Instant now);
    void stop_media();
    void close() { connection_.close(); }
    void vanish() { connection_.vanish(); }
    [[nodiscard]] const Connection& connection() const noexcept { return connection_; }
    [[nodiscard]] Json report() const;

  private:
    void on_rtcp(Bytes compound);

    Connection connection_;
    std::vector<TrackSender> tracks_;
    bool started_ = false;
    bool stopped_ = false;
    std::optional<Instant> report_at_;
    unsigned feedback_ = 0, receiver_reports_ = 0, malformed_ = 0;
    std::optional<std::uint64_t> remb_;
    std::uint32_t worst_round_trip_ms_ = 0;
};

}  // namespace cardea::testpeer
