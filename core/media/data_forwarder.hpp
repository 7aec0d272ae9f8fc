// Messages of a publisher's data channels to an address, one datagram each. Towards another gateway they are wrapped in what is Janus'
// own: an RTP header whose payload type says text (0) or binary, so that they share the port of the media. Without an SSRC to put
// there they go as they are. Lives on a worker; one thread.
#pragma once

#include <cstdint>
#include <optional>

#include "media/forward_config.hpp"
#include "media/send_batch.hpp"
#include "proto/rtp/rtp_rollover.hpp"
#include "proto/srtp/srtp.hpp"

namespace cardea {

class DataForwarder {
  public:
    // What another gateway's receive buffer holds, header and all.
    static constexpr std::size_t kMaxMessage = 1500 - 12;

    DataForwarder(ForwardConfig config, SrtpBackend backend);
    [[nodiscard]] const ForwardConfig& config() const noexcept { return config_; }
    // False: it does not fit.
    bool send(Bytes message, bool is_binary, SendBatch& batch);
    [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }

  private:
    ForwardConfig config_;
    std::optional<SrtpOut> srtp_out_;
    RtpRollover rollover_;
    std::uint16_t sequence_ = 0;
    std::uint64_t sent_ = 0;
};

}  // namespace cardea
