// Whoever wants every packet of a source as it comes, of all its encodings: RTP forwarders, recorders. Unlike a sink it has no
// peer behind it and chooses layers for itself. Lives on the source's worker.
#pragma once

#include "base/clock.hpp"
#include "media/packet.hpp"
#include "media/send_batch.hpp"

namespace cardea {

struct Encoding;
class Source;

class SourceTap {
  public:
    SourceTap() = default;
    SourceTap(const SourceTap&) = delete;
    SourceTap& operator=(const SourceTap&) = delete;
    virtual ~SourceTap() = default;
    // Decrypted, parsed, no duplicates; a recovered packet comes late. Not while the source is muted.
    virtual void on_packet(Instant now, Source& source, Encoding& encoding, const PacketRef& packet, SendBatch& batch) = 0;
    // The source ends: it must not be touched again.
    virtual void on_source_gone() noexcept = 0;
};

}  // namespace cardea
