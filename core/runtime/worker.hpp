// One worker: a thread, an epoll set, the UDP sockets of its port, and the peers it owns outright.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/mailbox.hpp"
#include "peer/mirror_plane.hpp"
#include "peer/peer_hub.hpp"
#include "base/packet_lane.hpp"
#include "runtime/udp_socket.hpp"

namespace cardea {

class Worker final : private DatagramOutput {
  public:
    Worker(std::uint32_t index, HubOptions options, DtlsContext& dtls, PeerObserver& observer, std::vector<UdpSocket> sockets,
           PacketLane& data, MirrorLane& mirrored);
    ~Worker() override;  // stops

    void start();
    void stop();  // closes the peers and joins; commands that come later are not run
    using Command = std::function<void(PeerHub&, Instant)>;
    void post(Command command) { mailbox_.push(std::move(command)); }  // any thread
    [[nodiscard]] const std::vector<UdpSocket>& sockets() const noexcept { return sockets_; }
    // The worker's thread, inside a command: one more socket to receive on; its number, as in Path. release() closes it.
    [[nodiscard]] std::uint32_t adopt(UdpSocket socket);
    void release(std::uint32_t socket);
    [[nodiscard]] HubStatistics statistics() const;  // any thread: a copy made at the last tick
    [[nodiscard]] std::uint64_t packet_rate() const noexcept { return packet_rate_.load(std::memory_order_relaxed); }  // sent in the last second
    [[nodiscard]] std::uint64_t peer_count() const noexcept { return peer_count_.load(std::memory_order_relaxed); }

  private:
    void run();
    void turn(int timeout_ms);
    [[nodiscard]] std::size_t drain_sockets(Instant now);  // how many datagrams came
    void gather(std::size_t received);
    void run_commands(Instant now);
    void drain_data();
    void drain_mirrored(Instant now);
    std::size_t drain(UdpSocket& socket, std::uint32_t index, Instant now, std::size_t& budget);  // likewise
    [[nodiscard]] UdpSocket* socket_at(std::uint32_t index) noexcept;
    void publish_statistics();
    void send(std::span<const Datagram> datagrams) override;

    std::uint32_t index_;
    std::vector<UdpSocket> sockets_;
    std::vector<std::unique_ptr<UdpSocket>> adopted_;  // numbered after sockets_; null: the number is free
    PacketPool pool_;
    PeerHub hub_;
    Mailbox<Command> mailbox_;
    PacketLane& data_;  // SCTP on its way to our peers
    PacketBatch data_batch_;
    MirrorLane& mirrored_;  // packets of other workers' sources for our legs
    MirrorBatch mirrored_batch_;
    std::uint64_t packets_out_ = 0;  // at the last tick
    std::atomic<std::uint64_t> packet_rate_{0};
    std::vector<Command> inbox_;
    ReceiveSlots slots_;
    std::vector<UdpSocket::Received> received_;
    std::uint32_t first_socket_ = 0;  // to be read in the next turn
    Duration waited_{};  // of each socket's newest datagram, the longest
    int epoll_;
    bool stopping_ = false;
    Instant next_publish_{};
    std::atomic<std::uint64_t> peer_count_{0};
    mutable std::mutex published_mutex_;
    HubStatistics published_;
    std::thread thread_;
};

}  // namespace cardea
