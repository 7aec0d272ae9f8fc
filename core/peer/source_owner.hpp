// Whoever has sources on a worker: a peer connection, or a publisher of another gateway. It knows the way to their sender.
#pragma once

#include "base/clock.hpp"

namespace cardea {

class Source;

class SourceOwner {
  public:
    SourceOwner() = default;
    SourceOwner(const SourceOwner&) = delete;
    SourceOwner& operator=(const SourceOwner&) = delete;
    // Sends the requests that a source of this owner has due.
    virtual void send_keyframe_requests(Instant now, Source& source) = 0;

  protected:
    ~SourceOwner() = default;
};

}  // namespace cardea
