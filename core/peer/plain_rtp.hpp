// RTP outside of peer connections on one worker: forwarders to addresses, and publishers of other gateways. Sans-IO; part of the
// hub, one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "media/data_forwarder.hpp"
#include "media/rtp_forwarder.hpp"
#include "peer/remote_publisher.hpp"

namespace cardea {

class PeerHub;

class PlainRtp {
  public:
    explicit PlainRtp(PeerHub& hub) : hub_{hub} {}
    ~PlainRtp();
    PlainRtp(const PlainRtp&) = delete;
    PlainRtp& operator=(const PlainRtp&) = delete;

    void add_forwarder(Instant now, ForwardConfig config);  // nothing when the source has just gone
    void remove_forwarder(ForwarderId id);

    void open_remote(Instant now, RemoteConfig config, RemotePublisher::Sockets sockets);
    void update_remote(RemoteId id, std::vector<SourceConfig> sources);
    std::optional<RemotePublisher::Sockets> close_remote(RemoteId id);  // the sockets that are free now

    // False: not a socket of a remote publisher.
    [[nodiscard]] bool on_datagram(Instant now, const Path& path, const PacketRef& packet) {
        auto* remote = path.socket < by_socket_.size() ? by_socket_[path.socket] : nullptr;
        if (remote == nullptr) return false;
        on_remote(now, *remote, path, packet);
        return true;
    }
    // RTCP from an address that is no peer's. False: nor a forwarder's.
    [[nodiscard]] bool on_feedback(Instant now, const Path& path, const PacketRef& packet);

    // A message for a forwarder of data: its format, 0 is text, and then the message. Nothing when it has just gone.
    void on_tapped(ForwarderId id, Bytes framed);

    void on_timer(Instant now);
    [[nodiscard]] Instant next_timer() const noexcept { return next_timer_; }
    void arm(Instant at) noexcept { next_timer_ = std::min(next_timer_, at); }

  private:
    void on_remote(Instant now, RemotePublisher& remote, const Path& path, const PacketRef& packet);
    void request_keyframe(Instant now, const RtpForwarder& forwarder);
    void add_data_forwarder(ForwardConfig config);
    void index_socket(std::uint32_t socket, RemotePublisher* remote);
    template <class Predicate>
    void drop_forwarders(Predicate&& unwanted);
    void count();

    PeerHub& hub_;
    std::vector<std::unique_ptr<RtpForwarder>> forwarders_;
    std::unordered_map<ForwarderId, std::unique_ptr<DataForwarder>> data_forwarders_;
    std::uint64_t ended_packets_ = 0;  // of those that are gone
    std::unordered_map<RemoteId, std::unique_ptr<RemotePublisher>> remotes_;
    std::vector<RemotePublisher*> by_socket_;
    Instant next_report_ = Instant::max();  // of the forwarders
    Instant next_timer_ = Instant::max();
};

}  // namespace cardea
