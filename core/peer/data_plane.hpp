// How a worker reaches the thread that owns SCTP and the data routes. Every call only queues and returns; commands of one worker keep
// their order and are never dropped, packets may be, as on a network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/strong_id.hpp"

namespace cardea {

// A peer whose DTLS is up and that has agreed to data channels.
struct DataPeer {
    PeerId id;
    std::uint32_t worker = 0;
    SourceId source;
    SinkId sink;
    std::uint16_t remote_port = 5000;
    std::uint64_t max_message = 65'536;  // RFC 8841 section 6.1: what a client that says nothing takes; 0: any size
    bool even_streams = false;           // we are the DTLS client
};

struct DataRouteOptions {
    std::optional<std::string> label;  // towards the sink; absent: the publisher's own, and its protocol
    std::string protocol;
    friend bool operator==(const DataRouteOptions&, const DataRouteOptions&) = default;
};

// Who else gets the messages of a source: a forwarder on a worker.
struct DataTap {
    ForwarderId id;
    std::uint32_t worker = 0;
};

// What one peer has waiting for the SCTP thread; kept by the peer, read and written by the queue.
struct DataBudget {
    std::uint64_t round = 0;
    std::size_t bytes = 0;
};

class DataPlane {
  public:
    virtual ~DataPlane() = default;
    virtual void open(DataPeer peer) = 0;
    // The peer is gone, or its data m-line is. Its routes go as well.
    virtual void close(PeerId peer, SourceId source, SinkId sink) = 0;
    virtual void on_packet(PeerId peer, Bytes packet, DataBudget& budget) = 0;  // SCTP, decrypted
    // The sink belongs to a peer of the calling worker; the source may be anywhere.
    virtual void route(SinkId sink, SourceId source, DataRouteOptions options) = 0;
    virtual void unroute(SinkId sink, SourceId source) = 0;
    virtual void set_sink_active(SinkId sink, bool active) = 0;
    virtual void set_source_active(SourceId source, bool active) = 0;

    virtual void tap(SourceId source, DataTap tap) = 0;
    virtual void untap(SourceId source, ForwarderId tap) = 0;
    // A source whose messages come from another gateway, without SCTP. They have one channel, ordered, reliable, without a label.
    virtual void open_remote(SourceId source) = 0;
    virtual void close_remote(SourceId source) = 0;
    virtual void on_remote_message(SourceId source, bool is_binary, Bytes message, DataBudget& budget) = 0;
};

}  // namespace cardea
