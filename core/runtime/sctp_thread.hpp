// The one thread that touches usrsctp: associations of all peers, and the data routes. Workers hand it decrypted packets and commands; it
// hands packets back through a lane per worker. Nobody waits for anybody.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "peer/data_plane.hpp"
#include "peer/data_router.hpp"
#include "runtime/data_inbox.hpp"
#include "base/packet_lane.hpp"

namespace cardea {

class SctpThread final : public DataPlane, private SctpOutput, private DataTapOutput {
  public:
    using Lanes = std::vector<std::unique_ptr<PacketLane>>;  // by worker
    explicit SctpThread(Lanes& to_workers);                  // which outlive it
    ~SctpThread() override;                                  // after the workers; joins

    [[nodiscard]] DataStatistics statistics() const;  // any thread: as of the last turn

    // Any thread.
    void open(DataPeer peer) override;
    void close(PeerId peer, SourceId source, SinkId sink) override;
    void on_packet(PeerId peer, Bytes packet, DataBudget& budget) override { inbox_.push(peer, packet, budget); }
    void route(SinkId sink, SourceId source, DataRouteOptions options) override;
    void unroute(SinkId sink, SourceId source) override;
    void set_sink_active(SinkId sink, bool active) override;
    void set_source_active(SourceId source, bool active) override;
    void tap(SourceId source, DataTap tap) override;
    void untap(SourceId source, ForwarderId tap) override;
    void open_remote(SourceId source) override;
    void close_remote(SourceId source) override;
    void on_remote_message(SourceId source, bool is_binary, Bytes message, DataBudget& budget) override;

  private:
    void run();
    void turn();
    [[nodiscard]] int wait_ms() const;
    void send_sctp(AssociationId association, Bytes packet) override;
    void send_tapped(const DataTap& tap, DataFormat format, Bytes message) override;

    Lanes& to_workers_;
    DataInbox inbox_;
    DataInbox::Contents taken_;
    SctpStack stack_;
    DataRouter router_;
    std::vector<std::uint8_t> framed_;  // a message for a forwarder
    Instant last_tick_{}, last_packet_{};
    bool stopping_ = false;
    mutable std::mutex published_mutex_;
    DataStatistics published_;
    std::thread thread_;
};

}  // namespace cardea
